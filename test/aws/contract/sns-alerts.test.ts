import { CreateTopicCommand, SNS, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQS } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSnsAlerts } from '../../../src/adapters/aws/telemetry/sns-alerts.ts';
import { createMemoryLogger } from '../../../src/adapters/memory/memory-recorders.ts';
import { alertOf } from '../../contract/alerts-contract.ts';
import { createTestClock } from '../../support/clock.ts';
import { type Moto, startMoto } from '../servers/moto.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';

let moto: Moto;

beforeAll(async () => {
  moto = await startMoto();
});

afterAll(() => moto[Symbol.asyncDispose]());

/** A topic with a queue behind it, where what was published can be seen. */
const openTopic = async () => {
  const sns = new SNS(emulatorClientOptions(moto.url));
  const sqs = new SQS(emulatorClientOptions(moto.url));
  const { QueueUrl: queueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'alerts' }));
  const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'topic-critical-alerts-test' }));
  const endpoint = topicArn.replace(':sns:', ':sqs:').replace(/[^:]+$/, 'alerts');
  await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: endpoint }));
  const logger = createMemoryLogger();
  const open = (to = topicArn) =>
    createSnsAlerts({
      client: sns,
      topicArn: to,
      clock: createTestClock(),
      logger,
      metrics: { alertRaised: () => undefined },
    });
  return {
    open,
    topicArn,
    logger,
    published: async () => {
      const { Messages: messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
      );
      return messages.map(({ Body: body = '' }) => JSON.parse(body));
    },
    [Symbol.asyncDispose]: async () => {
      sns.destroy();
      sqs.destroy();
    },
  };
};

describe('createSnsAlerts', () => {
  test('has published the alert once drain resolves: to a person as a subject and JSON', async () => {
    await using topic = await openTopic();
    const alerts = topic.open();

    alerts.raise(alertOf());
    await alerts.drain();

    const [message] = await topic.published();
    expect(message.Subject).toBe('Payhook: dead letter (stripe)');
    expect(JSON.parse(message.Message)).toEqual(alertOf());
  });

  test('logs once that a topic could not take an alert', async () => {
    await using topic = await openTopic();
    const alerts = topic.open(`${topic.topicArn}-missing`);

    alerts.raise(alertOf());
    await alerts.drain();

    expect(topic.logger.lines.map(({ event }) => event)).toEqual(['alert.raised', 'alert.not_delivered']);
    expect(topic.logger.lines[1]?.fields).toEqual({ kind: 'dead_letter', message: 'NotFoundException' });
  });
});
