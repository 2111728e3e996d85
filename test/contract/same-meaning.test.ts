/** I9, same meaning in both homes: whatever is done in whatever order, memory and SQLite say the same. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryHome } from '../../src/adapters/memory/memory-home.ts';
import { createSqliteAuditLog } from '../../src/adapters/sqlite/sqlite-audit-log.ts';
import { openSqlite } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { createSqliteAuditedWebhooks } from '../../src/adapters/sqlite/sqlite-kept-state.ts';
import { createSqliteQueue } from '../../src/adapters/sqlite/sqlite-queue.ts';
import { createSqliteWebhookStore } from '../../src/adapters/sqlite/sqlite-webhook-store.ts';
import { NO_EFFECTS } from '../../src/core/effects.ts';
import type { Claim } from '../../src/core/ports/queue.ts';
import { isWaiting, WEBHOOK_STATUSES, type WebhookStatus } from '../../src/core/status.ts';
import type { WebhookKey } from '../../src/core/webhook.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import { insertionOf } from '../support/insertion.ts';
import { runs } from '../support/property-runs.ts';
import type { HomeHarness } from './homes.ts';

const LEASE_MS = 50;

/** A home with the claims that were handed out in it: receipts differ between homes, their order does not. */
interface Player {
  readonly home: HomeHarness;
  readonly claims: Claim[];
}

const keyOf = (number: number): WebhookKey => {
  const { webhookId, timestamp } = insertionOf({ webhookId: `stripe:evt_${number}` }).webhook;
  return { webhookId, timestamp };
};

type Command = (player: Player) => Promise<unknown>;

const insert = (number: number, status: 'received' | 'dead_lettered', body: string, transmission: number | null) => {
  const run: Command = ({ home }) =>
    home.store.insert(
      insertionOf(
        { ...keyOf(number), bodySha256: body.repeat(64), receivedAt: home.clock.now() },
        { status, transmission: transmission === null ? null : { id: `transmission-${transmission}` } },
      ),
    );
  return run;
};

const change = (number: number, revisionOffset: number, status: WebhookStatus, delayMs: number, hasClaim: boolean) => {
  const run: Command = async ({ home, claims }) => {
    const key = keyOf(number);
    const stored = await home.store.get(key);
    const claim = claims.findLast((held) => held.entry.webhookId === key.webhookId);
    const now = home.clock.now();
    return home.store.change(
      key,
      (stored?.revision ?? 1) + revisionOffset,
      {
        status,
        attempts: delayMs,
        lastError: null,
        nextAttemptAt: status === 'retrying' ? now + delayMs : null,
        effects: NO_EFFECTS,
        changedAt: now,
        actor: { type: 'component', id: 'processor' },
        reason: null,
      },
      hasClaim ? claim : undefined,
    );
  };
  return run;
};

/** Takes all that is due: which of two entries due at once comes first is nobody's promise. */
const claimAll: Command = async ({ home, claims }) => {
  const claimed = await home.queue.claim(100, LEASE_MS);
  const sorted = claimed.toSorted((a, b) => (a.entry.webhookId < b.entry.webhookId ? -1 : 1));
  claims.push(...sorted);
  return sorted.map(({ entry, enqueuedAt }) => ({ entry, enqueuedAt }));
};

const settle = (index: number, delayMs: number | null) => {
  const run: Command = async ({ home, claims }) => {
    const claim = claims[index % Math.max(1, claims.length)];
    if (claim === undefined) return undefined;
    return delayMs === null ? home.queue.complete(claim) : home.queue.retryIn(claim, delayMs);
  };
  return run;
};

const enqueue = (number: number, delayMs: number) => {
  const run: Command = async ({ home }) => {
    const stored = await home.store.get(keyOf(number));
    if (stored !== undefined && isWaiting(stored.status)) await home.queue.enqueue(stored, delayMs);
  };
  return run;
};

const advance = (ms: number) => {
  const run: Command = async ({ home }) => home.clock.advance(ms);
  return run;
};

const list = (status: WebhookStatus | undefined, sinceMs: number, limit: number) => {
  const run: Command = async ({ home }) => {
    const page = await home.store.list({ status, since: NOW + sinceMs, until: NOW + 500, limit });
    return { items: page.items, isMore: page.next !== null };
  };
  return run;
};

const number = fc.integer({ min: 1, max: 4 });
const delayMs = fc.integer({ min: 0, max: 80 });
const status = fc.constantFrom(...WEBHOOK_STATUSES);
const from = <Values extends unknown[]>(
  make: (...values: Values) => Command,
  ...values: { [Index in keyof Values]: fc.Arbitrary<Values[Index]> }
): fc.Arbitrary<{ readonly run: Command; readonly text: string }> =>
  fc.tuple(...values).map((drawn) => ({ run: make(...(drawn as Values)), text: `${make.name}(${drawn})` }));

const command = fc.oneof(
  from(
    insert,
    number,
    fc.constantFrom('received' as const, 'dead_lettered' as const),
    fc.constantFrom('a', 'b'),
    fc.constantFrom(null, 1),
  ),
  from(change, number, fc.constantFrom(0, 0, 0, 1), status, delayMs, fc.boolean()),
  from(settle, fc.nat(20), fc.option(delayMs)),
  from(enqueue, number, delayMs),
  from(advance, fc.integer({ min: 1, max: 100 })),
  from(list, fc.option(status, { nil: undefined }), fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 5 })),
  fc.constant({ run: claimAll, text: 'claimAll()' }),
);

const openPair = () => {
  const executor = openSqlite({ path: ':memory:' });
  const clocks = [createTestClock(), createTestClock()] as const;
  const memory = { ...createMemoryHome(clocks[0]), clock: clocks[0], [Symbol.asyncDispose]: async () => undefined };
  const sqlite = {
    store: createSqliteWebhookStore(executor),
    queue: createSqliteQueue(executor, clocks[1]),
    auditLog: createSqliteAuditLog(executor),
    webhooks: createSqliteAuditedWebhooks(executor),
    clock: clocks[1],
    [Symbol.asyncDispose]: () => executor.close(),
  };
  return { memory: { home: memory, claims: [] as Claim[] }, sqlite: { home: sqlite, claims: [] as Claim[] } };
};

/** What the home says, or how it failed. */
const outcomeOf = async (run: Command, player: Player): Promise<unknown> => {
  // Never two commands in one millisecond: which of two webhooks received at once is newer is nobody's promise.
  player.home.clock.advance(1);
  try {
    return await run(player);
  } catch (error) {
    return { failed: error instanceof Error ? error.message : error };
  }
};

const everythingIn = async ({ home }: Player) => ({
  webhooks: await Promise.all([1, 2, 3, 4].map((each) => home.store.find(keyOf(each).webhookId))),
  depth: await home.queue.depth(),
  entries: await home.auditLog.read(0, 1000),
  heads: await home.auditLog.heads(0, 1000),
});

describe('memory and SQLite', () => {
  test('say the same, whatever is done in whatever order (I9)', async () => {
    const property = fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 60 }), async (commands) => {
      const { memory, sqlite } = openPair();
      await using _ = sqlite.home;
      for (const { run, text } of commands) {
        expect(await outcomeOf(run, sqlite), text).toEqual(await outcomeOf(run, memory));
      }
      expect(await everythingIn(sqlite)).toEqual(await everythingIn(memory));
    });

    await fc.assert(property, runs(300));
  });
});
