import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  readDestinationMessage,
  writeDestinationMessage,
  writeGivenUp,
  writeResting,
} from './sqs-destination-message.ts';

const someText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const entry = fc
  .record({
    webhookId: someText,
    timestamp: fc.integer(),
    destination: someText,
    event: fc.constantFrom('', '#2', '#17'),
    provider: someText,
    traceId: someText,
    news: fc.constantFrom('news' as const, 'repeated' as const, 'stale' as const),
  })
  .map(({ event, ...made }) => ({ ...made, eventId: `${made.webhookId}${event}` }));

describe('readDestinationMessage', () => {
  test('gives back every entry as it was written, waiting or given up', () => {
    fc.assert(
      fc.property(entry, fc.nat(), (made, enqueuedAt) => {
        for (const write of [writeDestinationMessage, writeGivenUp]) {
          expect(readDestinationMessage(write(made, enqueuedAt), made.destination)).toEqual({
            outcome: 'understood',
            entry: made,
            enqueuedAt,
            failures: 0,
            dueAt: null,
          });
        }
      }),
    );
  });

  test('gives back every entry that rests: since when it waits, its failures, and when it is due', () => {
    fc.assert(
      fc.property(entry, fc.nat(), fc.nat(), fc.option(fc.nat()), (made, enqueuedAt, failures, dueAt) => {
        const body = writeResting(made, { enqueuedAt, failures, dueAt });
        expect(readDestinationMessage(body, made.destination)).toEqual({
          outcome: 'understood',
          entry: made,
          enqueuedAt,
          failures,
          dueAt,
        });
      }),
    );
  });

  test('believes of one that was given up which destination it is for, wherever it was moved back to', () => {
    fc.assert(
      fc.property(entry, fc.nat(), (made, enqueuedAt) => {
        expect(readDestinationMessage(writeGivenUp(made, enqueuedAt), 'another one')).toMatchObject({ entry: made });
      }),
    );
  });

  test('never throws, whatever the body is, and quotes nothing of it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        const read = readDestinationMessage(body, 'ledger');
        expect(read.outcome).toBe('unreadable');
      }),
    );
  });

  test('reads what was written before messages said their version', () => {
    const before = { webhookId: 'a:1', timestamp: 1, provider: 'a', traceId: 't', eventId: 'a:1#2', enqueuedAt: 5 };
    const read = (isNews: boolean) => readDestinationMessage(JSON.stringify({ ...before, isNews }), 'ledger');

    const { enqueuedAt, ...entry } = before;
    expect(read(true)).toEqual({
      outcome: 'understood',
      entry: { ...entry, destination: 'ledger', news: 'news' },
      enqueuedAt,
      failures: 0,
      dueAt: null,
    });
    expect(read(false)).toMatchObject({ entry: { news: 'repeated' } });
  });

  test('does not guess what a newer version means', () => {
    expect(readDestinationMessage('{"v":2,"webhookId":"a:1"}', 'ledger')).toEqual({
      outcome: 'unreadable',
      reason: expect.stringMatching(/^version_unknown/),
    });
  });

  test('says what is wrong, without a word of the body', () => {
    const good = {
      v: 1,
      webhookId: 'a:1',
      timestamp: 1,
      provider: 'a',
      traceId: 't',
      eventId: 'a:1',
      news: 'news',
      destination: 'ledger',
      enqueuedAt: 1,
      failures: 1,
      dueAt: 1,
    };

    for (const name of Object.keys(good).filter((key) => key !== 'v')) {
      expect(readDestinationMessage(JSON.stringify({ ...good, [name]: { secret: 1 } }), 'ledger')).toEqual({
        outcome: 'unreadable',
        reason: expect.stringMatching(new RegExp(`^${name} is `)),
      });
    }
    expect(readDestinationMessage(JSON.stringify({ ...good, eventId: 'b:1' }), 'ledger')).toEqual({
      outcome: 'unreadable',
      reason: 'eventId is missing or of another webhook',
    });
    expect(readDestinationMessage(JSON.stringify({ ...good, more: 1 }), 'ledger').outcome).toBe('understood');
  });
});
