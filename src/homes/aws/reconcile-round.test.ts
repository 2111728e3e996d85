import { describe, expect, test } from 'vitest';
import { createTestClock } from '../../../test/support/clock.ts';
import { createMemoryReconcileCheckpoints } from '../../adapters/memory/memory-reconcile-checkpoints.ts';
import { createMemoryLogger } from '../../adapters/memory/memory-recorders.ts';
import { PayhookError } from '../../core/errors.ts';
import type { EndpointSource } from '../../core/ports/provider-endpoints.ts';
import type { EventSource } from '../../core/ports/provider-events.ts';
import type { Reconcile } from '../../reconcile/reconcile.ts';
import type { RunReport } from '../../reconcile/reconcile-source.ts';
import { NOTHING_FOUND } from '../../reconcile/tally.ts';
import { createReconcileRound, type ListingProvider } from './reconcile-round.ts';

const sourceOf = (provider: string, id = `${provider}:live`): EventSource => ({
  provider,
  id,
  mode: 'live',
  credentialId: `${provider}-api#1`,
  events: { listedForMs: 1, list: async () => ({ outcome: 'page', events: [], next: null }) },
});

const reportOf = (source: EventSource, isResumed: boolean): RunReport => ({
  source: source.id,
  provider: source.provider,
  end: { outcome: 'complete' },
  isResumed,
  span: null,
  checkedUntil: 0,
  gap: null,
  tally: NOTHING_FOUND,
  clockAheadMs: 0,
  before: null,
});

const listing = (name: string, sources: readonly EventSource[] = [sourceOf(name)]): ListingProvider => ({
  name,
  sources: async () => sources,
  endpoints: async () => [endpointsOf(name)],
});

const endpointsOf = (provider: string): EndpointSource => ({
  provider,
  id: `${provider}:live`,
  mode: 'live',
  credentialId: `${provider}-api#1`,
  formerTypes: [],
  endpoints: {
    canBeDisabled: true,
    list: async () => ({ outcome: 'endpoints', endpoints: [] }),
    create: async () => ({ outcome: 'refused', reason: 'not_in_this_test' }),
    update: async () => ({ outcome: 'refused', reason: 'not_in_this_test' }),
  },
});

interface Opened {
  readonly providers: readonly ListingProvider[];
  /** Of each run, in order. @default nothing was begun before */
  readonly resumed?: readonly boolean[];
  readonly breaks?: string;
}

const open = ({ providers, resumed = [], breaks }: Opened) => {
  const logger = createMemoryLogger();
  const asked: string[] = [];
  const watched: string[] = [];
  let drained = 0;
  const reconcile: Reconcile = async ({ source }) => {
    asked.push(source.id);
    if (source.provider === breaks) throw new PayhookError('store_unavailable', 'table t is busy');
    return reportOf(source, resumed[asked.length - 1] ?? false);
  };
  const round = createReconcileRound({
    checkpoints: createMemoryReconcileCheckpoints(),
    clock: createTestClock(),
    providers,
    reconcile,
    watchEndpoints: async ({ id }) => void watched.push(id),
    logger,
    drainAlerts: async () => {
      drained += 1;
    },
  });
  return {
    logger,
    asked,
    watched,
    drained: () => drained,
    round: (leftMs = () => 300_000) => round({}, { getRemainingTimeInMillis: leftMs }),
  };
};

describe('a round of the reconciler', () => {
  test('asks each list of each provider, and once more where a run has ended what an earlier one had begun', async () => {
    const accounts = [sourceOf('stripe'), sourceOf('stripe', 'stripe:live:acct_1')];
    const { round, asked, drained } = open({
      providers: [listing('stripe', accounts), listing('square')],
      resumed: [true],
    });

    await round();

    expect(asked).toEqual(['stripe:live', 'stripe:live', 'stripe:live:acct_1', 'square:live']);
    expect(drained()).toBe(1);
  });

  test('asks the others when one breaks, says which, and fails in the end so that it is tried again', async () => {
    const { round, asked, logger, drained } = open({
      providers: [listing('stripe'), listing('square')],
      breaks: 'stripe',
    });

    await expect(round()).rejects.toMatchObject({ code: 'store_unavailable' });

    expect(asked).toEqual(['stripe:live', 'square:live']);
    expect(logger.lines).toMatchObject([
      { event: 'reconcile.failed', fields: { provider: 'stripe', code: 'store_unavailable' } },
    ]);
    expect(drained()).toBe(1);
  });

  test('begins no list for whose page there is no time left', async () => {
    const { round, asked, watched } = open({ providers: [listing('stripe')] });

    await round(() => 60_000);

    expect(asked).toEqual([]);
    expect(watched).toEqual([]);
  });

  test('looks at the endpoints of each provider behind its lists', async () => {
    const { round, watched } = open({ providers: [listing('stripe'), listing('square')] });

    await round();

    expect(watched).toEqual(['stripe:live', 'square:live']);
  });

  test('regression: fails in the end also when the time ends after a list broke', async () => {
    const { round, asked } = open({ providers: [listing('stripe'), listing('square')], breaks: 'stripe' });

    await expect(round(() => (asked.length === 0 ? 300_000 : 60_000))).rejects.toMatchObject({
      code: 'store_unavailable',
    });

    expect(asked).toEqual(['stripe:live']);
  });

  test('says once for which providers there is no credential, and how to give one', async () => {
    const { round, logger } = open({ providers: [listing('stripe', []), listing('square', []), listing('paypal')] });

    await round();
    await round();

    expect(logger.lines).toMatchObject([
      {
        event: 'reconcile.off',
        fields: {
          reason: 'no_credential',
          count: 2,
          message: 'without a credential: payhook secrets set stripe-api, payhook secrets set square-api',
        },
      },
    ]);
  });
});
