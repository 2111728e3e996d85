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
};

describe('effects as text', () => {
  test('are read as they were written', () => {
    expect(effectsFromText(effectsToText(EFFECTS))).toEqual(EFFECTS);
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
    expect(effectsToText(EFFECTS)).toMatch(/^\[3,/);
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

  test('of a newer version are not guessed at', () => {
    expect(() => effectsFromText('[4,[],[],null]')).toThrow(
      expect.objectContaining({
        code: 'store_damaged',
        message: expect.stringContaining('has version 4, written by a newer Payhook'),
      }),
    );
  });
});
