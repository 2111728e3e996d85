import { describe, expect, test } from 'vitest';
import { NOW } from '../../test/support/clock.ts';
import { LIMITS } from '../core/limits.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, WEEK_MS } from '../core/time.ts';
import { learn, type Silence, type SilenceRecord, silenceSentences, silencesOf, tell } from './silence.ts';

const arrivalsAt = (at: number, eventType = 'charge.succeeded') => ({
  provider: 'stripe',
  eventType,
  firstAt: at,
  lastAt: at,
  count: 1,
});

const TICK_MS = 5 * MINUTE_MS;

/** Of each type one each so often, from `from` on, noted as a home does; it ends with one, where the time is a multiple. */
const heardFor = (
  record: SilenceRecord | undefined,
  from: number,
  forMs: number,
  everyMs: number | Readonly<Record<string, number>>,
): SilenceRecord => {
  const types = Object.entries(typeof everyMs === 'number' ? { 'charge.succeeded': everyMs } : everyMs);
  let kept = record;
  for (let at = from; at <= from + forMs; at += TICK_MS) {
    const due = types.filter(([, every]) => (at - from) % every === 0);
    kept = learn(
      kept,
      due.map(([type]) => arrivalsAt(at, type)),
      at,
    );
  }
  return kept as SilenceRecord;
};

/** Time passes, and somebody listens. */
const listen = (record: SilenceRecord, forMs: number): SilenceRecord => {
  let kept = record;
  for (let at = record.at + TICK_MS; at <= record.at + forMs; at += TICK_MS) kept = learn(kept, [], at);
  return kept;
};

const named = (record: SilenceRecord) =>
  silencesOf(record).map(({ provider, eventType, silentMs }) => [provider, eventType, Math.round(silentMs / HOUR_MS)]);

/** Four hours at most between two, for eight days. */
const USUAL = heardFor(undefined, NOW, 8 * DAY_MS, 4 * HOUR_MS);

describe('silence', () => {
  test('is called so after twice the longest that it was silent before, and of a whole provider once', () => {
    expect(named(listen(USUAL, 8 * HOUR_MS))).toEqual([]);
    expect(named(listen(USUAL, 9 * HOUR_MS))).toEqual([['stripe', null, 9]]);
  });

  test('is never called so before two hours, however often something came', () => {
    const often = heardFor(undefined, NOW, 8 * DAY_MS, 5 * MINUTE_MS);

    expect(named(listen(often, 110 * MINUTE_MS))).toEqual([]);
    expect(named(listen(often, 125 * MINUTE_MS))).toEqual([['stripe', null, 2]]);
  });

  test('is of one type while others of the provider come', () => {
    const types = { 'charge.succeeded': 4 * HOUR_MS, 'refund.created': HOUR_MS };
    const both = heardFor(undefined, NOW, 8 * DAY_MS, types);
    const record = heardFor(both, both.at + TICK_MS, 11 * HOUR_MS, { 'refund.created': HOUR_MS });

    expect(named(record)).toEqual([['stripe', 'charge.succeeded', 11]]);
  });

  test('is not known of before a week, nor before twenty webhooks', () => {
    const young = heardFor(undefined, NOW, 6 * DAY_MS, HOUR_MS);
    const rare = heardFor(undefined, NOW, 18 * DAY_MS, DAY_MS);

    expect([named(listen(young, 2 * DAY_MS)), named(listen(rare, 10 * DAY_MS))]).toEqual([[], []]);
  });

  test('is learnt over five weeks, and what was longer before that is forgotten', () => {
    // A shop that is closed for two days in its first week, and never again.
    const first = heardFor(undefined, NOW, 3 * DAY_MS, 4 * HOUR_MS);
    const closed = listen(first, 48 * HOUR_MS);
    const open = heardFor(closed, closed.at, 3 * WEEK_MS, 4 * HOUR_MS);
    const longOpen = heardFor(open, open.at, 4 * WEEK_MS, 4 * HOUR_MS);

    expect(named(listen(open, 9 * HOUR_MS))).toEqual([]);
    expect(named(listen(longOpen, 9 * HOUR_MS))).toEqual([['stripe', null, 9]]);
  });

  test('that somebody was told of counts as no longer than that: the next one does not pass unseen', () => {
    const out = listen(USUAL, 30 * HOUR_MS);
    const back = heardFor(out, out.at, 8 * HOUR_MS, 4 * HOUR_MS);

    // Eight hours were learnt of the thirty.
    expect(named(listen(back, 16 * HOUR_MS))).toEqual([]);
    expect(named(listen(back, 18 * HOUR_MS))).toEqual([['stripe', null, 18]]);
  });

  test('is told once, until something comes again', () => {
    const first = tell(listen(USUAL, 9 * HOUR_MS));
    const again = tell(listen(first.record, HOUR_MS));
    const back = heardFor(again.record, again.record.at, 0, HOUR_MS);
    const second = tell(listen(back, 18 * HOUR_MS));

    expect(first.told).toMatchObject([{ provider: 'stripe', eventType: null }]);
    expect(again.told).toEqual([]);
    expect(named(again.record)).toHaveLength(1);
    expect(second.told).toHaveLength(1);
  });

  test('is no time in which nobody listened', () => {
    const away = learn(USUAL, [], USUAL.at + 20 * HOUR_MS);
    const returned = learn(USUAL, [arrivalsAt(USUAL.at + 20 * HOUR_MS)], USUAL.at + 20 * HOUR_MS);

    expect(named(away)).toEqual([]);
    expect(named(listen(away, 9 * HOUR_MS))).toEqual([['stripe', null, 9]]);
    expect(returned.heard.map(({ longestMs }) => Math.max(...longestMs))).toEqual([4 * HOUR_MS, 4 * HOUR_MS]);
  });

  test('is unmoved by what comes late, or twice, and by a clock that is set back', () => {
    const late = learn(USUAL, [arrivalsAt(USUAL.at - DAY_MS)], USUAL.at);
    const back = learn(USUAL, [arrivalsAt(USUAL.at - HOUR_MS)], USUAL.at - HOUR_MS);

    expect(late.heard[0]?.lastAt).toBe(USUAL.heard[0]?.lastAt);
    for (const one of [late, back]) expect(named(listen(one, 9 * HOUR_MS))).toEqual([['stripe', null, 9]]);
  });

  test('is noticed again at once after a clock was a year ahead for a while', () => {
    const ahead = learn(USUAL, [arrivalsAt(USUAL.at + 365 * DAY_MS)], USUAL.at + 365 * DAY_MS);
    const back = learn(ahead, [arrivalsAt(USUAL.at + TICK_MS)], USUAL.at + TICK_MS);

    expect(named(listen(back, 7 * HOUR_MS))).toEqual([]);
    expect(named(listen(back, 9 * HOUR_MS))).toEqual([['stripe', null, 9]]);
  });

  test('is remembered of a bounded number, the newest, and of nothing that is gone for five weeks', () => {
    const many = Array.from({ length: 700 }, (_, n) => arrivalsAt(NOW + n, `type.${n}`));
    const { heard } = learn(undefined, many, NOW + DAY_MS);

    expect(heard).toHaveLength(LIMITS.silenceTypesMax);
    expect(heard.map(({ eventType }) => eventType)).toContain('type.699');
    expect(heard.map(({ eventType }) => eventType)).not.toContain('type.0');
    expect(listen(USUAL, 6 * WEEK_MS).heard).toEqual([]);
    expect(JSON.stringify(learn(undefined, many, NOW)).length).toBeLessThan(100_000);
  });
});

test('one sentence for each provider says what is silent, for how long, and how long it was before', () => {
  const silence = (eventType: string | null, hours: number, provider = 'stripe'): Silence => ({
    provider,
    eventType,
    silentMs: hours * HOUR_MS,
    longestMs: (hours * HOUR_MS) / 6,
  });
  const types = Array.from({ length: 7 }, (_, n) => silence(`type.${n}`, 3));

  expect(silenceSentences([silence(null, 75), silence('charge.succeeded', 7, 'adyen')])).toEqual([
    { provider: 'stripe', sentence: 'stripe is silent: nothing for 3 days (before: 12 h at most)' },
    { provider: 'adyen', sentence: 'adyen is silent: no charge.succeeded for 7 h (before: 1 h at most)' },
  ]);
  expect(silenceSentences(types)[0]?.sentence).toMatch(
    /no type\.4 for 3 h \(before: 30 min at most\) and 2 types more$/,
  );
});
