import { describe, expect, test } from 'vitest';
import { createTestClock } from '../../test/support/clock.ts';
import { createMemoryReconcileCheckpoints } from '../adapters/memory/memory-reconcile-checkpoints.ts';
import { LIMITS } from '../core/limits.ts';
import type { EndpointSource } from '../core/ports/provider-endpoints.ts';
import type { EventSource } from '../core/ports/provider-events.ts';
import { MINUTE_MS, SECOND_MS } from '../core/time.ts';
import type { Reconcile } from './reconcile.ts';
import { takeTurns } from './take-turns.ts';
import { NOTHING_FOUND } from './tally.ts';

const HANG_MS = 30 * SECOND_MS;
const PAGE_MS = SECOND_MS;

const sourceOf = (provider: string, number: number): EventSource => ({
  provider,
  id: `${provider}:${number}`,
  mode: 'live',
  credentialId: `${provider}-api#${number}`,
  events: { listedForMs: 1, list: async () => ({ outcome: 'page', events: [], next: null }) },
});

const listsOf = (provider: string, count: number, endpoints: readonly EndpointSource[] = []) => ({
  provider,
  sources: Array.from({ length: count }, (_, number) => sourceOf(provider, number)),
  endpoints,
});

interface Opened {
  /** Whose requests are never answered. */
  readonly hangs?: string;
  /** Pages that the first run of each of these lists has. @default one */
  readonly pages?: Readonly<Record<string, number>>;
  readonly roundMs?: number;
}

const open = ({ hangs, pages = {}, roundMs = 10 * MINUTE_MS }: Opened) => {
  const clock = createTestClock();
  const checkpoints = createMemoryReconcileCheckpoints();
  const left = new Map(Object.entries(pages));
  /** When each list was asked, in seconds of the round. */
  const asked: (readonly [string, number])[] = [];
  const ran = async (source: string, lastOutcome: string): Promise<void> => {
    const before = await checkpoints.get(source);
    const at = clock.now();
    const kept = { startedAt: at, checkedUntil: at, window: null, restsUntil: null, gap: null, lastRunAt: at };
    const counts = { listed: 0, missing: 0, recovered: 0, differing: 0 };
    await checkpoints.put({ source, ...kept, ...counts, lastOutcome }, before?.revision ?? 0);
  };
  let seconds = clock.stopwatch();
  const reconcile: Reconcile = async ({ source, isStopping = () => false }) => {
    asked.push([source.id, seconds()]);
    const isHanging = source.provider === hangs;
    let isContinued = false;
    for (let page = left.get(source.id) ?? 1; page > 0; page -= 1) {
      isContinued = isStopping();
      if (isContinued) break;
      clock.advance(isHanging ? HANG_MS : PAGE_MS);
      left.set(source.id, page - 1);
    }
    const outcome = isContinued ? 'to_be_continued' : 'complete';
    await ran(source.id, outcome);
    return {
      source: source.id,
      provider: source.provider,
      end: isHanging ? { outcome: 'unavailable', reason: 'timed_out' } : { outcome },
      isResumed: false,
      span: null,
      checkedUntil: 0,
      gap: null,
      tally: NOTHING_FOUND,
      clockAheadMs: 0,
      before: null,
    };
  };
  return {
    asked,
    round: (...lists: ReturnType<typeof listsOf>[]) => {
      asked.length = 0;
      seconds = clock.stopwatch();
      const mine = seconds;
      return takeTurns(
        {
          checkpoints,
          reconcile,
          watchEndpoints: async ({ id }) => ran(`${id} endpoints`, 'heard'),
          clock,
          isStopping: () => mine() * SECOND_MS >= roundMs,
          onBroken: (_, thrown) => {
            throw thrown;
          },
        },
        lists,
      );
    },
  };
};

describe('providers that are asked in turns', () => {
  test('do not wait for one that hangs for longer than its turn and a request, however many accounts it has', async () => {
    const { round, asked } = open({ hangs: 'stripe' });

    expect(await round(listsOf('stripe', 100), listsOf('paypal', 2))).toBe(false);

    const [first = ['', 0], second = ['', 0]] = asked.filter(([source]) => source.startsWith('paypal'));
    expect(first[1] * SECOND_MS).toBeLessThanOrEqual(LIMITS.reconcileTurnMsMax + HANG_MS);
    expect(second[1] - first[1]).toBe(PAGE_MS / SECOND_MS);
    expect(asked.length).toBeGreaterThan(15);
  });

  test('are all asked in the end: the next round begins with what the last one did not come to', async () => {
    const { round, asked } = open({ hangs: 'stripe' });
    const seen = new Set<string>();
    let rounds = 0;
    for (; seen.size < 101; rounds += 1) {
      await round(listsOf('stripe', 100), listsOf('paypal', 1));
      for (const [source] of asked) seen.add(source);
      expect(asked.some(([source]) => source === 'paypal:0')).toBe(true);
    }

    expect(rounds).toBeLessThanOrEqual(6);
  });

  test('regression: those whose turn the time of a function did not reach come first in the next one', async () => {
    const { round, asked } = open({ hangs: 'stripe', roundMs: LIMITS.reconcileTurnMsMax });
    await round(listsOf('stripe', 10), listsOf('paypal', 1));
    expect(asked.map(([source]) => source)).toEqual(['stripe:0']);

    await round(listsOf('stripe', 10), listsOf('paypal', 1));

    expect(asked.map(([source]) => source)).toEqual(['paypal:0', 'stripe:1']);
  });

  test('go on with a long list when it is their turn again, and to its end once they are alone', async () => {
    const { round, asked } = open({ pages: { 'stripe:0': 100 } });

    expect(await round(listsOf('stripe', 1), listsOf('paypal', 3))).toBe(true);

    expect(asked.map(([source]) => source)).toEqual(['stripe:0', 'paypal:0', 'paypal:1', 'paypal:2', 'stripe:0']);
  });
});
