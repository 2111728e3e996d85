/**
 * A thousand payments over three providers, told by their webhooks in any order and twice, while the server is killed with
 * SIGKILL and started again. Every payment has to come out as planned, every effect of a handler to be made once, and
 * every event to reach its destination.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test } from 'vitest';
import { runHere } from '../cli/run-here.ts';
import { compileServer, createTestFolder, MAIN, PROJECT_ROOT, writeSetup } from '../support/running-server.ts';

const PAYMENTS = 1000;
/** The server is killed when so many events have reached the destination. */
const KILLS_AT = [100, 500, 1200, 2200, 3200];

/** What a careful team does: effect and idempotency id in one transaction. `calls` also counts those that come again. */
const HANDLERS = (database: string): string => `
import { DatabaseSync } from 'node:sqlite';
import { on } from ${JSON.stringify(join(PROJECT_ROOT, 'src', 'payhook.ts'))};
const db = new DatabaseSync(${JSON.stringify(database)});
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY, payment TEXT); CREATE TABLE IF NOT EXISTS calls (id TEXT)');
const call = db.prepare('INSERT INTO calls VALUES (?)');
const ship = db.prepare('INSERT OR IGNORE INTO shipped VALUES (?, ?)');
export const shipOrder = on('payment.succeeded', (event, { idempotencyId }) => {
  call.run(idempotencyId);
  ship.run(idempotencyId, event.provider + ' ' + event.paymentId);
});
`;

const folder = createTestFolder();
let server: ChildProcess | undefined;
let destination: Server | undefined;

afterEach(() => {
  server?.kill('SIGKILL');
  destination?.close();
  folder[Symbol.dispose]();
});

const startDestination = async (delivered: Map<string, number>): Promise<string> => {
  destination = createServer((request, response) => {
    const id = String(request.headers['webhook-id']);
    delivered.set(id, (delivered.get(id) ?? 0) + 1);
    request.resume();
    request.on('end', () => response.writeHead(204).end());
  });
  destination.listen(0, '127.0.0.1');
  await once(destination, 'listening');
  return `http://127.0.0.1:${(destination.address() as AddressInfo).port}/events`;
};

/** Resolves with the port when it has started. */
const startServer = async (env: Readonly<Record<string, string>>): Promise<number> => {
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    cwd: folder.path,
    env: { ...env, PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  server = child;
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const { event, port }: { event?: string; port?: number } = JSON.parse(line);
    if (event !== 'server.started') continue;
    child.stdout.resume();
    return port ?? 0;
  }
  throw new Error('the server ended before it had started');
};

const killServer = async (): Promise<void> => {
  if (server === undefined || server.exitCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
};

const rowsOf = (path: string, sql: string): Record<string, unknown>[] => {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
};

const until = async (what: string, isSo: () => boolean): Promise<void> => {
  const deadline = Date.now() + 500_000;
  while (!isSo()) {
    expect(Date.now(), what).toBeLessThan(deadline);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

describe('I4 effects, I7 monotonic', () => {
  test(`${PAYMENTS} payments, shuffled and told twice, come out as planned over ${KILLS_AT.length} kills`, {
    timeout: 600_000,
  }, async () => {
    await compileServer();
    const delivered = new Map<string, number>();
    const shop = join(folder.path, 'shop.db');
    const env = writeSetup(folder, {
      config: {
        edge: { requestsPerSecond: 100_000, requestsBurst: 100_000 },
        destinations: {
          ledger: { kind: 'http', url: await startDestination(delivered), arePrivateAddressesAllowed: true },
        },
      },
      handlers: HANDLERS(shop),
    });
    const port = await startServer(env);
    const fixed = { ...env, PAYHOOK_PORT: String(port), PAYHOOK_OPERATIONS_PORT: '0' };

    const playing = runHere(
      ['send', 'scenario', 'three-providers', '--count', String(PAYMENTS), '--shuffle', '--duplicate', '--seed', '7'],
      fixed,
    );
    for (const count of KILLS_AT) {
      await until(`${count} events are delivered`, () => delivered.size >= count);
      await killServer();
      await startServer(fixed);
    }
    const played = await playing;

    expect(played.stderr).toBe('');
    expect(played.stdout).toContain(`payments    ${PAYMENTS} of ${PAYMENTS} came out as planned`);
    expect(played.code).toBe(0);
    const database = join(folder.data, 'payhook.db');
    const waiting = "SELECT count(*) AS n FROM destination_entries WHERE state <> 'delivered'";
    await until('everything is delivered', () => rowsOf(database, waiting)[0]?.n === 0);
    const entries = Number(rowsOf(database, 'SELECT count(*) AS n FROM destination_entries')[0]?.n);
    expect(entries).toBeGreaterThan(PAYMENTS * 2);
    expect(delivered.size).toBe(entries);

    const shipped = rowsOf(shop, 'SELECT payment, count(*) AS n FROM shipped GROUP BY payment');
    const paid = rowsOf(database, "SELECT count(*) AS n FROM payments WHERE status NOT IN ('canceled', 'failed')");
    expect(shipped.length).toBe(paid[0]?.n);
    expect(shipped.filter(({ n }) => n !== 1)).toEqual([]);
    const calls = Number(rowsOf(shop, 'SELECT count(*) AS n FROM calls')[0]?.n);
    expect(calls).toBeGreaterThanOrEqual(shipped.length);
    expect(await runHere(['audit', 'verify'], fixed)).toMatchObject({ code: 0 });
  });
});
