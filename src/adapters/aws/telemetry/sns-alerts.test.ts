import { type PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, test } from 'vitest';
import { alertOf, describeAlerts, type OpenAlertsInput } from '../../../../test/contract/alerts-contract.ts';
import { createTestClock } from '../../../../test/support/clock.ts';
import type { Alert, AlertKind } from '../../../core/ports/alerts.ts';
import { createMemoryLogger } from '../../memory/memory-recorders.ts';
import { createSnsAlerts } from './sns-alerts.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:topic-critical-alerts-dev';

/** With a client that hands over what it is to publish instead of sending it. */
const openAlerts = ({ receiver }: OpenAlertsInput) => {
  const published: PublishCommand['input'][] = [];
  const counted: AlertKind[] = [];
  const logger = createMemoryLogger();
  const clock = createTestClock();
  const answer = Promise.withResolvers<never>();
  if (receiver === 'takes') answer.resolve({} as never);
  if (receiver === 'fails') answer.reject(Object.assign(new Error('canary'), { name: 'ThrottledException' }));
  const client = new SNSClient({});
  const alerts = createSnsAlerts({
    client: Object.assign(client, {
      send: ({ input }: PublishCommand, { abortSignal }: { readonly abortSignal: AbortSignal }) => {
        published.push(input);
        const aborted = Promise.withResolvers<never>();
        abortSignal.addEventListener('abort', () => aborted.reject(abortSignal.reason));
        return Promise.race([answer.promise, aborted.promise]);
      },
    }),
    topicArn: TOPIC,
    clock,
    logger,
    metrics: { alertRaised: (kind) => counted.push(kind) },
  });
  const received = (): Alert[] => published.map(({ Message: message = '' }) => JSON.parse(message));
  return { alerts, received, published, counted, logger, clock };
};

describeAlerts('sns', openAlerts);

describe('createSnsAlerts', () => {
  test('publishes to the topic, with a subject that a mail can have', () => {
    const { alerts, published } = openAlerts({ receiver: 'takes' });

    alerts.raise(alertOf());
    alerts.raise(alertOf({ kind: 'audit_broken', provider: null, webhookId: null }));

    expect(published.map(({ TopicArn: topic }) => topic)).toEqual([TOPIC, TOPIC]);
    expect(published.map(({ Subject: subject }) => subject)).toEqual([
      'Payhook: dead letter (stripe)',
      'Payhook: audit broken',
    ]);
  });

  test('logs and counts every alert, also one that is not published', () => {
    const { alerts, logger, counted, published } = openAlerts({ receiver: 'takes' });

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
    const { alerts, received, clock } = openAlerts({ receiver: 'takes' });
    alerts.raise(alertOf({ webhookId: 'stripe:evt_1' }));
    clock.advance(59_999);
    alerts.raise(alertOf({ webhookId: 'stripe:evt_2' }));
    clock.advance(1);
    alerts.raise(alertOf({ webhookId: 'stripe:evt_3' }));

    expect(received().map((alert) => alert.webhookId)).toEqual(['stripe:evt_1', 'stripe:evt_3']);
  });

  test('publishes again when the machine’s clock was set back', () => {
    const { alerts, received, clock } = openAlerts({ receiver: 'takes' });
    alerts.raise(alertOf());

    clock.advance(-24 * 60 * 60 * 1000);
    alerts.raise(alertOf());

    expect(received()).toHaveLength(2);
  });

  test('is drained at once when nothing was raised', async () => {
    const { alerts } = openAlerts({ receiver: 'hangs' });

    await expect(alerts.drain()).resolves.toBeUndefined();
  });

  test('has logged a failure once drain resolves, without what SNS said', async () => {
    const { alerts, logger } = openAlerts({ receiver: 'fails' });

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
    const { alerts, logger } = openAlerts({ receiver: 'hangs' });
    const startedAt = performance.now();

    alerts.raise(alertOf());
    await alerts.drain();

    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(logger.lines[1]).toMatchObject({ event: 'alert.not_delivered', fields: { message: 'TimeoutError' } });
  });
});
