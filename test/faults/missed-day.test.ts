/**
 * The day of missed webhooks against the server as users start it: it is killed with SIGKILL in the middle of its rounds, and
 * the providers' APIs hang, fail, limit and refuse on the way. Afterwards every payment is as its provider has it, every
 * effect of a handler was made once, and each webhook that was missed was named with its money.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqlite } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { createSqlitePaymentStore } from '../../src/adapters/sqlite/sqlite-payment-store.ts';
import { createSqliteReconcileCheckpoints } from '../../src/adapters/sqlite/sqlite-reconcile-checkpoints.ts';
import { createSqliteWebhookStore } from '../../src/adapters/sqlite/sqlite-webhook-store.ts';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import type { CommandContext } from '../../src/cli/command-context.ts';
import { createSign, type Sign } from '../../src/cli/sign-delivery.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { LIMITS } from '../../src/core/limits.ts';
import type { Provider } from '../../src/core/ports/provider.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import { jsonLines, runHere } from '../cli/run-here.ts';
import { createDay, type Day, isAsPlanned, meaningOf, NAMES, paymentsOr, type Told } from '../reconcile/day.ts';
import { API_CREDENTIALS, type FakeApis, openFakeApis } from '../support/fake-apis.ts';
import {
  createTestFolder,
  type HomeSetup,
  post,
  type ServerProcess,
  spawnServer,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';

const PAYMENTS = paymentsOr(120);
const WAIT_MS_MAX = Math.max(60_000, PAYMENTS * 60);
/** Providers send side by side. */
const SENDERS = 16;
/** Rounds begin when a server starts: more of them than it takes. */
const STARTS_MAX = 40;

const CREDENTIALS = {
  PAYHOOK_STRIPE_API_CREDENTIALS: API_CREDENTIALS.stripe,
  PAYHOOK_PAYPAL_API_CREDENTIALS: API_CREDENTIALS.paypal,
  PAYHOOK_SQUARE_API_CREDENTIALS: API_CREDENTIALS.square,
};

/** What a careful team does: the effect under its idempotency id, once; `calls` also counts what comes again. */
const HANDLERS = (database: string): string => `
import { DatabaseSync } from 'node:sqlite';
const db = new DatabaseSync(${JSON.stringify(database)});
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; CREATE TABLE IF NOT EXISTS effects (id TEXT PRIMARY KEY); CREATE TABLE IF NOT EXISTS calls (id TEXT)');
const call = db.prepare('INSERT INTO calls VALUES (?)');
const effect = db.prepare('INSERT OR IGNORE INTO effects VALUES (?)');
export const handle = ({ webhookId }) => {
  call.run(webhookId);
  effect.run(webhookId);
};
`;

const rowsOf = (path: string, sql: string): readonly Record<string, unknown>[] => {
  using db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  return db.prepare(sql).all();
};

describe(`a day of ${PAYMENTS} payments, and a server that is killed`, () => {
  let day: Day;
  let apis: FakeApis;
  let folder: TestFolder;
  let database: string;
  let shop: string;
  let setup: HomeSetup;

  beforeAll(async () => {
    const now = Math.floor((Date.now() - HOUR_MS) / 1000) * 1000;
    day = createDay(now, PAYMENTS);
    apis = await openFakeApis(Date.now);
    folder = createTestFolder();
    database = join(folder.data, 'payhook.db');
    shop = join(folder.path, 'shop.db');
    setup = {
      config: {
        mode: 'test',
        edge: { requestsPerSecond: 100_000, requestsBurst: 100_000 },
        reconcile: { apiUrls: apis.urls },
      },
      handlers: HANDLERS(shop),
    };
    for (const { provider, webhookId, at, body } of day.told) {
      apis[provider].happened.push({ id: webhookId.slice(provider.length + 1), at, body: body.toString('utf8') });
    }
  });
  afterAll(async () => {
    await apis[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const signOf = async (): Promise<ReadonlyMap<string, Sign>> => {
    const loaded = await loadConfig({ env: writeSetup(folder, setup), cwd: folder.path });
    if (loaded.outcome === 'invalid') throw new Error(JSON.stringify(loaded.problems));
    const context = { clock: systemClock } as CommandContext;
    const signs = new Map<string, Sign>();
    for (const name of NAMES) {
      signs.set(name, await createSign(context, loaded.settings, providerNamed(name) as Provider));
    }
    return signs;
  };

  const deliver = async (server: ServerProcess, told: readonly Told[]): Promise<void> => {
    const signs = await signOf();
    const rest = told.values();
    const sender = async (): Promise<void> => {
      for (const { provider, body } of rest) {
        const sign = signs.get(provider) as Sign;
        await waitUntil('it is taken', async () => (await post(server.url, provider, sign(body))).status === 200);
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
  };

  const isProcessed = (count: number): boolean =>
    Number(
      rowsOf(database, "SELECT count(*) AS n FROM payment_webhooks WHERE status IN ('processed', 'ignored')")[0]?.n,
    ) === count;

  /** As if the server had last run before anything happened. */
  const beginBefore = async (): Promise<void> => {
    const executor = openSqlite({ path: database });
    const counts = { window: null, restsUntil: null, gap: null, listed: 0, missing: 0, recovered: 0, differing: 0 };
    const at = { startedAt: day.begun, checkedUntil: day.begun, lastRunAt: day.begun, lastOutcome: 'complete' };
    const checkpoints = createSqliteReconcileCheckpoints(executor);
    for (const name of NAMES) await checkpoints.put({ source: `${name}:test`, ...counts, ...at }, 0);
    await executor.close();
  };

  const isReconciled = (): boolean => {
    const checkpoints = rowsOf(database, 'SELECT checkpoint FROM reconcile_checkpoints').map(({ checkpoint }) =>
      JSON.parse(String(checkpoint)),
    );
    return checkpoints.every(({ window, checkedUntil }) => window === null && checkedUntil > day.begun);
  };

  const recoveredIn = ({ lines }: Pick<ServerProcess, 'lines'>) =>
    lines.filter(({ event }) => event === 'webhook.recovered');
  const roundsIn = ({ lines }: Pick<ServerProcess, 'lines'>) => lines.filter(({ event }) => event === 'reconcile.run');

  test(
    'comes out as its providers have it, and each missed webhook is named with its money',
    async () => {
      {
        await using server = await spawnServer({ ...setup, folder });
        const delivered = day.told.filter(({ isDelivered }) => isDelivered);
        await deliver(server, delivered);
        await waitUntil('what was delivered is processed', () => isProcessed(delivered.length), WAIT_MS_MAX);
      }
      await beginBefore();

      /** What goes wrong with the rounds of each start, and when the server is killed: else when each list had its turn. */
      const trouble: readonly { readonly before: () => void; readonly isKilled: (server: ServerProcess) => boolean }[] =
        [
          {
            // In the middle of a list: its first page is stored, its second is asked for.
            before: () => void apis.stripe.faults.push('none', 'hung'),
            isKilled: (server) => apis.stripe.requests() >= 2 && recoveredIn(server).length > 0,
          },
          {
            // While what a page has is being stored.
            before: () => void apis.stripe.faults.push({ status: 500 }),
            isKilled: (server) => recoveredIn(server).length >= Math.min(20, day.dropped.size / 10),
          },
          {
            before: () => {
              apis.stripe.faults.push('dropped');
              apis.paypal.faults.push({ status: 401 });
              apis.square.faults.push({ status: 429, retryAfter: '2' });
            },
            isKilled: () => false,
          },
          {
            before: () => {
              apis.stripe.areCursorsForgotten = true;
              apis.paypal.faults.push('none', { status: 503 });
            },
            isKilled: () => false,
          },
        ];
      const named: Record<string, unknown>[] = [];
      let starts = 0;
      for (; !isReconciled(); starts += 1) {
        expect(starts).toBeLessThan(STARTS_MAX);
        const { before, isKilled } = trouble[starts] ?? { before: () => undefined, isKilled: () => false };
        before();
        await using server = await spawnServer({ ...setup, folder, env: CREDENTIALS });
        await waitUntil(
          'it is time to kill it',
          () => isKilled(server) || roundsIn(server).length >= NAMES.length,
          WAIT_MS_MAX,
        );
        await server.stop('SIGKILL');
        apis.stripe.areCursorsForgotten = false;
        named.push(...recoveredIn(server));
      }
      expect(starts).toBeGreaterThan(trouble.length - 1);

      await using server = await spawnServer({ ...setup, folder, env: CREDENTIALS });
      await waitUntil('everything is processed', () => isProcessed(day.told.length), WAIT_MS_MAX);
      await server.stop('SIGTERM');
      named.push(...recoveredIn(server));

      await checkPayments();
      await checkNames(named, starts);
      const effects = rowsOf(shop, 'SELECT id FROM effects ORDER BY id').map(({ id }) => id);
      expect(effects).toEqual(day.told.map(({ webhookId }) => webhookId).sort());
      const env = { ...writeSetup(folder, { ...setup, env: CREDENTIALS }) };
      const again = jsonLines(await runHere(['reconcile', '--since', '5d', '--dry-run', '--json'], env));
      expect(again.map(({ missing, differing }) => [missing, differing])).toEqual(NAMES.map(() => [0, 0]));
      expect(await runHere(['audit', 'verify'], env)).toMatchObject({ code: 0 });
    },
    WAIT_MS_MAX * 4,
  );

  const checkPayments = async (): Promise<void> => {
    const executor = openSqlite({ path: database });
    const payments = createSqlitePaymentStore(executor);
    const wrong: string[] = [];
    for (const { paymentId, provider, planned } of day.payments) {
      const view = (await payments.find(paymentId)).find(({ payment }) => payment.provider === provider);
      if (!isAsPlanned(view?.payment, planned)) wrong.push(paymentId);
    }
    expect(wrong).toEqual([]);
    const store = createSqliteWebhookStore(executor);
    const origins: string[] = [];
    for (const { webhookId } of day.told) {
      if ((await store.find(webhookId))[0]?.origin === 'reconciliation') origins.push(webhookId);
    }
    expect(origins.sort()).toEqual([...day.dropped].sort());
    await executor.close();
  };

  /** A kill may come between storing and telling, of what was under way together; whatever else was recovered is named. */
  const checkNames = async (named: readonly Record<string, unknown>[], kills: number): Promise<void> => {
    const meanings = new Map(day.told.map((one) => [one.webhookId, meaningOf(one)]));
    const ids = named.map(({ webhook_id: id }) => String(id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !day.dropped.has(id))).toEqual([]);
    expect(named.filter(({ webhook_id: id, message }) => message !== meanings.get(String(id)))).toEqual([]);
    expect(ids.length).toBeGreaterThanOrEqual(day.dropped.size - kills * LIMITS.reconcileConcurrencyMax);
  };
});
