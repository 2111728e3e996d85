import { describe, expect, test } from 'vitest';
import { createTestClock, NOW } from '../../../../test/support/clock.ts';
import type { AlertKind } from '../../../core/ports/alerts.ts';
import { createEmfMetrics, type EmfMetrics } from './emf-metrics.ts';

/** The lines that the calls write, parsed; each has to be one line. */
const linesOf = (call: (metrics: EmfMetrics) => void): readonly Record<string, unknown>[] => {
  const lines: string[] = [];
  const write = (line: string): void => {
    lines.push(line);
  };
  const metrics = createEmfMetrics({ environmentSuffix: 'dev', clock: createTestClock(), write });
  call(metrics);
  metrics.flush();
  metrics.flush();
  for (const line of lines) expect(line).not.toContain('\n');
  return lines.map((line) => JSON.parse(line));
};

/** What CloudWatch makes of a line: namespace, dimensions, and each metric with its value. */
const extract = (line: Record<string, unknown> | undefined) => {
  const { _aws } = line as unknown as {
    readonly _aws: {
      readonly Timestamp: number;
      readonly CloudWatchMetrics: readonly {
        readonly Namespace: string;
        readonly Dimensions: readonly (readonly string[])[];
        readonly Metrics: readonly { readonly Name: string }[];
      }[];
    };
  };
  return _aws.CloudWatchMetrics.map(({ Namespace, Dimensions, Metrics }) => ({
    at: _aws.Timestamp,
    namespace: Namespace,
    dimensions: Dimensions.map((names) => Object.fromEntries(names.map((name) => [name, line?.[name]]))),
    metrics: Object.fromEntries(Metrics.map(({ Name }) => [Name, line?.[Name]])),
  }));
};

describe('createEmfMetrics', () => {
  test('counts what reconciliation found by provider, and lists that are behind, and nothing of a run that found nothing', () => {
    const usual = linesOf((metrics) =>
      metrics.reconciled('stripe', 'stripe:live', { recovered: 0, differing: 0, behindSeconds: 900 }),
    );
    const lines = linesOf((metrics) => {
      metrics.reconciled('stripe', 'stripe:live', { recovered: 2, differing: 1, behindSeconds: 900 });
      metrics.reconciled('paypal', 'paypal:live', { recovered: 0, differing: 0, behindSeconds: 6 * 3600 + 1 });
    });

    expect(usual).toEqual([]);
    expect(lines.flatMap(extract).map(({ dimensions, metrics }) => ({ dimensions, metrics }))).toEqual([
      { dimensions: [{ Provider: 'stripe' }], metrics: { WebhooksRecovered: 2, WebhooksListedDifferently: 1 } },
      { dimensions: [{ Kind: 'list' }], metrics: { ListsBehind: 1 } },
    ]);
  });

  for (const [outcome, name] of Object.entries({
    rejected: 'DeliveriesRejected',
    unavailable: 'DeliveriesUnavailable',
    too_large: 'DeliveriesRefused',
    refused: 'DeliveriesRefused',
  } as const)) {
    test(`counts a delivery that is ${outcome} as ${name}, by provider`, () => {
      const [line, ...more] = linesOf((metrics) => metrics.delivery('stripe', outcome as 'rejected', 0.012_34));

      expect(more).toEqual([]);
      expect(extract(line)).toEqual([
        {
          at: NOW,
          namespace: 'Payhook/dev',
          dimensions: [{ Provider: 'stripe' }],
          metrics: { [name]: 1 },
        },
      ]);
    });
  }

  test('writes nothing of what a log line is counted for: it would count twice', () => {
    const lines = linesOf((metrics) => {
      metrics.delivery('stripe', 'accepted', 0.1);
      metrics.delivery('stripe', 'duplicate', 0.1);
      metrics.attempt('stripe', 'processed', 0.1);
    });

    expect(lines).toEqual([]);
  });

  test('counts masked values by provider and alerts by kind', () => {
    const kind: AlertKind = 'dead_letter';
    const lines = linesOf((metrics) => {
      metrics.cardDataFound('adyen', 3);
      metrics.alertRaised(kind);
    });

    expect(lines.flatMap(extract)).toMatchObject([
      { dimensions: [{ Provider: 'adyen' }], metrics: { CardDataFound: 3 } },
      { dimensions: [{ Kind: 'dead_letter' }], metrics: { Alerts: 1 } },
    ]);
  });

  test('says in one line what a batch has counted of a provider, and of another in another', () => {
    const lines = linesOf((metrics) => {
      for (let times = 0; times < 8; times += 1) metrics.unknownType('stripe');
      metrics.unknownType('square');
      metrics.duplicateDiffers('stripe');
    });

    expect(lines.flatMap(extract)).toMatchObject([
      { dimensions: [{ Provider: 'stripe' }], metrics: { UnknownTypes: 8, DuplicatesDiffering: 1 } },
      { dimensions: [{ Provider: 'square' }], metrics: { UnknownTypes: 1 } },
    ]);
  });

  test('keeps a line below 300 bytes: a million of them cost 15 cents', () => {
    const [line] = linesOf((metrics) => metrics.delivery('standard-webhooks', 'unavailable', 1.234_56));

    expect(JSON.stringify(line).length).toBeLessThan(300);
  });
});
