/** What every adapter of metrics keeps: each call is counted once, under the same name of outcome, with labels out of closed lists. */
import { describe, expect } from 'vitest';
import type { AttemptEnd, DeliveryOutcome, Metrics, SendOutcome } from '../../src/core/ports/metrics.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';

/** What an adapter counted, in the words of the port. */
export interface Count {
  readonly call: keyof Metrics;
  /** The provider, or the destination. */
  readonly of: string;
  /** Null for what has none. */
  readonly outcome: string | null;
  readonly count: number;
}

export interface MetricsHarness {
  readonly metrics: Metrics;
  /** What was counted since it was opened; several series of the same call, name and outcome are one. */
  readonly counted: () => Promise<readonly Count[]>;
  /** Names and labels of everything that was written, each once: what is stored and paid for. */
  readonly series: () => Promise<readonly string[]>;
}

export type OpenMetrics = () => MetricsHarness;

/** Complete: the compiler misses what is not there. */
const namesOf = <Name extends string>(names: Record<Name, true>): readonly Name[] => Object.keys(names) as Name[];

const DELIVERIES = namesOf<DeliveryOutcome>({
  accepted: true,
  duplicate: true,
  rejected: true,
  unavailable: true,
  too_large: true,
  refused: true,
});
const ATTEMPTS = namesOf<AttemptEnd>({
  processed: true,
  ignored: true,
  retrying: true,
  dead_lettered: true,
  skipped: true,
});
const SENDS = namesOf<SendOutcome>({ delivered: true, failed: true, given_up: true });

const defineOutcomeTests = (test: ContractTest, open: OpenMetrics): void => {
  for (const outcome of DELIVERIES) {
    test(`counts a delivery that was ${outcome}, by provider`, async () => {
      const { metrics, counted } = open();

      metrics.delivery('stripe', outcome, 0.25);

      expect(await counted()).toEqual([{ call: 'delivery', of: 'stripe', outcome, count: 1 }]);
    });
  }

  for (const outcome of ATTEMPTS) {
    test(`counts an attempt that ended as ${outcome}, by provider`, async () => {
      const { metrics, counted } = open();

      metrics.attempt('square', outcome, 1.5);

      expect(await counted()).toEqual([{ call: 'attempt', of: 'square', outcome, count: 1 }]);
    });
  }

  for (const outcome of SENDS) {
    test(`counts an attempt to deliver that was ${outcome}, by destination`, async () => {
      const { metrics, counted } = open();

      metrics.destination('ledger', outcome, 0.5);

      expect(await counted()).toEqual([{ call: 'destination', of: 'ledger', outcome, count: 1 }]);
    });
  }

  test('counts masked values, not the calls, by provider', async () => {
    const { metrics, counted } = open();

    metrics.cardDataFound('adyen', 3);
    metrics.cardDataFound('adyen', 2);

    expect(await counted()).toEqual([{ call: 'cardDataFound', of: 'adyen', outcome: null, count: 5 }]);
  });

  test('counts duplicates that say something else, by provider', async () => {
    const { metrics, counted } = open();

    metrics.duplicateDiffers('stripe');
    metrics.duplicateDiffers('stripe');

    expect(await counted()).toEqual([{ call: 'duplicateDiffers', of: 'stripe', outcome: null, count: 2 }]);
  });

  test('counts webhooks of types that the catalogue did not have, by provider', async () => {
    const { metrics, counted } = open();

    metrics.unknownType('square');

    expect(await counted()).toEqual([{ call: 'unknownType', of: 'square', outcome: null, count: 1 }]);
  });
};

const defineSeriesTests = (test: ContractTest, open: OpenMetrics): void => {
  test('adds up what is the same, and keeps providers, destinations and outcomes apart', async () => {
    const { metrics, counted } = open();

    metrics.delivery('stripe', 'accepted', 0.1);
    metrics.delivery('paypal', 'accepted', 0.1);
    metrics.delivery('stripe', 'accepted', 0.2);
    metrics.attempt('stripe', 'processed', 0.1);
    metrics.destination('stripe', 'delivered', 0.1);

    const counts = await counted();
    expect(counts).toHaveLength(4);
    expect(counts).toEqual(
      expect.arrayContaining([
        { call: 'delivery', of: 'stripe', outcome: 'accepted', count: 2 },
        { call: 'delivery', of: 'paypal', outcome: 'accepted', count: 1 },
        { call: 'attempt', of: 'stripe', outcome: 'processed', count: 1 },
        { call: 'destination', of: 'stripe', outcome: 'delivered', count: 1 },
      ]),
    );
  });

  test('counts a rejected delivery once, whatever the reason', async () => {
    const { metrics, counted } = open();

    metrics.delivery('stripe', 'rejected', 0.1, 'signature_mismatch');
    metrics.delivery('stripe', 'rejected', 0.1, 'signature_missing');

    expect(await counted()).toEqual([{ call: 'delivery', of: 'stripe', outcome: 'rejected', count: 2 }]);
  });

  test('makes no series of its own for how long something took or how much was found', async () => {
    const { metrics, series } = open();
    const callAll = (number: number): void => {
      metrics.delivery('stripe', 'accepted', number / 7);
      metrics.attempt('stripe', 'processed', number / 7);
      metrics.destination('ledger', 'delivered', number / 7);
      metrics.cardDataFound('stripe', number);
    };
    callAll(1);
    const before = await series();

    for (let number = 2; number < 50; number += 1) callAll(number);

    expect(await series()).toEqual(before);
  });
};

/** Runs the suite against metrics that `open` makes, each with nothing counted. */
export const describeMetrics = (name: string, open: OpenMetrics, options: ContractOptions = {}): void => {
  describe(`Metrics: ${name}`, () => {
    defineContract(options, (test) => {
      defineOutcomeTests(test, open);
      defineSeriesTests(test, open);
    });
  });
};
