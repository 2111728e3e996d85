import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { QueueEntry } from '../../../core/ports/queue.ts';
import { readMessage, writeDeadLetter, writeMessage, writeResting } from './message.ts';

const ENTRY: QueueEntry = {
  webhookId: 'stripe:evt_ä-🧾',
  timestamp: 1_795_000_000_000,
  provider: 'stripe',
  traceId: '1-5759e988-bd862e3fe1be46a994272793',
};

const NEVER_RESTED = { enqueuedAt: null, dueAt: null };

/** The message with one field replaced; `undefined` leaves it out. */
const bodyWith = (field: string, value: unknown): string =>
  JSON.stringify({ ...ENTRY, deadLetteredRevision: 3, [field]: value });

describe('readMessage', () => {
  test('reads what writeMessage wrote', () => {
    expect(readMessage(writeMessage(ENTRY))).toEqual({
      outcome: 'understood',
      entry: ENTRY,
      deadLetteredRevision: null,
      ...NEVER_RESTED,
    });
  });

  test('reads what writeDeadLetter wrote, with the revision', () => {
    expect(readMessage(writeDeadLetter(ENTRY, 12))).toEqual({
      outcome: 'understood',
      entry: ENTRY,
      deadLetteredRevision: 12,
      ...NEVER_RESTED,
    });
  });

  test.each([null, 1_795_000_900_000])('reads what writeResting wrote, due at %j', (dueAt) => {
    expect(readMessage(writeResting(ENTRY, 1_795_000_000_007, dueAt))).toEqual({
      outcome: 'understood',
      entry: ENTRY,
      deadLetteredRevision: null,
      enqueuedAt: 1_795_000_000_007,
      dueAt,
    });
  });

  test.each(['enqueuedAt', 'dueAt'])('does not guess what a rest means that is no time: %s', (field) => {
    for (const value of ['1', 1.5, {}, true]) {
      expect(readMessage(bodyWith(field, value))).toEqual({
        outcome: 'unreadable',
        reason: `${field} is not a whole number`,
      });
    }
  });

  test('passes over a field that it does not know: a newer receiver may say more', () => {
    expect(readMessage(bodyWith('newer', 'field'))).toEqual({
      outcome: 'understood',
      entry: ENTRY,
      deadLetteredRevision: 3,
      ...NEVER_RESTED,
    });
  });

  test('reads what was written before messages said their version', () => {
    const { v: _, ...before } = JSON.parse(writeMessage(ENTRY));

    expect(readMessage(JSON.stringify(before))).toEqual({
      outcome: 'understood',
      entry: ENTRY,
      deadLetteredRevision: null,
      ...NEVER_RESTED,
    });
  });

  test.each([2, -1, 1.5, '1', null])('does not guess what a message of version %j means', (v) => {
    expect(readMessage(bodyWith('v', v))).toEqual({
      outcome: 'unreadable',
      reason: expect.stringMatching(/^version_unknown/),
    });
  });

  for (const body of ['', 'canary', '[]', 'null', '"canary"', '7', '{"webhookId":']) {
    test(`cannot read what is not a JSON object: ${body}`, () => {
      expect(readMessage(body)).toEqual({ outcome: 'unreadable', reason: 'not a JSON object' });
    });
  }

  for (const [field, values] of Object.entries({
    webhookId: [undefined, null, '', 7, ['canary'], 'x'.repeat(2049)],
    timestamp: [undefined, null, '1', 1.5, 2 ** 60, true],
    provider: [undefined, null, '', {}],
    traceId: [undefined, null, '', 0],
    deadLetteredRevision: ['1', 0, -1, 1.5, {}],
  })) {
    for (const value of values) {
      test(`names ${field} when it is ${String(JSON.stringify(value)).slice(0, 20)}, and does not quote it`, () => {
        const read = readMessage(bodyWith(field, value));

        expect(read).toEqual({ outcome: 'unreadable', reason: expect.stringMatching(`^${field} `) });
        expect(JSON.stringify(read)).not.toContain('canary');
      });
    }
  }

  test('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        expect(['understood', 'unreadable']).toContain(readMessage(body).outcome);
      }),
    );
  });
});

describe('writeMessage', () => {
  test('writes a pointer only, whatever else the entry that it was given holds', () => {
    const webhook = { ...ENTRY, payload: 'canary', headers: { 'user-agent': 'canary' } };

    expect(writeMessage(webhook)).not.toContain('canary');
    expect(writeDeadLetter(webhook, 1)).not.toContain('canary');
  });
});
