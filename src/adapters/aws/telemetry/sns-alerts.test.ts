import { describe, expect, test, vi } from 'vitest';
import { openSnsAlerts, TOPIC } from '../../../../test/contract/alerts-adapters.ts';
import { alertOf } from '../../../../test/contract/alerts-contract.ts';

describe('createSnsAlerts', () => {
  test('publishes to the topic, with a subject that a mail can have', () => {
    const { alerts, published } = openSnsAlerts({ receiver: 'takes' });

    alerts.raise(alertOf());
    alerts.raise(alertOf({ kind: 'audit_broken', provider: null, webhookId: null }));

    expect(published.map(({ TopicArn: topic }) => topic)).toEqual([TOPIC, TOPIC]);
    expect(published.map(({ Subject: subject }) => subject)).toEqual([
      'Payhook: dead letter (stripe)',
      'Payhook: audit broken',
    ]);
  });

  test('logs and counts every alert, also one that is not published', () => {
    const { alerts, logger, counted, published } = openSnsAlerts({ receiver: 'takes' });

    for (let count = 0; count < 3; count += 1) alerts.raise(alertOf());

    expect(published).toHaveLength(1);
    expect(counted).toEqual(['dead_letter', 'dead_letter', 'dead_letter']);
    expect(logger.lines).toHaveLength(3);
    expect(logger.lines[2]).toEqual({
      level: 'warn',
      event: 'alert.raised',
      fields: {
        kind: 'dead_letter',
        message: alertOf().summary,
        provider: 'stripe',
        webhook_id: 'stripe:evt_1',
      },
    });
  });

  test('publishes the next alert of a kind after a minute', () => {
    const { alerts, received, clock } = openSnsAlerts({ receiver: 'takes' });
    alerts.raise(alertOf({ webhookId: 'stripe:evt_1' }));
    clock.advance(59_999);
    alerts.raise(alertOf({ webhookId: 'stripe:evt_2' }));
    clock.advance(1);
    alerts.raise(alertOf({ webhookId: 'stripe:evt_3' }));

    expect(received().map((alert) => alert.webhookId)).toEqual(['stripe:evt_1', 'stripe:evt_3']);
  });

  test('publishes again when the machine’s clock was set back', () => {
    const { alerts, received, clock } = openSnsAlerts({ receiver: 'takes' });
    alerts.raise(alertOf());

    clock.advance(-24 * 60 * 60 * 1000);
    alerts.raise(alertOf());

    expect(received()).toHaveLength(2);
  });

  test('is drained at once when nothing was raised', async () => {
    const { alerts } = openSnsAlerts({ receiver: 'hangs' });

    await expect(alerts.drain()).resolves.toBeUndefined();
  });

  test('has logged a failure once drain resolves, without what SNS said', async () => {
    const { alerts, logger } = openSnsAlerts({ receiver: 'fails' });

    alerts.raise(alertOf());
    await alerts.drain();

    expect(logger.lines[1]).toEqual({
      level: 'warn',
      event: 'alert.not_delivered',
      fields: { kind: 'dead_letter', message: 'ThrottledException' },
    });
    expect(JSON.stringify(logger.lines)).not.toContain('canary');
  });

  test('gives up a topic that does not answer after three seconds: a delivery waits for it', async () => {
    const timeLimit = new AbortController();
    using limited = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(timeLimit.signal);
    const { alerts, logger, signals } = openSnsAlerts({ receiver: 'hangs' });
    alerts.raise(alertOf());
    const draining = alerts.drain();
    expect(limited.mock.calls).toEqual([[3000]]);
    expect(signals).toEqual([timeLimit.signal]);

    timeLimit.abort(new DOMException('too long', 'TimeoutError'));
    await draining;

    expect(logger.lines[1]).toMatchObject({ event: 'alert.not_delivered', fields: { message: 'TimeoutError' } });
  });
});
