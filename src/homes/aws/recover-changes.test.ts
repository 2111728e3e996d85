import { describe, expect, test } from 'vitest';
import { createTestClock } from '../../../test/support/clock.ts';
import { insertionOf } from '../../../test/support/insertion.ts';
import type { StreamRecord } from '../../adapters/aws/audit/change-feed.ts';
import type { StreamFailure, StreamFailures } from '../../adapters/aws/audit/s3-stream-failures.ts';
import { insertedItem } from '../../adapters/aws/webhooks/write-item.ts';
import { type ChainLink, linkEntry } from '../../audit/audit.ts';
import { entriesForInsert } from '../../audit/entries.ts';
import { createRecoverChanges } from './recover-changes.ts';

/** What the stream says of a webhook that was inserted. */
const insertOf = (name: string): StreamRecord => {
  const insertion = insertionOf({ webhookId: `stripe:${name}` });
  let head: ChainLink | undefined;
  for (const draft of entriesForInsert(insertion)) head = linkEntry(draft, head);
  const item = insertedItem(insertion, head!);
  return { eventName: 'INSERT', dynamodb: { SequenceNumber: '1', Keys: item, NewImage: item } };
};

const edited = (record: StreamRecord): StreamRecord => ({
  ...record,
  dynamodb: { ...record.dynamodb, NewImage: { ...record.dynamodb?.NewImage, revision: { N: '7' } } },
});

const open = (failures: readonly StreamFailure[]) => {
  const left = new Map(failures.map((failure) => [failure.key, failure]));
  const appended: string[] = [];
  let isBroken = false;
  const kept: StreamFailures = {
    async *all() {
      yield* [...left.values()];
    },
    keepOnly: async (failure, records) => void left.set(failure.key, { ...failure, records }),
    remove: async (key) => {
      if (isBroken) throw new Error('the connection broke');
      left.delete(key);
    },
  };
  const recover = createRecoverChanges({
    failures: kept,
    auditLog: {
      append: async (drafts) => void appended.push(...drafts.map(({ event, count }) => `${event} ${count}`)),
      appendLinked: async (entries) => void appended.push(...entries.map(({ chainId }) => chainId.split('@')[0]!)),
    },
    clock: createTestClock(),
    operator: { type: 'operator', id: 'arn:ada' },
  });
  return {
    appended,
    left: () => [...left.keys()],
    run: (isDryRun = false) => Array.fromAsync(recover({ isDryRun })),
    breakRemoval: (now: boolean) => {
      isBroken = now;
    },
  };
};

const read = (key: string, ...records: StreamRecord[]): StreamFailure => ({ outcome: 'read', key, records, batch: {} });

describe('recovering what the change feed gave up on', () => {
  test('puts the entries of each object behind one that says that they come late, and removes the object', async () => {
    const { run, appended, left } = open([
      read('a', insertOf('evt_1'), insertOf('evt_2')),
      read('b', insertOf('evt_3')),
    ]);

    expect(await run()).toEqual([
      { outcome: 'recovered', key: 'a', entries: 2, unexplained: [] },
      { outcome: 'recovered', key: 'b', entries: 1, unexplained: [] },
    ]);
    expect(appended).toEqual([
      'CHANGES_RECOVERED 2',
      'stripe:evt_1',
      'stripe:evt_2',
      'CHANGES_RECOVERED 1',
      'stripe:evt_3',
    ]);
    expect(left()).toEqual([]);
  });

  test('does nothing when it is run again', async () => {
    const { run, appended } = open([read('a', insertOf('evt_1'))]);
    await run();
    const once = [...appended];

    expect(await run()).toEqual([]);
    expect(appended).toEqual(once);
  });

  test('says what it would do and does nothing in a dry run', async () => {
    const { run, appended, left } = open([read('a', insertOf('evt_1'))]);

    expect(await run(true)).toEqual([{ outcome: 'recovered', key: 'a', entries: 1, unexplained: [] }]);
    expect([appended, left()]).toEqual([[], ['a']]);
  });

  test('tells of changes that Payhook did not make, and audits them as such', async () => {
    const { run, appended } = open([read('a', edited(insertOf('evt_1')))]);

    expect(await run()).toMatchObject([
      { entries: 0, unexplained: [expect.stringContaining('inserted_without_entry')] },
    ]);
    expect(appended).toEqual(['CHANGES_RECOVERED 1', 'UNEXPLAINED_CHANGE 1']);
  });

  test('keeps what cannot be read, brings what stands around it, and goes on with the other objects', async () => {
    const { run, appended, left } = open([
      { outcome: 'unreadable', key: 'a', reason: 'not a JSON object' },
      read('b', insertOf('evt_1'), { dynamodb: {} }, insertOf('evt_3')),
      read('c', insertOf('evt_2')),
    ]);

    expect(await run()).toMatchObject([
      { outcome: 'kept', key: 'a', reason: 'not a JSON object', entries: 0 },
      { outcome: 'kept', key: 'b', reason: '1 of 3 records cannot be read: the record has no key', entries: 2 },
      { outcome: 'recovered', key: 'c' },
    ]);
    expect([appended, left()]).toEqual([
      ['CHANGES_RECOVERED 2', 'stripe:evt_1', 'stripe:evt_3', 'CHANGES_RECOVERED 1', 'stripe:evt_2'],
      ['a', 'b'],
    ]);
    const once = [...appended];
    expect(await run()).toMatchObject([{ key: 'a' }, { key: 'b', entries: 0 }]);
    expect(appended).toEqual(once);
  });

  test('brings an object again whose removal broke: twice in the trail, and never not at all', async () => {
    const { run, appended, left, breakRemoval } = open([read('a', insertOf('evt_1'))]);
    breakRemoval(true);
    await expect(run()).rejects.toThrow('the connection broke');
    breakRemoval(false);

    await run();

    expect(appended.filter((entry) => entry === 'stripe:evt_1')).toHaveLength(2);
    expect(left()).toEqual([]);
  });
});
