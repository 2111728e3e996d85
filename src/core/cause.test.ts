import { describe, expect, test } from 'vitest';
import type { AttemptRecord } from './attempts.ts';
import { causeOf, isOfCause } from './cause.ts';
import { FIRST_ROUND, NO_EFFECTS } from './effects.ts';

const attempt = (more: Partial<AttemptRecord>): AttemptRecord => ({
  at: 1,
  outcome: 'dead_lettered',
  durationMs: 1,
  reason: 'handler_failed',
  handler: 'shipOrder',
  error: null,
  ...more,
});

const causeAfter = (...history: AttemptRecord[]): string | undefined =>
  causeOf({ status: 'dead_lettered', eventType: 'a.b', lastError: 'x', effects: { ...NO_EFFECTS, history } })?.cause;

describe('the cause of a failure', () => {
  test.each([
    'shipOrder: Error: the warehouse is down',
    'shipOrder: Error: the warehouse is down\n  at line 7',
    'shipOrder: the warehouse is down',
    'shipOrder: Error: the warehouse 17 is down',
    'shipOrder: Error: the warehouse "Berlin-3" is down',
    'shipOrder: Error: the warehouse wh_81kAb2 is down',
    'shipOrder: Error: the warehouse https://wh.example/a?b=c is down',
  ])('of %j is the same: what differs from one webhook to the next is left out', (error) => {
    expect(causeAfter(attempt({ error }))).toBe('handler_failed:shipOrder:the-warehouse-is-down');
  });

  test('is that of the last attempt', () => {
    const first = attempt({ error: 'shipOrder: out of stock' });

    expect(causeAfter(first, attempt({ reason: 'handler_timed_out', error: null }))).toBe(
      'handler_timed_out:shipOrder',
    );
  });

  test('has no handler where none is to blame, and no more words than a line has', () => {
    const cause = causeAfter(attempt({ reason: 'shape_unexpected', handler: null, error: 'too long '.repeat(99) }));

    expect(cause).toMatch(/^shape_unexpected:too-long-/);
    expect(cause?.length).toBeLessThan(80);
  });

  test('is unrecorded for a reason that is not on the list, never the text of a handler alone', () => {
    expect(causeAfter(attempt({ reason: 'made_up', handler: null }))).toBe('unrecorded');
  });

  test.each([
    ['stripe.event', 'duplicate_differs', 'duplicate_differs'],
    ['unparsable', 'body_not_json', 'unparsable:body-not-json'],
    ['stripe.event', 'something of an old release', 'unrecorded:something-of-an-old-release'],
  ])('of a webhook without attempts is read from what is kept: %s, %s', (eventType, lastError, cause) => {
    expect(causeOf({ status: 'dead_lettered', eventType, lastError, effects: NO_EFFECTS })?.cause).toBe(cause);
  });

  test('of what a release before 0.2 stored is the handler that failed', () => {
    const handlers = [{ handler: 'ship', event: 0, outcome: 'failed', attempts: 1 }] as const;
    const stored = {
      status: 'retrying',
      eventType: 'a',
      lastError: 'ship: no answer',
      effects: { ...NO_EFFECTS, handlers },
    } as const;

    expect(causeOf(stored)?.cause).toBe('handler_failed:ship:no-answer');
  });

  test.each(['received', 'processed', 'ignored'] as const)('is none while a webhook is %s', (status) => {
    const effects = { ...NO_EFFECTS, history: [attempt({})] };

    expect(causeOf({ status, eventType: 'a', lastError: null, effects })).toBeNull();
  });

  describe('of a webhook that waits again is that of its present round', () => {
    const REDRIVEN_AT = 10;
    const waiting = (brokenAttempts: number, ...history: AttemptRecord[]): string | undefined =>
      causeOf({
        status: 'retrying',
        eventType: 'a.b',
        lastError: 'attempt 1 runs with nothing beside it',
        effects: {
          ...NO_EFFECTS,
          round: { ...FIRST_ROUND, startedAt: REDRIVEN_AT, brokenAttempts },
          ...(history.length === 0 ? {} : { history }),
        },
      })?.cause;

    test.each([
      ['none while it was only queued again', 0, undefined],
      ['none while the first attempt runs alone', 1, undefined],
      ['that it breaks what it runs in, once it has', 2, 'attempts_broken'],
    ])('%s', (_, brokenAttempts, cause) => {
      expect(waiting(brokenAttempts)).toBe(cause);
      expect(waiting(brokenAttempts, attempt({ at: REDRIVEN_AT - 1 }))).toBe(cause);
    });

    test('what an attempt of it failed by', () => {
      expect(waiting(1, attempt({ at: REDRIVEN_AT }))).toBe('handler_failed:shipOrder');
    });

    test('none for one that no attempt was made of', () => {
      expect(causeOf({ status: 'retrying', eventType: 'a', lastError: null, effects: NO_EFFECTS })).toBeNull();
    });
  });

  test('is asked for as a whole or by how it begins, and never in the middle of a word', () => {
    const cause = 'handler_failed:shipOrder:down';

    expect(['handler_failed', 'handler_failed:shipOrder', cause].map((asked) => isOfCause(asked, cause))).toEqual([
      true,
      true,
      true,
    ]);
    expect(['handler', 'handler_failed:ship', 'down'].map((asked) => isOfCause(asked, cause))).toEqual([
      false,
      false,
      false,
    ]);
  });
});
