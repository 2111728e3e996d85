import { describe, expect, test } from 'vitest';
import { type Effects, effectsFromText, effectsToText, FIRST_ROUND, NO_EFFECTS } from './effects.ts';

const EFFECTS: Effects = {
  events: [
    { type: 'payment.succeeded', paymentId: 'pi_1', news: 'news' },
    { type: 'payout.paid', paymentId: null, news: 'stale' },
  ],
  handlers: [{ handler: 'ship', event: 0, outcome: 'given_up', attempts: 2 }],
  only: 'ship',
  round: { startedAt: 1_700_000_000_000, brokenAttempts: 3, restedAttempts: 40 },
  history: [
    { at: 1, outcome: 'retrying', durationMs: 5, reason: 'handler_failed', handler: 'ship', error: 'no answer' },
    { at: 2, outcome: 'retrying', durationMs: 6, reason: 'handler_failed', handler: 'ship', error: 'no answer' },
    { at: 3, outcome: 'processed', durationMs: 7, reason: null, handler: null, error: null },
    { at: 4, outcome: 'dead_lettered', durationMs: 8, reason: 'seal_broken', handler: null, error: null },
  ],
};

describe('effects as text', () => {
  test('are read briefly with the last attempt alone, and with what it was explained by', () => {
    const failed = {
      at: 1,
      outcome: 'retrying',
      durationMs: 2,
      reason: 'handler_failed',
      handler: 'ship',
      error: 'down',
    } as const;
    const fails = [failed, { ...failed, at: 2 }, { ...failed, at: 3, outcome: 'dead_lettered' as const }];
    const differs = [...fails, { ...failed, at: 4, error: 'sold out' }];
    for (const history of [fails, differs, fails.slice(0, 1), []]) {
      const text = effectsToText({ ...NO_EFFECTS, only: 'ship', history });

      expect(effectsFromText(text, true)).toEqual({ ...NO_EFFECTS, only: 'ship', history: history.slice(-1) });
    }
  });

  test('are read as they were written', () => {
    expect(effectsFromText(effectsToText(EFFECTS))).toEqual(EFFECTS);
  });

  test.each([EFFECTS, NO_EFFECTS, { ...NO_EFFECTS, confirmedAt: 5 }])(
    'keep what was said of present states',
    (effects) => {
      const asked = { why: 'unattributed', kind: 'refund', id: 're_1', at: 1_700_000_000_001 } as const;
      const present: Effects['present'] = [
        { ...asked, outcome: 'attributed', names: [{ kind: 'payment', id: 'pi_1' }], part: 'ch_1' },
        {
          ...asked,
          outcome: 'attributed',
          names: [
            { kind: 'order', id: 'O1' },
            { kind: 'capture', id: 'C1' },
          ],
        },
        { ...asked, why: 'contradictory', kind: 'dispute', outcome: 'differs', detail: 'the API says lost' },
        { ...asked, why: 'contradictory', kind: 'charge', outcome: 'not_found' },
      ];

      expect(effectsFromText(effectsToText({ ...effects, present }))).toEqual({ ...effects, present });
    },
  );

  test.each([EFFECTS, NO_EFFECTS])('keep when they were confirmed, with attempts and without', (effects) => {
    const confirmed: Effects = { ...effects, confirmedAt: 1_700_000_000_001 };

    expect(effectsFromText(effectsToText(confirmed))).toEqual(confirmed);
  });

  test('of a webhook that nothing was done for are nothing', () => {
    expect(effectsToText(NO_EFFECTS)).toBeNull();
    expect(effectsFromText(null)).toEqual(NO_EFFECTS);
  });

  test('are written for as little as a name that was asked for', () => {
    const only: Effects = { ...NO_EFFECTS, only: 'ship' };

    expect(effectsFromText(effectsToText(only))).toEqual(only);
  });

  test('say their version', () => {
    expect(effectsToText(EFFECTS)).toMatch(/^\[4,/);
  });

  test('of before they said a version are read, and what was called rejected has given up', () => {
    const before = '[[["payment.succeeded","pi_1","repeated"]],[["ship",0,"rejected",1],["book",null,"done",3]],null]';

    expect(effectsFromText(before)).toEqual({
      events: [{ type: 'payment.succeeded', paymentId: 'pi_1', news: 'repeated' }],
      handlers: [
        { handler: 'ship', event: 0, outcome: 'given_up', attempts: 1 },
        { handler: 'book', event: null, outcome: 'done', attempts: 3 },
      ],
      only: null,
      round: FIRST_ROUND,
    });
  });

  test('of before rounds were recorded are read as those of a first round in which nothing broke', () => {
    const before = '[2,[["payment.succeeded","pi_1","news"]],[],"ship"]';

    expect(effectsFromText(before)).toMatchObject({ only: 'ship', round: FIRST_ROUND });
  });

  test('are written for as little as a round that an operator began', () => {
    const replayed: Effects = { ...NO_EFFECTS, round: { ...FIRST_ROUND, startedAt: 7 } };

    expect(effectsFromText(effectsToText(replayed))).toEqual(replayed);
  });

  test('say what failed in the same way once', () => {
    expect(effectsToText(EFFECTS)?.match(/no answer/g)).toHaveLength(1);
  });

  test('of before attempts were recorded are read without them', () => {
    const before = '[3,[["payment.succeeded","pi_1","news"]],[],null,null,0]';

    expect(effectsFromText(before)).not.toHaveProperty('history');
  });

  test('of a newer version are not guessed at', () => {
    expect(() => effectsFromText('[5,[],[],null]')).toThrow(
      expect.objectContaining({
        code: 'store_damaged',
        message: expect.stringContaining('has version 5, written by a newer Payhook'),
      }),
    );
  });
});
