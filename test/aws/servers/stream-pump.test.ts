/** That the pump keeps to Lambda's rules: what the end-to-end test of the audit path rests on. */
import { describe, expect, test } from 'vitest';
import { type DeliveryRules, deliver, type GivenUp, type Invoked, type PumpedRecord } from './stream-delivery.ts';
import { isWanted } from './stream-filters.ts';
import { createStreamPump, type Shard, type StreamMapping } from './stream-pump.ts';

const NOW = 1_795_000_000_000;

const record = (number: number, key = 'k', ageSeconds = 0): PumpedRecord => ({
  eventName: 'INSERT',
  dynamodb: {
    SequenceNumber: String(number),
    ApproximateCreationDateTime: NOW / 1000 - ageSeconds,
    Keys: { webhookId: { S: key } },
  },
});
const records = (...numbers: number[]): readonly PumpedRecord[] => numbers.map((number) => record(number));
const numbersOf = (batch: readonly PumpedRecord[]): string =>
  batch.map(({ dynamodb }) => dynamodb.SequenceNumber).join(',');

const RULES: DeliveryRules = {
  maximumRetryAttempts: 2,
  maximumRecordAgeSeconds: null,
  isBisected: false,
  isPartialReported: true,
};
const ANSWERED: Invoked = { outcome: 'answered', answer: {} };
const FAILED: Invoked = { outcome: 'failed', error: 'Unhandled' };
const reported = (...ids: unknown[]): Invoked => ({
  outcome: 'answered',
  answer: { batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) },
});

/** Delivers the batch to a function that answers like this. */
const run = async (
  batch: readonly PumpedRecord[],
  answer: (batch: readonly PumpedRecord[], call: number) => Invoked,
  rules: Partial<DeliveryRules> = {},
) => {
  const calls: string[] = [];
  const given: GivenUp[] = [];
  let now = NOW;
  const deps = {
    invoke: async (handed: readonly PumpedRecord[]) => {
      calls.push(numbersOf(handed));
      return answer(handed, calls.length);
    },
    giveUp: async (failure: GivenUp) => void given.push(failure),
    now: () => now,
    pause: async () => {
      now += 1000;
    },
  };
  await deliver({ ...RULES, ...rules }, deps, batch);
  return {
    calls,
    given: given.map((each) => `${each.condition} ${numbersOf(each.records)} after ${each.invokeCount}`),
  };
};

const has = (number: number) => (batch: readonly PumpedRecord[]) =>
  batch.some(({ dynamodb }) => dynamodb.SequenceNumber === String(number));

describe('a batch of a stream', () => {
  test.each([
    ['nothing', undefined],
    ['null', null],
    ['an object without a list', {}],
    ['an empty list', { batchItemFailures: [] }],
    ['null for a list', { batchItemFailures: null }],
  ])('succeeded when the answer is %s', async (_, answer) => {
    expect(await run(records(1, 2), () => ({ outcome: 'answered', answer }))).toEqual({ calls: ['1,2'], given: [] });
  });

  test.each([
    ['no identifier', [undefined]],
    ['an empty identifier', ['']],
    ['null', [null]],
    ['one that is not of the batch', ['2', '99']],
  ])('failed as a whole when what is reported has %s', async (_, ids) => {
    const { calls } = await run(records(1, 2, 3), (_batch, call) => (call === 1 ? reported(...ids) : ANSWERED));

    expect(calls).toEqual(['1,2,3', '1,2,3']);
  });

  test('comes again from the lowest number that was reported on, and not before it', async () => {
    const { calls } = await run(records(1, 2, 3, 4), (_, call) => (call === 1 ? reported('4', '3') : ANSWERED));

    expect(calls).toEqual(['1,2,3,4', '3,4']);
  });

  test('has what was reported ignored when the mapping does not ask for it', async () => {
    const { calls } = await run(records(1, 2), () => reported('1'), { isPartialReported: false });

    expect(calls).toEqual(['1,2']);
  });

  test('comes again as often as it may, and is then given up as it is', async () => {
    expect(await run(records(1, 2), () => FAILED)).toEqual({
      calls: ['1,2', '1,2', '1,2'],
      given: ['RetryAttemptsExhausted 1,2 after 3'],
    });
  });

  test('is given up with everything behind the record that is reported again and again', async () => {
    expect(await run(records(1, 2, 3), (batch) => (has(2)(batch) ? reported('2') : ANSWERED))).toEqual({
      calls: ['1,2,3', '2,3', '2,3'],
      given: ['RetryAttemptsExhausted 2,3 after 3'],
    });
  });

  test('is halved until the record that fails is alone, which costs no retry, and in order', async () => {
    const poison = has(3);

    expect(
      await run(records(1, 2, 3, 4), (batch) => (poison(batch) ? FAILED : ANSWERED), { isBisected: true }),
    ).toEqual({
      calls: ['1,2,3,4', '1,2', '3,4', '3', '3', '3', '4'],
      given: ['RetryAttemptsExhausted 3 after 5'],
    });
  });

  test('is cut at the number that was reported, which costs no retry either', async () => {
    const { calls } = await run(records(1, 2, 3), (_, call) => (call === 1 ? reported('2') : ANSWERED), {
      isBisected: true,
      maximumRetryAttempts: 0,
    });

    expect(calls).toEqual(['1,2,3', '2,3']);
  });

  test('counts no retry while the function is throttled', async () => {
    const { calls, given } = await run(records(1), (_, call) => (call <= 10 ? { outcome: 'throttled' } : ANSWERED));

    expect([calls.length, given]).toEqual([11, []]);
  });

  test('is given up by age, throttled or not, when nothing else ends it', async () => {
    const forever = { maximumRetryAttempts: null, maximumRecordAgeSeconds: 60 };

    const failing = await run(records(1), () => FAILED, forever);
    const throttled = await run(records(1), () => ({ outcome: 'throttled' }), forever);

    for (const { calls, given } of [failing, throttled]) {
      expect([calls.length, given]).toEqual([61, ['MaxRecordAgeExceeded 1 after 61']]);
    }
  });

  test('is begun without those of its records that are too old, which are given up unseen', async () => {
    const batch = [record(1, 'k', 120), record(2)];

    expect(await run(batch, () => ANSWERED, { maximumRecordAgeSeconds: 60 })).toEqual({
      calls: ['2'],
      given: ['MaxRecordAgeExceeded 1 after 0'],
    });
  });
});

const MAPPING: StreamMapping = { ...RULES, batchSize: 2, parallelizationFactor: 1, filters: [] };

/** A pump over shards that are there from the beginning; each is read once. */
const openPump = (
  shards: readonly (Shard & { readonly records: readonly PumpedRecord[] })[],
  mapping: Partial<StreamMapping> = {},
  answer: (batch: readonly PumpedRecord[]) => Promise<Invoked> = async () => ANSWERED,
) => {
  const calls: string[] = [];
  const kept: [string, string][] = [];
  const read = new Set<string>();
  const pump = createStreamPump({
    mapping: { ...MAPPING, ...mapping },
    source: {
      shards: async () => shards,
      read: async (shardId) => {
        const fresh = read.has(shardId) ? [] : (shards.find((shard) => shard.shardId === shardId)?.records ?? []);
        read.add(shardId);
        return { records: fresh, isClosed: true };
      },
    },
    invoke: async (batch) => {
      calls.push(numbersOf(batch));
      return answer(batch);
    },
    keepFailure: async (key, text) => void kept.push([key, text]),
    now: () => NOW,
    pause: async () => undefined,
  });
  return { pump, calls, kept };
};

describe('the pump of a stream', () => {
  test('hands out a shard in its order, in batches of the size that is set', async () => {
    const { pump, calls } = openPump([{ shardId: 'a', parentId: null, records: records(1, 2, 3, 4, 5) }]);

    await pump.pumpOnce();

    expect(calls).toEqual(['1,2', '3,4', '5']);
  });

  test('is held up by a record that fails in its own shard only', async () => {
    const release = Promise.withResolvers<Invoked>();
    const { pump, calls } = openPump(
      [
        { shardId: 'a', parentId: null, records: records(1, 2, 3) },
        { shardId: 'b', parentId: null, records: records(11, 12, 13) },
      ],
      {},
      async (batch) => (has(1)(batch) ? release.promise : ANSWERED),
    );

    const pumping = pump.pumpOnce();
    while (calls.length < 3) await Promise.resolve();
    expect(calls).toEqual(['1,2', '11,12', '13']);
    release.resolve(ANSWERED);
    await pumping;

    expect(calls.at(-1)).toBe('3');
  });

  test('begins a child when its parent is at its end', async () => {
    const { pump, calls } = openPump([
      { shardId: 'child', parentId: 'parent', records: records(3) },
      { shardId: 'parent', parentId: 'long gone', records: records(1, 2) },
    ]);

    await pump.pumpOnce();
    expect(calls).toEqual(['1,2']);
    await pump.pumpOnce();

    expect(calls).toEqual(['1,2', '3']);
  });

  test('runs several batches of a shard side by side, and records of one key never', async () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const batch = Array.from({ length: 40 }, (_, n) => record(n, keys[n % keys.length]));
    let underway = 0;
    let most = 0;
    const lastOf = new Map<string, number>();
    const { pump, calls } = openPump(
      [{ shardId: 'a', parentId: null, records: batch }],
      { parallelizationFactor: 4 },
      async (handed) => {
        underway += 1;
        most = Math.max(most, underway);
        await Promise.resolve();
        for (const { dynamodb } of handed) {
          const key = JSON.stringify(dynamodb.Keys);
          expect(Number(dynamodb.SequenceNumber)).toBeGreaterThan(lastOf.get(key) ?? -1);
          lastOf.set(key, Number(dynamodb.SequenceNumber));
        }
        underway -= 1;
        return ANSWERED;
      },
    );

    await pump.pumpOnce();

    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
    expect(
      calls
        .flatMap((call) => call.split(','))
        .map(Number)
        .toSorted((a, b) => a - b),
    ).toEqual(batch.map((_, n) => n));
  });

  test('keeps what it gives up on, whole, where Lambda does, and goes on', async () => {
    const { pump, calls, kept } = openPump(
      [{ shardId: 'a', parentId: null, records: records(1, 2, 3) }],
      { batchSize: 1, maximumRetryAttempts: 0 },
      async (batch) => (has(2)(batch) ? FAILED : ANSWERED),
    );

    await pump.pumpOnce();

    expect(calls).toEqual(['1', '2', '3']);
    const [[key, text] = ['', '{}']] = kept;
    expect(key).toMatch(/^aws\/lambda\/[0-9a-f-]{36}\/a\/2026-11-18T\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$/);
    const failure = JSON.parse(text);
    expect(failure).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 1 },
      DDBStreamBatchInfo: { shardId: 'a', startSequenceNumber: '2', endSequenceNumber: '2', batchSize: 1 },
    });
    expect(JSON.parse(failure.payload)).toEqual({ Records: records(2) });
  });

  test('calls the function for what one of its filters wants', () => {
    const filters = [
      { dynamodb: { Keys: { webhookId: { S: [{ prefix: 'stripe:' }, { prefix: 'paypal:' }] } } } },
      { dynamodb: { NewImage: { listShard: { N: [{ exists: true }] } } } },
      { eventName: ['MODIFY', 'REMOVE'], dynamodb: { Keys: { webhookId: { S: [{ prefix: 'data-key:' }] } } } },
    ];
    const of = (id: string, eventName = 'INSERT', NewImage: object = {}) => ({
      eventName,
      dynamodb: { Keys: { webhookId: { S: id } }, NewImage },
    });

    expect(
      [
        of('stripe:evt_1'),
        of('transmission:paypal:1'),
        of('sweep:positions', 'MODIFY'),
        of('data-key:1'),
        of('data-key:1', 'MODIFY'),
        of('other', 'INSERT', { listShard: { N: '3' } }),
      ].map((each) => isWanted(filters, each)),
    ).toEqual([true, false, false, false, true, true]);
    expect(() => isWanted([{ eventName: [{ suffix: 'x' }] }], of('a'))).toThrow('not known here');
  });
});
