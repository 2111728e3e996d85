/**
 * A morning of the example shop, as its console shows it at noon: buyers pay in three currencies, an hour ago the warehouse
 * and the bookkeeping went down. In memory, with a clock and ids of its own: every time the same.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openShop } from '../../../examples/shop/shop.ts';
import { createMemorySecretSource } from '../../../src/adapters/memory/memory-secret-source.ts';
import { createCloseDigests } from '../../../src/audit/digests.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/core/time.ts';
import type { EventHandler } from '../../../src/handlers/on.ts';
import { providerNamed } from '../../../src/providers/providers.ts';
import { createReceive } from '../../../src/receive/receive.ts';
import { sampleBody, sampleNamed } from '../../../src/samples/samples.ts';
import { paymentsOf, scenarioNamed } from '../../../src/samples/scenarios/scenarios.ts';
import { createSeededRandomness } from '../../../src/samples/scenarios/seeded-randomness.ts';
import { type ConsoleHome, openConsoleHome } from '../../../test/console/console-home.ts';
import { eventsOf, mapBody } from '../../../test/payments/webhooks.ts';
import { createSigner, type ProviderName, SECRETS, serving } from '../../../test/server/signed.ts';
import { createTestClock, NOW } from '../../../test/support/clock.ts';

export const NOON = NOW;

const DOWN_SINCE = NOW - 64 * MINUTE_MS;
const [SECRET, ROLLED_SECRET] = [
  'whsec_thatpayhookknowsofsinceyesterday0001',
  'whsec_thatwasrolledthismorningatstripe0002',
];
const LIVES = 28;
const BUYERS = 110;
const LEDGER = 'ledger';

/** In turn: what a payment that simply succeeds is called by each. */
const PAID = [
  ['stripe', 'payment_intent.succeeded', 'usd'],
  ['paypal', 'PAYMENT.CAPTURE.COMPLETED', 'usd'],
  ['stripe', 'payment_intent.succeeded', 'eur'],
  ['square', 'payment.updated', 'usd'],
  ['stripe', 'payment_intent.succeeded', 'jpy'],
] as const;

interface Told {
  readonly provider: ProviderName;
  readonly body: Uint8Array;
  readonly at: number;
}

const known = <T>(found: T | undefined): T => {
  if (found === undefined) throw new TypeError('what the day is made of is not there any more');
  return found;
};

/** Stripe says in the body that it is no test; of the others it is the address and the secret that say so. */
const live = (body: Uint8Array, currency = 'usd'): Uint8Array =>
  Buffer.from(
    Buffer.from(body)
      .toString('utf8')
      .replaceAll('"livemode": false', '"livemode": true')
      .replaceAll('"currency": "usd"', `"currency": "${currency}"`),
  );

const happenedAt = (provider: string, body: Uint8Array): number | null => {
  const parsed = providerNamed(provider)?.parse(
    { body, headers: new Map(), method: 'POST', query: '', publicUrl: null },
    { outcome: 'verified', secretId: 'any', isSimulated: false, transmission: null },
  );
  return parsed?.outcome === 'parsed' ? (parsed.events[0]?.eventAt ?? null) : null;
};

/** Whole lives of payments that end this morning, refunds and disputes in them. */
const lives = (): readonly Told[] => {
  const scenario = known(scenarioNamed('three-providers'));
  return paymentsOf(scenario, { key: 'shop', now: NOW - HOUR_MS, settingsOf: () => undefined }, LIVES).flatMap(
    ({ webhooks }, index) =>
      webhooks.map(({ provider, body }): Told => {
        const at = happenedAt(provider, body) ?? NOW - 2 * HOUR_MS;
        return { provider: provider as ProviderName, body: live(body), at: at - index * 4 * MINUTE_MS };
      }),
  );
};

/** More of them the later it is. */
const buyers = (): readonly Told[] =>
  Array.from({ length: BUYERS }, (_, index): Told => {
    const [provider, eventType, currency] = PAID[index % PAID.length] ?? PAID[0];
    const sample = known(sampleNamed(provider, eventType));
    const key = `buyer-${index}`;
    const at = NOW - Math.round((5 * HOUR_MS * (BUYERS - index) ** 2) / BUYERS ** 2) - 20 * SECOND_MS;
    const body = sampleBody(provider, sample, { eventId: key, now: at, randomness: createSeededRandomness(key) });
    return { provider, body: live(body, currency), at };
  });

/** The shop's own handlers; shipping fails while the warehouse is down. */
const shopHandlers = async (isDown: () => boolean): Promise<Readonly<Record<string, EventHandler>>> => {
  const handlers = await import('../../../examples/shop/handlers.ts');
  return {
    ...handlers,
    shipOrder: {
      ...handlers.shipOrder,
      call: (event, context) => {
        if (isDown()) throw new Error('the warehouse is down');
        return handlers.shipOrder.call(event, context);
      },
    },
  };
};

/** A shop knows its orders before the provider knows of a payment. */
const takeOrders = (shop: ReturnType<typeof openShop>, told: readonly Told[]): void => {
  const known = new Set<string>();
  for (const { provider, body } of told) {
    const mapped = mapBody(provider, body);
    const [event] = mapped.outcome === 'events' ? eventsOf(mapped) : [];
    if (event === undefined || !('paymentNames' in event) || event.amount === null) continue;
    for (const { id } of event.paymentNames) {
      if (known.has(id)) continue;
      known.add(id);
      shop.takeOrder({ orderId: `ORDER-${known.size}`, provider, paymentId: id, ...event.amount });
    }
  }
};

const SETTINGS = {
  stripe: { toleranceSeconds: 300 },
  square: { notificationUrl: null },
  paypal: { certificateTrust: 'host-pinned', trustedRoots: [], intermediates: [], isSimulatorAllowed: false },
};

const createDeliver = async (home: ConsoleHome) => {
  const { sign, leafPem } = await createSigner(NOW - 20 * DAY_MS);
  const secrets = { ...SECRETS, square: `live:${SECRETS.square}` };
  const receive = createReceive({
    ...home,
    providers: new Map(
      Object.entries(SETTINGS).map(([name, settings]) => [name, { provider: known(providerNamed(name)), settings }]),
    ),
    secrets: createMemorySecretSource(new Map(Object.entries(secrets).map(([name, secret]) => [name, [secret]]))),
    certificates: serving(leafPem),
    retentionMs: 400 * DAY_MS,
  });
  return async ({ provider, body }: Told): Promise<void> => {
    const now = home.clock.now();
    const { headers } = sign(provider, body, { now });
    const { outcome } = await receive({
      providerName: provider,
      delivery: {
        body,
        headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]])),
        method: 'POST',
        query: '',
        publicUrl: 'https://shop.example.com/webhook/square',
      },
      receivedAt: now,
      traceId: home.randomness.id(),
    });
    if (outcome !== 'accepted') throw new Error(`${provider} was answered: ${outcome}`);
  };
};

/** What waits for the bookkeeping, as long as it answers. */
const sendOn = async ({ destinations, clock }: ConsoleHome): Promise<void> => {
  const claims = await destinations.claim(LEDGER, 100, MINUTE_MS);
  await destinations.settle(
    claims.map((claim) => ({ claim, outcome: 'delivered' })),
    clock.now(),
  );
};

const play = async (home: ConsoleHome, told: readonly Told[]): Promise<void> => {
  const { clock, randomness } = home;
  const deliver = await createDeliver(home);
  for (const one of told) {
    clock.set(Math.max(clock.now(), one.at + 180 + Math.floor(randomness.fraction() * 700)));
    await deliver(one);
    clock.advance(4 + Math.floor(randomness.fraction() * 40));
    await home.work();
    if (clock.now() < DOWN_SINCE) await sendOn(home);
  }
  home.secrets.splice(0, home.secrets.length, SECRET);
  await home.reject('evt_1SjPqk2eZvKYlo2C', ROLLED_SECRET, '3.18.12.63');
  await createCloseDigests(home)();
};

export interface ShopDay extends Disposable {
  readonly home: ConsoleHome;
  readonly jobId: string;
}

export const openShopDay = async (): Promise<ShopDay> => {
  const told = [...lives(), ...buyers()].toSorted((a, b) => a.at - b.at);
  const folder = mkdtempSync(join(tmpdir(), 'payhook-screenshots-'));
  // biome-ignore lint/style/noProcessEnv: where the example shop looks for its database.
  process.env.SHOP_DATABASE = join(folder, 'shop.db');
  const shop = openShop(join(folder, 'shop.db'));
  takeOrders(shop, told);
  const clock = createTestClock((told[0]?.at ?? NOW) - HOUR_MS);
  const home = openConsoleHome({
    clock,
    handler: null,
    handlers: await shopHandlers(() => clock.now() >= DOWN_SINCE),
    destinations: [{ name: LEDGER, events: ['payment.*', 'refund.*', 'dispute.*'] }],
    attemptsMax: 2,
  });
  await play(home, told);
  clock.set(NOW);
  return {
    home,
    jobId: (await home.ask({ reason: 'the warehouse is back, INC-812', mode: 'live', aboveWebhooks: 10 })).id,
    [Symbol.dispose]: () => {
      shop.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
