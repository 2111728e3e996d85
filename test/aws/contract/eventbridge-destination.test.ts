import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CreateEventBusCommand, EventBridge, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQS } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AWS_CLIENT_OPTIONS } from '../../../src/adapters/aws/clients.ts';
import { createEventbridgeDestination } from '../../../src/adapters/aws/destinations/eventbridge-destination.ts';
import type { DestinationMessage } from '../../../src/destinations/destination.ts';
import { type Moto, startMoto } from '../servers/moto.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';

const messageOf = (id: string, overrides: Partial<DestinationMessage> = {}): DestinationMessage => ({
  id,
  type: 'payment.succeeded',
  occurredAt: '2026-03-01T12:34:56.000Z',
  body: JSON.stringify({ type: 'payment.succeeded', timestamp: '2026-03-01T12:34:56.000Z', data: { id } }),
  ...overrides,
});

const unhurried = (): AbortSignal => AbortSignal.timeout(60_000);

describe('createEventbridgeDestination, on a bus', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
  }, 60_000);
  afterAll(() => moto[Symbol.asyncDispose]());

  test('makes each message an event that a rule finds by source and type', async () => {
    const client = new EventBridge(emulatorClientOptions(moto.url));
    const sqs = new SQS(emulatorClientOptions(moto.url));
    const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'target' }));
    const { Attributes: attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
    );
    await client.send(new CreateEventBusCommand({ Name: 'bus-payment-events-dev' }));
    const rule = { Rule: 'payments', EventBusName: 'bus-payment-events-dev' };
    await client.send(
      new PutRuleCommand({
        Name: rule.Rule,
        EventBusName: rule.EventBusName,
        EventPattern: JSON.stringify({ source: ['payhook'], 'detail-type': ['payment.succeeded'] }),
      }),
    );
    await client.send(new PutTargetsCommand({ ...rule, Targets: [{ Id: '1', Arn: attributes?.QueueArn }] }));
    const bus = createEventbridgeDestination({ client, name: 'bus', busName: 'bus-payment-events-dev' });

    const results = await bus.send(
      [messageOf('stripe:evt_1'), messageOf('stripe:evt_2', { type: 'payment.failed' })],
      unhurried(),
    );

    expect(bus).toMatchObject({ name: 'bus', kind: 'eventbridge', messagesMax: 10 });
    expect(results).toEqual([{ outcome: 'delivered' }, { outcome: 'delivered' }]);
    const { Messages: messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }),
    );
    expect(messages.map(({ Body: body = '' }) => JSON.parse(body))).toMatchObject([
      {
        source: 'payhook',
        'detail-type': 'payment.succeeded',
        resources: ['stripe:evt_1'],
        detail: { type: 'payment.succeeded', data: { id: 'stripe:evt_1' } },
      },
    ]);
    client.destroy();
    sqs.destroy();
  });
});

describe('createEventbridgeDestination, when EventBridge is in trouble', () => {
  interface Entry {
    readonly Detail: string;
    readonly Resources: readonly string[];
    readonly Time?: number;
  }
  interface Answer {
    readonly status?: number;
    readonly body: object;
  }

  let server: Server;
  let client: EventBridge;
  let calls: (readonly Entry[])[] = [];
  /** Undefined: no answer. */
  let answer: (entries: readonly Entry[]) => Answer | undefined;

  const handle = async (request: IncomingMessage): Promise<Answer | undefined> => {
    const { Entries: entries }: { readonly Entries: readonly Entry[] } = JSON.parse(await text(request));
    calls.push(entries);
    return answer(entries);
  };

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const answered = await handle(request);
      if (answered === undefined) return;
      response.writeHead(answered.status ?? 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answered.body));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = new EventBridge({
      ...emulatorClientOptions(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
      requestHandler: { ...AWS_CLIENT_OPTIONS.requestHandler, requestTimeout: 1_500 },
    });
  });

  afterAll(async () => {
    client.destroy();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const send = (messages: readonly DestinationMessage[], signal = unhurried()) => {
    calls = [];
    return createEventbridgeDestination({ client, name: 'bus', busName: 'bus-1' }).send(messages, signal);
  };
  const taken = (entries: readonly Entry[]): Answer => ({
    body: { FailedEntryCount: 0, Entries: entries.map((_, index) => ({ EventId: `event-${index}` })) },
  });
  const refusal = (code: string, status = 400): Answer => ({
    status,
    body: { __type: code, message: 'Detail was {"secret":1}' },
  });

  test('gives each message its own result, and quotes nothing of what the service says', async () => {
    answer = () => ({
      body: {
        FailedEntryCount: 3,
        Entries: [
          { EventId: 'event-1' },
          { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down {"secret":1}' },
          { ErrorCode: 'InternalFailure', ErrorMessage: 'secret' },
          { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is {"secret":1}' },
        ],
      },
    });

    const results = await send(['1', '2', '3', '4', '5'].map((id) => messageOf(id)));

    const failed = { outcome: 'failed', retryAfterMs: null };
    const detail = (code: string) => `bus bus-1 did not take the event (${code})`;
    expect(results).toEqual([
      { outcome: 'delivered' },
      { ...failed, reason: 'answered_429', detail: detail('ThrottlingException'), isDestinationDown: true },
      { ...failed, reason: 'answered_5xx', detail: detail('InternalFailure'), isDestinationDown: true },
      { ...failed, reason: 'not_accepted', detail: detail('MalformedDetail'), isDestinationDown: false },
      { ...failed, reason: 'not_accepted', detail: detail('no code'), isDestinationDown: false },
    ]);
  });

  for (const [code, status, reason] of [
    ['ThrottlingException', 400, 'answered_429'],
    ['InternalFailure', 500, 'answered_5xx'],
    ['AccessDeniedException', 400, 'answered_4xx'],
    ['ResourceNotFoundException', 400, 'answered_4xx'],
  ] as const) {
    test(`says of every message that the bus is down when the whole call is refused: ${code}`, async () => {
      answer = () => refusal(code, status);

      const results = await send([messageOf('1'), messageOf('2')]);

      expect(results).toHaveLength(2);
      for (const result of results) {
        expect(result).toMatchObject({ outcome: 'failed', reason, isDestinationDown: true });
        expect(JSON.stringify(result)).not.toContain('secret');
      }
    });
  }

  test('ends by itself when no answer comes, and when it is told to', async () => {
    answer = () => undefined;

    for (const signal of [unhurried(), AbortSignal.timeout(10)]) {
      expect(await send([messageOf('1')], signal)).toMatchObject([
        { outcome: 'failed', reason: 'timed_out', isDestinationDown: true },
      ]);
    }
  });

  test('says not_reachable when nobody listens', async () => {
    const nobody = new EventBridge(emulatorClientOptions('http://127.0.0.1:1'));

    const results = await createEventbridgeDestination({ client: nobody, name: 'bus', busName: 'bus-1' }).send(
      [messageOf('1')],
      unhurried(),
    );

    expect(results).toMatchObject([{ outcome: 'failed', reason: 'not_reachable', isDestinationDown: true }]);
    nobody.destroy();
  });

  test('sends each message alone when a call is refused for what is in it', async () => {
    answer = (entries) =>
      entries.some(({ Resources: [id] }) => id === '2') ? refusal('ValidationException') : taken(entries);

    const results = await send([messageOf('1'), messageOf('2'), messageOf('3')]);

    expect(results).toMatchObject([
      { outcome: 'delivered' },
      { outcome: 'failed', reason: 'not_accepted', isDestinationDown: false },
      { outcome: 'delivered' },
    ]);
    expect(calls).toHaveLength(4);
  });

  test('sends what is too large together in several calls, and what is too large alone not at all', async () => {
    answer = taken;
    const large = (bytes: number): string => JSON.stringify({ data: 'x'.repeat(bytes) });

    const results = await send([
      messageOf('1', { body: large(600_000) }),
      messageOf('2', { body: large(1_000_000) }),
      messageOf('3', { body: large(300_000) }),
      messageOf('4', { body: large(300_000), occurredAt: null }),
      messageOf('5', { body: large(500_000) }),
    ]);

    expect(results.map(({ outcome }) => outcome)).toEqual([
      ...['delivered', 'failed', 'delivered', 'delivered', 'delivered'],
    ]);
    expect(results[1]).toMatchObject({ reason: 'not_accepted', isDestinationDown: false });
    expect(calls.map((entries) => entries.map(({ Resources: [id] }) => id))).toEqual([['1'], ['3', '4'], ['5']]);
    expect(calls[1]?.map(({ Time: time }) => time)).toEqual([Date.UTC(2026, 2, 1, 12, 34, 56) / 1000, undefined]);
  });

  test('sends at most ten messages in a call, in their order', async () => {
    answer = taken;

    await send(Array.from({ length: 23 }, (_, index) => messageOf(String(index))));

    expect(calls.map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(calls.flat().map(({ Resources: [id] }) => id)).toEqual(Array.from({ length: 23 }, (_, i) => String(i)));
  });
});
