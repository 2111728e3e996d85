import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { SendMessageBatchCommandInput } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { statesKey } from '../../../src/adapters/aws/destinations/items.ts';
import {
  type DestinationBatch,
  openDestinationBatch,
} from '../../../src/adapters/aws/destinations/sqs-destination-batch.ts';
import { createSqsDestinationOutbox } from '../../../src/adapters/aws/destinations/sqs-destination-outbox.ts';
import type { DestinationClaim } from '../../../src/destinations/destination-queue.ts';
import { NOW } from '../../support/clock.ts';
import { RELEASES, readAwsFixture } from '../../upgrade/restore-fixture.ts';
import { entryOf, RETENTION_MS, useDestinationLines } from './destination-lines.ts';

const openLines = useDestinationLines();

const KEY = { webhookId: 'stripe:evt_1', timestamp: NOW };

const only = ({ claims: [claim, ...others] }: DestinationBatch): DestinationClaim => {
  if (claim === undefined || others.length > 0) throw new Error('one message was expected');
  return claim;
};

const STATUS = { eventId: 'stripe:evt_1', failures: 0, lastError: null, enqueuedAt: NOW, changedAt: NOW };

describe('createSqsDestinationOutbox', () => {
  test('puts a pointer into the line of each destination and shows that the entries wait', async () => {
    await using lines = await openLines('ledger', 'bus');

    await lines.outbox.put([entryOf('ledger'), entryOf('bus', { news: 'repeated' })], NOW);

    const [message] = await lines.messages('ledger');
    expect(JSON.parse(message?.Body ?? '')).toEqual({
      ...{ v: 1, webhookId: 'stripe:evt_1', timestamp: NOW, provider: 'stripe', traceId: 'trace-1' },
      ...{ eventId: 'stripe:evt_1', news: 'news', enqueuedAt: NOW },
    });
    expect(message?.Attributes).toMatchObject({ MessageGroupId: 'stripe' });
    expect(await lines.messages('bus')).toHaveLength(1);
    expect(await lines.outbox.ofWebhook(KEY)).toEqual([
      { ...STATUS, destination: 'bus', state: 'waiting' },
      { ...STATUS, destination: 'ledger', state: 'waiting' },
    ]);
    expect(await lines.outbox.ofWebhook({ ...KEY, timestamp: NOW + 1 })).toEqual([]);
  });

  test('costs one write for all destinations and one for each delivery', async () => {
    await using lines = await openLines('ledger', 'bus', 'audit');

    await lines.outbox.put([entryOf('ledger'), entryOf('bus'), entryOf('audit')], NOW);
    expect(lines.table.takeCalls()).toEqual([{ name: 'UpdateItem', units: 1 }]);

    await lines.invoke('ledger', (batch) => batch.settle([{ claim: only(batch), outcome: 'delivered' }], NOW + 5));
    expect(lines.table.takeCalls()).toEqual([{ name: 'UpdateItem', units: 1 }]);
  });

  test('keeps the states as long as it is told', async () => {
    await using lines = await openLines('ledger');
    await lines.outbox.put([entryOf('ledger')], NOW);

    const { Item: item } = await lines.table.client.send(
      new GetItemCommand({ TableName: lines.table.tableName, Key: { id: { S: statesKey(KEY) } } }),
    );

    expect(item?.expiresAt?.N).toBe(String((NOW + RETENTION_MS) / 1000));
  });

  test('orders the entries of a webhook by event as it has them, and then by destination', async () => {
    await using lines = await openLines('b-2', 'a');
    const entries = [1, 2, 10, 11].flatMap((index) =>
      ['b-2', 'a'].map((name) => entryOf(name, { eventId: `stripe:evt_1${index === 1 ? '' : `#${index}`}` })),
    );

    await lines.outbox.put(entries.toReversed(), NOW);

    const found = await lines.outbox.ofWebhook(KEY);
    expect(found.map(({ eventId, destination }) => `${eventId} ${destination}`)).toEqual([
      'stripe:evt_1 a',
      'stripe:evt_1 b-2',
      'stripe:evt_1#2 a',
      'stripe:evt_1#2 b-2',
      'stripe:evt_1#10 a',
      'stripe:evt_1#10 b-2',
      'stripe:evt_1#11 a',
      'stripe:evt_1#11 b-2',
    ]);
  });

  test('sends more entries than one call takes', async () => {
    await using lines = await openLines('ledger');
    const entries = Array.from({ length: 25 }, (_, index) =>
      entryOf('ledger', { eventId: `stripe:evt_1#${index + 2}` }),
    );

    await lines.outbox.put(entries, NOW);

    expect(await lines.outbox.depth(['ledger'])).toMatchObject([{ waiting: 25 }]);
    expect(await lines.outbox.ofWebhook(KEY)).toHaveLength(25);
  });

  test('sends an entry that waits already again, and leaves its state and its age as they are', async () => {
    await using lines = await openLines('ledger', 'bus');
    await lines.outbox.put([entryOf('ledger')], NOW);

    await lines.outbox.put([entryOf('ledger'), entryOf('bus')], NOW + 5000);

    const messages = await lines.messages('ledger');
    expect(messages.map(({ Body: body = '' }) => JSON.parse(body).enqueuedAt)).toEqual([NOW, NOW]);
    expect(await lines.outbox.ofWebhook(KEY)).toEqual([
      { ...STATUS, destination: 'bus', state: 'waiting', enqueuedAt: NOW + 5000, changedAt: NOW + 5000 },
      { ...STATUS, destination: 'ledger', state: 'waiting' },
    ]);
  });

  test('lets what was delivered or given up wait again, from its first attempt', async () => {
    await using lines = await openLines('ledger', 'bus');
    await lines.outbox.put([entryOf('ledger'), entryOf('bus')], NOW);
    await lines.invoke('ledger', (batch) =>
      batch.settle([{ claim: only(batch), outcome: 'given_up', error: 'answered_5xx: 500' }], NOW + 1),
    );
    await lines.invoke('bus', (batch) => batch.settle([{ claim: only(batch), outcome: 'delivered' }], NOW + 1));
    expect(await lines.outbox.depth(['ledger', 'bus'])).toMatchObject([{ givenUp: 1 }, { givenUp: 0 }]);

    await lines.outbox.put([entryOf('ledger'), entryOf('bus')], NOW + 2);

    const again = { ...STATUS, state: 'waiting', enqueuedAt: NOW + 2, changedAt: NOW + 2 };
    expect(await lines.outbox.ofWebhook(KEY)).toEqual([
      { ...again, destination: 'bus' },
      { ...again, destination: 'ledger' },
    ]);
    expect(await lines.outbox.depth(['ledger', 'bus'])).toMatchObject([
      { waiting: 1, givenUp: 0 },
      { waiting: 1, givenUp: 0 },
    ]);
  });

  test('loses no entry of one webhook when two processors put different ones at the same moment', async () => {
    await using lines = await openLines('ledger', 'bus', 'audit');

    await Promise.all(['ledger', 'bus', 'audit'].map((name) => lines.outbox.put([entryOf(name)], NOW)));

    expect(await lines.outbox.ofWebhook(KEY)).toHaveLength(3);
  });

  test('answers zeros, in the order asked for, where nothing was ever put, and cannot tell the oldest', async () => {
    await using lines = await openLines('ledger', 'bus');
    await lines.outbox.put([entryOf('bus')], NOW);

    expect(await lines.outbox.depth(['ledger', 'bus'])).toEqual([
      { destination: 'ledger', waiting: 0, givenUp: 0, oldestEnqueuedAt: null },
      { destination: 'bus', waiting: 1, givenUp: 0, oldestEnqueuedAt: null },
    ]);
  });

  test('refuses an entry of a destination that has no queue, before anything is written', async () => {
    await using lines = await openLines('ledger');

    await expect(lines.outbox.put([entryOf('ledger'), entryOf('missing')], NOW)).rejects.toMatchObject({
      code: 'configuration_invalid',
      message: expect.stringContaining('destination missing has no queue'),
    });

    expect(await lines.outbox.ofWebhook(KEY)).toEqual([]);
  });

  test('says which item something else has written', async () => {
    await using lines = await openLines('ledger');
    const item = { id: { S: statesKey(KEY) }, '@ledger': { S: 'waiting' } };
    await lines.table.client.send(new PutItemCommand({ TableName: lines.table.tableName, Item: item }));

    const damaged = { code: 'store_damaged', message: expect.stringContaining(statesKey(KEY)) };
    await expect(lines.outbox.ofWebhook(KEY)).rejects.toMatchObject(damaged);
    await expect(lines.outbox.put([entryOf('ledger')], NOW)).rejects.toMatchObject(damaged);
  });
});

describe('createSqsDestinationOutbox, when SQS is in trouble', () => {
  for (const [how, answer] of [
    ['takes only some of the messages', () => ({ Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }] })],
    [
      'takes none',
      () => {
        throw Object.assign(new Error('quoted {"secret":1}'), { name: 'RequestThrottled' });
      },
    ],
  ] as const) {
    test(`says queue_unavailable when it ${how}, and heals when the entries are put again`, async () => {
      await using lines = await openLines('ledger');
      const { middlewareStack } = lines.client;
      middlewareStack.add(() => async () => ({ output: { $metadata: {}, ...answer() } as never, response: {} }), {
        step: 'initialize',
        name: 'trouble',
      });
      await expect(lines.outbox.put([entryOf('ledger')], NOW)).rejects.toMatchObject({
        code: 'queue_unavailable',
        message: expect.stringMatching(/^queue destination-ledger-\d+ did not (?!.*secret)/),
      });
      middlewareStack.remove('trouble');

      await lines.outbox.put([entryOf('ledger')], NOW + 1000);

      await lines.invoke('ledger', async (batch) => expect(only(batch)).toMatchObject({ enqueuedAt: NOW }));
    });
  }
});

describe('createSqsDestinationOutbox, for X-Ray', () => {
  for (const [header, expected] of [
    ['Root=1-67891233-abcdef012345678912345678;Sampled=1', 'Root=1-67891233-abcdef012345678912345678;Sampled=1'],
    ['not a trace', undefined],
    [undefined, undefined],
  ] as const) {
    test(`sends the trace header of the invocation with each message when it is one: ${header}`, async () => {
      await using lines = await openLines('ledger');
      const sent: unknown[] = [];
      // The emulator drops it, so what the client was given is looked at.
      lines.client.middlewareStack.add(
        (next) => async (args) => {
          const { Entries: entries = [] } = args.input as SendMessageBatchCommandInput;
          sent.push(...entries.map((entry) => entry.MessageSystemAttributes?.AWSTraceHeader?.StringValue));
          return next(args);
        },
        { step: 'initialize', name: 'lookAtEntries' },
      );

      await createSqsDestinationOutbox({ ...lines, traceHeader: () => header }).put([entryOf('ledger')], NOW);

      expect(sent).toEqual([expected]);
    });
  }
});

describe('openDestinationBatch', () => {
  test('hands out each message as a claim of the destination whose queue it came from', async () => {
    await using lines = await openLines('ledger', 'bus');
    await lines.outbox.put([entryOf('bus')], NOW);

    await lines.invoke('bus', async ({ claims, unreadable }) => {
      expect(claims).toEqual([{ entry: entryOf('bus'), receipt: expect.any(String), enqueuedAt: NOW, failures: 0 }]);
      expect(unreadable).toEqual([]);
    });
  });

  test('lets a failed entry rest until it is due, counts it, and shows its error', async () => {
    await using lines = await openLines('ledger');
    await lines.outbox.put([entryOf('ledger')], NOW);
    const failed = { outcome: 'failed', error: 'answered_5xx: 503', dueAt: NOW + 60_000 } as const;

    expect(await lines.invoke('ledger', (batch) => batch.settle([{ claim: only(batch), ...failed }], NOW))).toBe(0);

    expect(await lines.outbox.ofWebhook(KEY)).toEqual([
      { ...STATUS, destination: 'ledger', state: 'waiting', failures: 1, lastError: 'answered_5xx: 503' },
    ]);
    lines.clock.set(NOW + 59_999);
    expect(await lines.messages('ledger')).toEqual([]);
    lines.clock.set(NOW + 60_000);
    const left = await lines.invoke('ledger', async (batch) => {
      expect(only(batch)).toMatchObject({ failures: 1, enqueuedAt: NOW });
      await batch.settle([{ claim: only(batch), outcome: 'delivered' }], NOW + 60_001);
    });
    expect(left).toBe(0);
    expect(await lines.outbox.ofWebhook(KEY)).toEqual([
      {
        ...{ ...STATUS, destination: 'ledger', state: 'delivered', failures: 1, lastError: 'answered_5xx: 503' },
        changedAt: NOW + 60_001,
      },
    ]);
    expect(await lines.outbox.depth(['ledger'])).toMatchObject([{ waiting: 0, givenUp: 0 }]);
  });

  test('puts an entry back until it is due and writes nothing about it', async () => {
    await using lines = await openLines('ledger');
    await lines.outbox.put([entryOf('ledger')], NOW);
    lines.table.takeCalls();

    const left = await lines.invoke('ledger', (batch) =>
      batch.settle([{ claim: only(batch), outcome: 'put_back', dueAt: NOW + 10_000 }], NOW),
    );

    expect(left).toBe(0);
    expect(lines.table.takeCalls()).toEqual([]);
    lines.clock.set(NOW + 9_999);
    expect(await lines.messages('ledger')).toEqual([]);
    lines.clock.set(NOW + 10_000);
    await lines.invoke('ledger', async (batch) => {
      expect(only(batch)).toMatchObject({ enqueuedAt: NOW, failures: 0 });
    });
  });

  test('lets an entry rest for hours in quarters of an hour, and no message of it is in flight', async () => {
    await using lines = await openLines('ledger');
    await lines.outbox.put([entryOf('ledger')], NOW);
    const dueAt = NOW + 7_300_000;
    await lines.invoke('ledger', (batch) =>
      batch.settle([{ claim: only(batch), outcome: 'failed', error: 'answered_429: 429', dueAt: dueAt - 0.5 }], NOW),
    );
    expect(await lines.inFlight('ledger')).toBe(0);

    let claimedAt: number | null = null;
    for (let at = NOW + 100_000; claimedAt === null && at < NOW + 20_000_000; at += 100_000) {
      lines.clock.set(at);
      await lines.invoke('ledger', async ({ claims: [claim], resting, settle }) => {
        await settle(resting, at);
        if (claim === undefined) return;
        claimedAt = at;
        expect(claim).toMatchObject({ entry: entryOf('ledger'), enqueuedAt: NOW, failures: 1 });
        await settle([{ claim, outcome: 'delivered' }], at);
      });
    }

    expect(claimedAt).toBe(dueAt);
  });

  test('counts as a failure that whoever had an entry died of it', async () => {
    await using lines = await openLines('ledger');
    await lines.outbox.put([entryOf('ledger')], NOW);
    await lines.invoke('ledger', async () => undefined);
    lines.clock.set(NOW + 1_800_000);

    await lines.invoke('ledger', async (batch) => expect(only(batch)).toMatchObject({ failures: 1 }));
  });

  test('puts what is given up on the dead-letter queue with its destination, and counts it once', async () => {
    await using lines = await openLines('ledger', 'bus');
    await lines.outbox.put([entryOf('ledger')], NOW);
    await lines.outbox.put([entryOf('ledger')], NOW);

    const left = await lines.invoke('ledger', (batch) =>
      batch.settle(
        batch.claims.map((claim) => ({ claim, outcome: 'given_up', error: 'timed_out: no answer' }) as const),
        NOW + 9,
      ),
    );

    expect(left).toBe(0);
    const [message] = await lines.messages('dead letters');
    expect(JSON.parse(message?.Body ?? '')).toEqual({ v: 1, ...entryOf('ledger'), enqueuedAt: NOW });
    expect(await lines.outbox.ofWebhook(KEY)).toMatchObject([
      { destination: 'ledger', state: 'given_up', failures: 1, lastError: 'timed_out: no answer', changedAt: NOW + 9 },
    ]);
    expect(await lines.outbox.depth(['bus', 'ledger'])).toMatchObject([{ givenUp: 0 }, { waiting: 0, givenUp: 1 }]);
  });

  test('reports as failed what was not settled, and nothing else', async () => {
    await using lines = await openLines('ledger');
    const entries = [2, 3, 4].map((index) => entryOf('ledger', { eventId: `stripe:evt_1#${index}` }));
    await lines.outbox.put(entries, NOW);

    const left = await lines.invoke('ledger', async (batch) => {
      const delivered = batch.claims.filter(({ entry }) => entry.eventId !== 'stripe:evt_1#3');
      await batch.settle(
        delivered.map((claim) => ({ claim, outcome: 'delivered' }) as const),
        NOW,
      );
    });

    expect(left).toBe(1);
    expect((await lines.outbox.ofWebhook(KEY)).map(({ state }) => state)).toEqual([
      'delivered',
      'waiting',
      'delivered',
    ]);
  });

  test('settles the others when one cannot be written, and then throws', async () => {
    await using lines = await openLines('ledger');
    const entries = [2, 3].map((index) => entryOf('ledger', { eventId: `stripe:evt_1#${index}` }));
    await lines.outbox.put(entries, NOW);
    lines.table.before('UpdateItem', () =>
      Promise.reject(Object.assign(new Error('missing'), { name: 'TimeoutError' })),
    );

    const left = await lines.invoke('ledger', async (batch) => {
      const settlements = batch.claims.map((claim) => ({ claim, outcome: 'delivered' }) as const);
      await expect(batch.settle(settlements, NOW)).rejects.toMatchObject({ code: 'store_unavailable' });
    });

    expect(left).toBe(1);
    expect((await lines.outbox.ofWebhook(KEY)).filter(({ state }) => state === 'delivered')).toHaveLength(1);
  });

  test('does not let an earlier claim speak for an entry that was put again', async () => {
    await using lines = await openLines('ledger');
    await lines.outbox.put([entryOf('ledger')], NOW);
    await lines.invoke('ledger', async (batch) => {
      const claim = only(batch);
      await lines.states.mark(claim, { outcome: 'delivered' }, NOW);
      await lines.outbox.put([entryOf('ledger')], NOW + 10);

      await batch.settle([{ claim, outcome: 'delivered' }], NOW + 20);
    });

    expect(await lines.outbox.ofWebhook(KEY)).toMatchObject([{ state: 'waiting', enqueuedAt: NOW + 10 }]);
  });

  test('puts what is no pointer on the dead-letter queue as it came', async () => {
    await using lines = await openLines('ledger');
    const good = {
      v: 1,
      webhookId: 'a:1',
      timestamp: 1,
      provider: 'a',
      traceId: 't',
      eventId: 'a:1',
      news: 'news',
      enqueuedAt: 1,
    };
    const bodies = ['{', '[]', ...Object.keys(good).map((name) => JSON.stringify({ ...good, [name]: {} }))];
    for (const body of bodies) await lines.sendRaw('ledger', body);

    const left = await lines.invoke('ledger', async (batch) => {
      expect(batch.claims).toEqual([]);
      expect(batch.unreadable).toHaveLength(bodies.length);
      for (const message of batch.unreadable) await batch.setAside(message);
    });

    expect(left).toBe(0);
    const aside = await lines.messages('dead letters');
    expect(aside.map(({ Body: body }) => body).toSorted()).toEqual(bodies.toSorted());
  });

  test('refuses a message without an id, which an answer could not name', async () => {
    await using lines = await openLines('ledger');
    const record = { messageId: '', receiptHandle: 'handle', body: '{}', attributes: {} };
    const eventSourceARN = `arn:aws:sqs:us-east-1:1:${lines.queueUrlOf.get('ledger')?.split('/').at(-1)}`;

    expect(() => openDestinationBatch(lines, { Records: [{ ...record, eventSourceARN }] })).toThrow(
      'a message of a batch has an id',
    );
  });

  test('refuses a message of a queue that belongs to no destination', async () => {
    await using lines = await openLines('ledger');
    await lines.sendRaw('dead letters', '{}');

    await expect(lines.invoke('dead letters', async () => undefined)).rejects.toMatchObject({
      code: 'configuration_invalid',
    });
  });
});

describe('a message of a release before, in the queue of what was given up', () => {
  const openGivenUp = async (release: string) => {
    const lines = await openLines('ledger', 'bus');
    const written = JSON.parse(readAwsFixture(release).givenUpMessage);
    const { webhookId, timestamp, eventId, enqueuedAt } = written;
    const entry = entryOf('ledger', { webhookId, timestamp, eventId });
    await lines.outbox.put([entry], enqueuedAt);
    const outcome = { outcome: 'given_up', error: 'answered_5xx: 500' } as const;
    await lines.invoke('ledger', (batch) => batch.settle([{ claim: only(batch), ...outcome }], enqueuedAt + 1));
    const state = async () => (await lines.outbox.ofWebhook(entry)).map((status) => status.state);
    const givenUp = async () => (await lines.outbox.depth(['ledger', 'bus'])).map((depth) => depth.givenUp);
    return { lines, entry, body: JSON.stringify(written), enqueuedAt: Number(enqueuedAt), state, givenUp };
  };

  test.each(RELEASES)('%s, moved back by SQS to whatever queue, is sent to its own destination', async (release) => {
    const { lines, body, enqueuedAt, state, givenUp } = await openGivenUp(release);
    await using _ = lines;
    expect([await state(), await givenUp()]).toEqual([['given_up'], [1, 0]]);

    // All destinations have one queue for what was given up; it can be moved to one queue only.
    await lines.sendRaw('bus', body);
    await lines.invoke('bus', async (batch) => {
      expect(only(batch)).toMatchObject({ entry: { destination: 'ledger' }, enqueuedAt, failures: 0 });
      await batch.settle([{ claim: only(batch), outcome: 'delivered' }], enqueuedAt + 9);
    });

    expect([await state(), await givenUp()]).toEqual([['delivered'], [0, 0]]);
  });

  test.each(RELEASES)('%s, moved back and given up again, counts once and is put back there', async (release) => {
    const { lines, body, enqueuedAt, state, givenUp } = await openGivenUp(release);
    await using _ = lines;
    await lines.messages('none');

    await lines.sendRaw('ledger', body);
    await lines.invoke('ledger', (batch) =>
      batch.settle([{ claim: only(batch), outcome: 'given_up', error: 'answered_5xx: 500' }], enqueuedAt + 9),
    );

    expect([await state(), await givenUp()]).toEqual([['given_up'], [1, 0]]);
    const [message] = await lines.messages('none');
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({ v: 1, destination: 'ledger', enqueuedAt });
  });

  test.each(RELEASES)(
    '%s, of an event that was resent by a job, delivers it once more at the most',
    async (release) => {
      const { lines, entry, body, enqueuedAt, state, givenUp } = await openGivenUp(release);
      await using _ = lines;
      await lines.outbox.put([entry], enqueuedAt + 100);
      expect([await state(), await givenUp()]).toEqual([['waiting'], [0, 0]]);
      await lines.invoke('ledger', (batch) =>
        batch.settle([{ claim: only(batch), outcome: 'delivered' }], enqueuedAt + 101),
      );

      await lines.sendRaw('ledger', body);
      await lines.invoke('ledger', (batch) =>
        batch.settle([{ claim: only(batch), outcome: 'given_up', error: 'answered_5xx: 500' }], enqueuedAt + 102),
      );

      expect([await state(), await givenUp()]).toEqual([['delivered'], [0, 0]]);
    },
  );

  test('of a destination that is no longer configured is set aside', async () => {
    const { lines, body } = await openGivenUp(RELEASES[0] ?? '');
    await using _ = lines;
    await lines.sendRaw('bus', body.replace('"ledger"', '"gone"'));

    await lines.invoke('bus', async (batch) => {
      expect(batch.claims).toEqual([]);
      expect(batch.unreadable).toMatchObject([{ reason: 'destination is none that is configured' }]);
    });
  });
});
