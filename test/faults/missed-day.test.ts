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
import {
  createDay,
  createNamed,
  type Day,
  firstWrong,
  isAsPlanned,
  NAMES,
  paymentsOr,
  type Told,
} from '../reconcile/day.ts';
import { API_CREDENTIALS, type FakeApis, openFakeApis } from '../support/fake-apis.ts';
import {
  compileServer,
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
const WAIT_MS_MAX = Math.max(150_000, PAYMENTS * 60);
/** Providers send side by side. */
const SENDERS = 16;
/** Between looks at all that is stored. */
const LOOK_MS = Math.max(10, PAYMENTS / 20);
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
      apis[provider].happened.push({ id: webhookId.slice(provider.length + 1), at, body });
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
        await waitUntil(
          'it is taken',
          async () => (await post(server.url, provider, sign(Buffer.from(body)))).status === 200,
        );
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

  /** What a server has told since it was started, counted; what was recovered is looked at as it is told. */
  const createTold = (named: ReturnType<typeof createNamed>) => {
    const counts = { recovered: 0, rounds: 0 };
    const onLine = ({ event, webhook_id: id, message }: Readonly<Record<string, unknown>>): void => {
      if (event === 'reconcile.run') counts.rounds += 1;
      if (event !== 'webhook.recovered') return;
      counts.recovered += 1;
      named.add(String(id), String(message));
    };
    return { counts, onLine };
  };
  type Counts = ReturnType<typeof createTold>['counts'];

  test(
    'comes out as its providers have it, and each missed webhook is named with its money',
    async () => {
      {
        await using server = await spawnServer({ ...setup, folder, onLine: () => undefined });
        const delivered = day.told.filter(({ isDelivered }) => isDelivered);
        await deliver(server, delivered);
        await waitUntil('what was delivered is processed', () => isProcessed(delivered.length), WAIT_MS_MAX, LOOK_MS);
      }
      await beginBefore();

      /** What goes wrong with the rounds of each start, and when the server is killed: else when each list had its turn. */
      const trouble: readonly { readonly before: () => void; readonly isKilled: (counts: Counts) => boolean }[] = [
        {
          // In the middle of a list: its first page is stored, its second is asked for.
          before: () => void apis.stripe.faults.push('none', 'hung'),
          isKilled: ({ recovered }) => apis.stripe.requests() >= 2 && recovered > 0,
        },
        {
          // While what a page has is being stored.
          before: () => void apis.stripe.faults.push({ status: 500 }),
          isKilled: ({ recovered }) => recovered >= Math.min(20, day.dropped.size / 10),
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
      const named = createNamed(day);
      await compileServer();
      let starts = 0;
      for (; !isReconciled(); starts += 1) {
        expect(starts).toBeLessThan(STARTS_MAX);
        const { before, isKilled } = trouble[starts] ?? { before: () => undefined, isKilled: () => false };
        before();
        const { counts, onLine } = createTold(named);
        await using server = await spawnServer({ ...setup, folder, env: CREDENTIALS, onLine });
        await waitUntil('it is time to kill it', () => isKilled(counts) || counts.rounds >= NAMES.length, WAIT_MS_MAX);
        await server.stop('SIGKILL');
        apis.stripe.areCursorsForgotten = false;
      }
      expect(starts).toBeGreaterThan(trouble.length - 1);

      const { onLine } = createTold(named);
      await using server = await spawnServer({ ...setup, folder, env: CREDENTIALS, onLine });
      await waitUntil('everything is processed', () => isProcessed(day.told.length), WAIT_MS_MAX, LOOK_MS);
      await server.stop('SIGTERM');

      await checkPayments();
      // A kill may come between storing and telling, of what was under way together; whatever else was recovered is named.
      expect(named.wrong()).toEqual([]);
      expect(named.count()).toBeGreaterThanOrEqual(day.dropped.size - starts * LIMITS.reconcileConcurrencyMax);
      await checkEffects();
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
    const otherwise = await firstWrong(
      day.payments,
      ({ paymentId }) => paymentId,
      async ({ paymentId, provider, planned }) =>
        isAsPlanned(
          (await payments.find(paymentId)).find((one) => one.payment.provider === provider)?.payment,
          planned,
        ),
    );
    expect(otherwise).toEqual([]);
    const store = createSqliteWebhookStore(executor);
    const ofAnotherOrigin = await firstWrong(
      day.told,
      ({ webhookId }) => webhookId,
      async ({ webhookId }) =>
        ((await store.find(webhookId))[0]?.origin === 'reconciliation') === day.dropped.has(webhookId),
    );
    expect(ofAnotherOrigin).toEqual([]);
    await executor.close();
  };

  /** One for each webhook, and none besides. */
  const checkEffects = async (): Promise<void> => {
    using db = new DatabaseSync(shop, { readOnly: true, timeout: 5000 });
    const effect = db.prepare('SELECT 1 FROM effects WHERE id = ?');
    const isThere = ({ webhookId }: Told): boolean => effect.get(webhookId) !== undefined;
    expect(await firstWrong(day.told, ({ webhookId }) => webhookId, isThere)).toEqual([]);
    expect(db.prepare('SELECT count(*) AS n FROM effects').get()).toEqual({ n: day.told.length });
  };
});
