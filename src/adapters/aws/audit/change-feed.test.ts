import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOW } from '../../../../test/support/clock.ts';
import { insertionOf } from '../../../../test/support/insertion.ts';
import { runs } from '../../../../test/support/property-runs.ts';
import { hashOfText, type LinkedEntry, linkEntry } from '../../../audit/audit.ts';
import { entriesForInsert } from '../../../audit/entries.ts';
import { NO_EFFECTS } from '../../../core/effects.ts';
import type { Insertion, StatusChange } from '../../../core/ports/webhook-store.ts';
import { packAttributes, unpackAttributes } from '../dynamodb/packed-attributes.ts';
import type { Item } from '../dynamodb/values.ts';
import { changeableOf, itemChangeOf } from '../webhooks/changes.ts';
import { storedWebhookOf, unpackedItem } from '../webhooks/read-item.ts';
import { insertedItem } from '../webhooks/write-item.ts';
import { type ReadChange, readChange, type StreamRecord } from './change-feed.ts';

const itemOf = (insertion: Insertion): Item => {
  const linked: ReturnType<typeof linkEntry>[] = [];
  for (const draft of entriesForInsert(insertion)) linked.push(linkEntry(draft, linked.at(-1)));
  return insertedItem(insertion, linked.at(-1)!);
};

const change: StatusChange = {
  status: 'retrying',
  attempts: 1,
  lastError: 'Error: the ledger is down',
  nextAttemptAt: NOW + 1000,
  effects: NO_EFFECTS,
  changedAt: NOW + 1,
  actor: { type: 'component', id: 'processor' },
  reason: 'handler_failed',
};

/** The item as the store leaves it. */
const changedItem = (item: Item, overrides: Partial<StatusChange> = {}): Item => {
  const { set, removed } = itemChangeOf(changeableOf(storedWebhookOf(item)), { ...change, ...overrides });
  const after = { ...item, ...set };
  for (const name of removed) delete after[name];
  return after;
};

const recordOf = (before: Item | undefined, after: Item | undefined, others: object = {}): StreamRecord => {
  const { webhookId, timestamp } = after ?? before ?? {};
  return {
    ...others,
    dynamodb: {
      SequenceNumber: '111',
      ApproximateCreationDateTime: NOW / 1000,
      Keys: { webhookId, timestamp },
      ...(before === undefined ? {} : { OldImage: before }),
      ...(after === undefined ? {} : { NewImage: after }),
    },
  };
};

const BY_TIME_TO_LIVE = { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } };

const entriesOf = (read: ReadChange): readonly LinkedEntry[] => {
  if (read.outcome !== 'entries') throw new Error(`read as ${JSON.stringify(read)}`);
  return read.entries;
};
const saidBy = (read: ReadChange) =>
  entriesOf(read).map(({ text }) => {
    const { seq, event, change: made } = JSON.parse(text);
    return [seq, event, made?.to ?? null];
  });
const reasonOf = (read: ReadChange) => (read.outcome === 'unexplained' ? read.draft.reason : read.outcome);

const inserted = itemOf(insertionOf());
const retried = changedItem(inserted);

describe('readChange of what Payhook wrote', () => {
  test('gives the entries of an insert, linked from the first on', () => {
    const masked = itemOf(insertionOf({ cardData: { cardNumbers: 1, securityCodes: 0, trackData: 0 } }));
    const entries = entriesOf(readChange(recordOf(undefined, masked)));

    expect(saidBy(readChange(recordOf(undefined, inserted)))).toEqual([[1, 'WEBHOOK_ACCEPTED', 'received']]);
    expect(saidBy(readChange(recordOf(undefined, masked)))).toEqual([
      [1, 'WEBHOOK_ACCEPTED', 'received'],
      [2, 'PAN_REDACTED', null],
    ]);
    for (const { text, hash } of entries) expect(hashOfText(text)).toBe(hash);
    const { provider, eventType, mode, receivedAt } = insertionOf().webhook;
    expect(readChange(recordOf(undefined, inserted))).toMatchObject({
      arrived: { provider, eventType, mode, receivedAt, isSimulated: false },
    });
    expect(readChange(recordOf(inserted, retried))).not.toHaveProperty('arrived');
    expect(JSON.parse(entries[1]?.text ?? '').prevHash).toBe(entries[0]?.hash);
  });

  test('gives the entry of each change in the life of a webhook', () => {
    const steps: readonly Partial<StatusChange>[] = [
      {},
      { status: 'dead_lettered', attempts: 2, nextAttemptAt: null },
      { status: 'received', attempts: 0, lastError: null, nextAttemptAt: null, reason: null },
      { status: 'processed', lastError: null, nextAttemptAt: null, reason: null },
    ];
    let before = inserted;
    const said = steps.flatMap((step) => {
      const after = changedItem(before, step);
      const read = readChange(recordOf(before, after));
      before = after;
      return saidBy(read);
    });

    expect(said).toEqual([
      [2, 'STATUS_CHANGED', 'retrying'],
      [3, 'STATUS_CHANGED', 'dead_lettered'],
      [4, 'REDRIVEN', 'received'],
      [5, 'STATUS_CHANGED', 'processed'],
    ]);
  });

  test('explains a webhook that is changed more often than it remembers', () => {
    let before = inserted;
    for (let times = 0; times < 120; times += 1) {
      const after = changedItem(before, { changedAt: NOW + times });

      expect(saidBy(readChange(recordOf(before, after)))).toEqual([[times + 2, 'STATUS_CHANGED', 'retrying']]);
      before = after;
    }
    expect(storedWebhookOf(before).changes).toHaveLength(100);
  });

  test('explains what a release before 0.2 left, which packed nothing, and what was packed to other bytes', () => {
    const alone = unpackedItem(inserted);
    const state = Object.entries(unpackAttributes(retried.state?.B ?? new Uint8Array())).reverse();
    const otherwise = { ...retried, state: { B: packAttributes(Object.fromEntries(state)) } };

    expect(saidBy(readChange(recordOf(undefined, alone)))).toEqual([[1, 'WEBHOOK_ACCEPTED', 'received']]);
    expect(otherwise.state).not.toEqual(retried.state);
    for (const [before, after] of [
      [alone, changedItem(alone)],
      [alone, unpackedItem(retried)],
      [inserted, otherwise],
    ]) {
      expect(saidBy(readChange(recordOf(before, after)))).toEqual([[2, 'STATUS_CHANGED', 'retrying']]);
    }
  });

  test('gives one entry when a retention has ended, and tells it from a removal by hand', () => {
    expect(saidBy(readChange(recordOf(retried, undefined, BY_TIME_TO_LIVE)))).toEqual([[3, 'DELETED', 'deleted']]);
    expect(reasonOf(readChange(recordOf(retried, undefined)))).toBe('removed');
  });

  test('has nothing to say of transmissions and of data keys that are new', () => {
    const transmission = { webhookId: { S: 'transmission:paypal:1' }, timestamp: { N: '0' } };
    const dataKey = { webhookId: { S: 'data-key:1' }, timestamp: { N: '0' }, wrapped: { B: new Uint8Array([1]) } };

    expect(readChange(recordOf(undefined, transmission))).toEqual({ outcome: 'nothing' });
    expect(readChange(recordOf(transmission, undefined, BY_TIME_TO_LIVE))).toEqual({ outcome: 'nothing' });
    expect(readChange(recordOf(undefined, dataKey))).toEqual({ outcome: 'nothing' });
  });
});

const WRITTEN_BY_HAND: readonly [string, string, StreamRecord][] = [
  ['a status', 'changed_without_entry', recordOf(inserted, { ...inserted, status: { S: 'processed' } })],
  ['a payload', 'changed_without_entry', recordOf(inserted, { ...retried, payload: { B: new Uint8Array([6]) } })],
  ['an expiry', 'changed_without_entry', recordOf(inserted, { ...retried, expiresAt: { N: '1' } })],
  ['the times of changes', 'changed_without_entry', recordOf(retried, { ...changedItem(retried), changes: { L: [] } })],
  ['an index entry', 'changed_without_entry', recordOf(inserted, { ...retried, attention: { S: 'retrying#99' } })],
  ['an attribute of somebody else', 'changed_without_entry', recordOf(inserted, { ...retried, note: { S: 'hello' } })],
  ['nothing', 'changed_without_entry', recordOf(inserted, inserted)],
  [
    'a step that no webhook takes, with the hash that belongs to it',
    'changed_without_entry',
    recordOf(
      changedItem(inserted, { status: 'processed' }),
      changedItem(changedItem(inserted, { status: 'processed' }), { status: 'dead_lettered' }),
    ),
  ],
  ['a hash', 'inserted_without_entry', recordOf(undefined, { ...inserted, auditHash: { B: new Uint8Array(32) } })],
  [
    'a webhook that no list shows',
    'inserted_without_entry',
    recordOf(undefined, { ...inserted, listShard: { N: '9' } }),
  ],
  ['a webhook in the midst of its life', 'inserted_without_entry', recordOf(undefined, retried)],
  ['a shape', 'item_not_understood', recordOf(inserted, { ...inserted, mode: { N: '1' } })],
  [
    'an instant that is none',
    'item_not_understood',
    recordOf(inserted, { ...retried, changes: { L: [{ N: '1e30' }] } }),
  ],
];

describe('readChange of what something else wrote', () => {
  test.each(WRITTEN_BY_HAND)('calls %s by hand %s', (_, reason, record) => {
    expect(reasonOf(readChange(record))).toBe(reason);
  });

  test('names the item, and nothing that is in it', () => {
    expect(readChange(recordOf(inserted, { ...inserted, status: { S: 'canary' } }))).toEqual({
      outcome: 'unexplained',
      webhookId: 'stripe:evt_1',
      draft: {
        chainId: 'unexplained',
        at: NOW,
        actor: { type: 'operator', id: 'unknown' },
        event: 'UNEXPLAINED_CHANGE',
        outcome: 'failure',
        reason: 'item_not_understood',
        origin: { sourceAddress: null, requestId: null, traceId: null },
        resource: { type: 'webhook', id: 'stripe:evt_1' },
        change: null,
        count: 1,
      },
    });
  });

  test('tells of a data key that was exchanged or removed: payloads hang on it', () => {
    const key = { webhookId: { S: 'data-key:1' }, timestamp: { N: '0' }, wrapped: { B: new Uint8Array([1]) } };

    expect(reasonOf(readChange(recordOf(key, { ...key, wrapped: { B: new Uint8Array([2]) } })))).toBe(
      'data_key_changed',
    );
    expect(reasonOf(readChange(recordOf(key, undefined, BY_TIME_TO_LIVE)))).toBe('data_key_removed');
  });

  const value: fc.Arbitrary<AttributeValue> = fc.oneof(
    fc.string().map((S) => ({ S })),
    fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((n) => ({ N: String(n) })),
    fc.uint8Array({ maxLength: 40 }).map((B) => ({ B })),
    fc.boolean().map((BOOL) => ({ BOOL })),
    fc.constant({ NULL: true as const }),
    fc.array(fc.integer(), { maxLength: 3 }).map((all) => ({ L: all.map((n) => ({ N: String(n) })) })),
    fc.constant({ M: { a: { S: 'b' } } }),
  );

  test('explains no change in which one attribute is another, and never throws', () => {
    const names = [...new Set([...Object.keys(inserted), ...Object.keys(retried), 'account', 'expiresAtMs'])];
    // What a change may set to anything: who tries again decides how often, when, and with which error.
    const free = ['attempts', 'nextAttemptAt', 'lastError', 'webhookId', 'timestamp'];
    fc.assert(
      fc.property(fc.constantFrom(...names.filter((name) => !free.includes(name))), value, (name, other) => {
        const after = { ...retried, [name]: other };
        fc.pre(JSON.stringify(after) !== JSON.stringify(retried));

        expect(reasonOf(readChange(recordOf(inserted, after)))).toMatch(
          /^(changed_without_entry|item_not_understood)$/,
        );
      }),
      runs(500),
    );
  });

  test('never throws, whatever an image holds', () => {
    const image = fc.dictionary(fc.constantFrom(...Object.keys(retried)), value);
    fc.assert(
      fc.property(fc.option(image), fc.option(image), (before, after) => {
        const read = readChange(
          recordOf({ ...inserted, ...before }, after === null ? undefined : { ...retried, ...after }),
        );

        expect(['entries', 'unexplained']).toContain(read.outcome === 'unreadable' ? 'unexplained' : read.outcome);
      }),
      runs(500),
    );
  });
});

describe('readChange of a record that is none', () => {
  test('reports it by its number, where it has one', () => {
    expect(readChange({})).toEqual({ outcome: 'unreadable', reason: 'the record has no key', sequenceNumber: null });
    expect(readChange({ dynamodb: { SequenceNumber: '7', Keys: { webhookId: { N: '1' } } } })).toEqual({
      outcome: 'unreadable',
      reason: 'the record has no key',
      sequenceNumber: '7',
    });
    expect(readChange({ dynamodb: { SequenceNumber: '8', Keys: { webhookId: { S: 'stripe:1' } } } })).toEqual({
      outcome: 'unreadable',
      reason: 'the record has no image',
      sequenceNumber: '8',
    });
  });
});
