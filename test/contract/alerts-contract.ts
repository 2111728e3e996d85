/** What every alerts adapter keeps: the sentences of the port, as tests. */
import { describe, expect } from 'vitest';
import type { Alert, Alerts } from '../../src/core/ports/alerts.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';

export interface AlertsHarness {
  readonly alerts: Alerts;
  /** The alerts that reached the receiver, in order. */
  readonly received: () => readonly Alert[];
}

export interface OpenAlertsInput {
  /** What the receiver does with an alert: takes it, fails, or never answers. */
  readonly receiver: 'takes' | 'fails' | 'hangs';
}

export const alertOf = (overrides: Partial<Alert> = {}): Alert => ({
  kind: 'dead_letter',
  provider: 'stripe',
  webhookId: 'stripe:evt_1',
  summary: 'stripe:evt_1 was dead-lettered after 10 attempts: handler_failed',
  ...overrides,
});

const defineTests = (test: ContractTest, open: (input: OpenAlertsInput) => AlertsHarness): void => {
  test('tells the receiver everything about an alert', () => {
    const { alerts, received } = open({ receiver: 'takes' });
    const alert = alertOf();

    alerts.raise(alert);

    expect(received()).toEqual([alert]);
  });

  test('tells of an alert that is about no provider and no webhook', () => {
    const { alerts, received } = open({ receiver: 'takes' });
    const alert = alertOf({ kind: 'audit_broken', provider: null, webhookId: null });

    alerts.raise(alert);

    expect(received()).toEqual([alert]);
  });

  test('tells of alerts of every kind, whatever was raised before', () => {
    const { alerts, received } = open({ receiver: 'takes' });
    const kinds = ['dead_letter', 'card_data_found', 'transmission_conflict', 'store_unavailable'] as const;

    for (const kind of kinds) alerts.raise(alertOf({ kind }));

    expect(received().map((alert) => alert.kind)).toEqual(kinds);
  });

  for (const receiver of ['fails', 'hangs'] as const) {
    test(`neither throws nor waits when the receiver ${receiver}`, () => {
      const { alerts } = open({ receiver });

      expect(alerts.raise(alertOf())).toBeUndefined();
    });
  }

  test('tells of each of two that are raised once, and at the same moment', () => {
    const { alerts, received } = open({ receiver: 'takes' });
    const summaries = ['stripe:live', 'stripe:test'].map((source) => `${source} has disabled our endpoint`);

    for (const summary of summaries) alerts.raise(alertOf({ kind: 'endpoint_deaf', summary }));

    expect(received().map(({ summary }) => summary)).toEqual(summaries);
  });

  test('thins a flood of one kind', () => {
    const { alerts, received } = open({ receiver: 'takes' });

    for (let count = 0; count < 1000; count += 1) alerts.raise(alertOf());

    expect(received().length).toBeGreaterThan(0);
    expect(received().length).toBeLessThan(10);
  });
};

/** Runs the suite against alerts that `open` makes. */
export const describeAlerts = (
  name: string,
  open: (input: OpenAlertsInput) => AlertsHarness,
  options: ContractOptions = {},
): void => {
  describe(`Alerts: ${name}`, () => {
    defineContract(options, (test) => defineTests(test, open));
  });
};
