/**
 * `npm run example`: starts Payhook with the shop's configuration, lets buyers pay through Stripe, PayPal and Square in
 * shuffled order with every webhook twice, and shows that every order was shipped once and every amount booked once.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { Money } from 'payhook';
import { processContext } from '../../src/cli/command-context.ts';
import { moneyText } from '../../src/cli/payment-text.ts';
import { sendScenario } from '../../src/cli/send-scenario.ts';
import { tableLines } from '../../src/cli/table.ts';
import { startLedgerService } from './ledger-service.ts';
import { openShop, type Shop } from './shop.ts';

const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'payhook');
const PAYMENTS = 14;
const WAIT_MS_MAX = 20_000;

type Environment = Readonly<Record<string, string | undefined>>;

const say = (line = ''): void => void process.stdout.write(`${line}\n`);

const heading = (title: string): void => {
  say();
  say(title);
  say('-'.repeat(title.length));
};

/** The port, once the server says that it listens. */
const startPayhook = async (env: Environment): Promise<{ readonly child: ChildProcess; readonly port: number }> => {
  const child = spawn(process.execPath, [LAUNCHER, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  // Also when it is interrupted nothing is left: the server stops, and only then its data is removed.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      child.once('exit', () => process.exit(1));
      child.kill('SIGTERM');
    });
  }
  const words = text(child.stderr);
  const port = await new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { event, port: listening } = JSON.parse(line) as { readonly event?: string; readonly port?: number };
      if (event === 'server.started') resolve(Number(listening));
    });
    child.once('error', reject);
    // What it says to people is only of interest when it does not start.
    child.once('exit', async () => reject(new Error(`Payhook did not start: ${await words}`)));
  });
  return { child, port };
};

const payhook = async (env: Environment, ...args: readonly string[]): Promise<string> => {
  const child = spawn(process.execPath, [LAUNCHER, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return output;
};

/** Until the line of the ledger's destination is empty. */
const waitForDestination = async (env: Environment): Promise<void> => {
  const until = performance.now() + WAIT_MS_MAX;
  while (performance.now() < until) {
    const { waiting } = JSON.parse(await payhook(env, 'destinations', 'list', '--json')) as {
      readonly waiting: number;
    };
    if (waiting === 0) return;
    await pause(250);
  }
  throw new Error(`the ledger service has not got everything within ${WAIT_MS_MAX / 1000} seconds`);
};

const sumText = (amounts: readonly Money[]): string => {
  const [first] = amounts;
  if (first === undefined) return '-';
  return moneyText({ ...first, minor: amounts.reduce((sum, { minor }) => sum + minor, 0n) });
};

/** Whether each order was shipped at most once. */
const showShop = (shop: Shop): boolean => {
  const ledger = shop.ledger();
  const orders = shop.orders();
  heading('The shop’s orders');
  const rows = orders.map((order) => {
    const bookings = ledger.filter(({ orderId }) => orderId === order.orderId);
    const whats = bookings.map((booking) => `${booking.what} ${moneyText(booking)}`);
    return [
      order.orderId,
      order.provider,
      moneyText(order),
      order.state,
      String(order.shipments),
      sumText(bookings),
      whats.join(', ') + (order.note === '' ? '' : `  (${order.note})`),
    ];
  });
  const header = ['ORDER', 'PAID BY', 'TOTAL', 'STATE', 'SHIPPED', 'KEPT', 'LEDGER'];
  for (const line of tableLines(header, rows, process.stdout.columns)) say(line);
  return orders.every(({ state, shipments }) => shipments === (state === 'shipped' ? 1 : 0));
};

const play = async (folder: string): Promise<number> => {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const ledgerService = await startLedgerService(secret);
  const database = join(folder, 'shop.db');
  const shop = openShop(database);
  const context = processContext();
  const env: Environment = {
    ...Object.fromEntries(Object.entries(context.env).filter(([name]) => !name.startsWith('PAYHOOK_'))),
    PAYHOOK_CONFIG: join(import.meta.dirname, 'payhook.config.ts'),
    PAYHOOK_DATA_DIR: join(folder, 'payhook'),
    PAYHOOK_PORT: '0',
    PAYHOOK_LOG_FORMAT: 'json',
    PAYHOOK_DESTINATION_SECRETS: `ledger=${secret}`,
    SHOP_DATABASE: database,
    SHOP_LEDGER_URL: ledgerService.url,
  };
  const { child, port } = await startPayhook(env);
  try {
    heading(`Buyers pay: payhook send scenario three-providers --count ${PAYMENTS} --shuffle --duplicate`);
    const sent = await sendScenario({ ...context, env }, 'three-providers', {
      url: `http://127.0.0.1:${port}`,
      count: PAYMENTS,
      shuffle: true,
      duplicate: true,
      // A shop knows its orders before the provider knows of a payment.
      beforeSending: (payments) => {
        payments.forEach(({ provider, paymentId, asked }, index) => {
          shop.takeOrder({ orderId: `ORDER-${101 + index}`, provider, paymentId, ...asked });
        });
      },
    });
    await waitForDestination(env);
    const isShippedOnce = showShop(shop);
    heading('What Payhook knows: payhook payments list');
    say((await payhook(env, 'payments', 'list')).trimEnd());
    heading('Summary');
    const { received } = ledgerService;
    const repeats = [...received.values()].reduce((sum, times) => sum + times - 1, 0);
    say(
      `orders      ${isShippedOnce ? 'every order that was paid was shipped once' : 'NOT every order was shipped once'}`,
    );
    say(
      `ledger      got ${received.size} payment events, signed; ${repeats} of them again, ${ledgerService.refused()} refused`,
    );
    say('the code    examples/shop/handlers.ts and ledger-service.ts');
    return sent === 0 && isShippedOnce && ledgerService.refused() === 0 ? 0 : 1;
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
    shop.close();
    ledgerService.stop();
  }
};

const folder = mkdtempSync(join(tmpdir(), 'payhook-shop-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
process.exitCode = await play(folder);
