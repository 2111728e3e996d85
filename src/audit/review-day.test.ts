/** The day before, as a person goes through it. */
import { describe, expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import { DAY_MS, HOUR_MS } from '../core/time.ts';
import type { Actor } from '../core/webhook.ts';
import { type AuditEvent, OPERATORS_CHAIN, TURNED_AWAY_CHAIN } from './audit.ts';
import { createReviewDay, createSayReviewed, yesterday } from './review-day.ts';

const ALICE: Actor = { type: 'operator', id: 'alice' };

const open = () => {
  const home = createTestHome();
  const { clock, auditLog } = home;
  const write = (event: AuditEvent, over: { reason?: string; count?: number; actor?: Actor } = {}): Promise<void> =>
    auditLog.append([
      {
        chainId: event === 'REJECTED_SIGNATURE' ? TURNED_AWAY_CHAIN : OPERATORS_CHAIN,
        at: clock.now(),
        actor: over.actor ?? ALICE,
        event,
        outcome: 'success',
        reason: over.reason ?? null,
        origin: { sourceAddress: null, requestId: null, traceId: null },
        resource: { type: 'home', id: 'here' },
        change: null,
        count: over.count ?? 1,
      },
    ]);
  return { ...home, write, review: createReviewDay(home), say: createSayReviewed(home) };
};

describe('a day in review', () => {
  test('counts by subject, event and actor what a person has to look at, and nothing of other days', async () => {
    const { clock, write, review, deliver } = open();
    await write('AUDIT_EXPORTED');
    clock.advance(DAY_MS);
    await deliver(stripeDelivery(clock, 'evt_1'));
    await write('PAYLOAD_READ', { reason: 'ticket 4711' });
    await write('REJECTED_SIGNATURE', { reason: 'signature_mismatch', count: 3 });
    clock.advance(HOUR_MS);
    await write('REJECTED_SIGNATURE', { reason: 'signature_mismatch', count: 2 });
    await write('REJECTED_SIGNATURE', { reason: 'timestamp_too_old' });
    await write('UNEXPLAINED_CHANGE', { actor: { type: 'component', id: 'audit-logger' } });
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    clock.advance(DAY_MS);
    await write('AUDIT_EXPORTED');

    const found = await review(day);

    expect(yesterday(clock.now())).toBe(day);
    expect(found).toMatchObject({ day, entries: 6, lookedBackTo: null, reviews: [] });
    expect(found.lines.map(({ subject, reason, count, actor }) => [subject, reason, count, actor.id])).toEqual([
      ['unexplained', null, 1, 'audit-logger'],
      ['payloads', null, 1, 'alice'],
      ['turned_away', 'signature_mismatch', 5, 'alice'],
      ['turned_away', 'timestamp_too_old', 1, 'alice'],
    ]);
    const [, , twice] = found.lines;
    expect((twice?.lastAt ?? 0) - (twice?.firstAt ?? 0)).toBe(HOUR_MS);
  });

  test('counts an action on many webhooks once: somebody asked for one job, and not for twenty', async () => {
    const { clock, write, review } = open();
    await write('JOB_REQUESTED', { count: 20 });
    await write('JOB_REQUESTED', { count: 3 });

    const { lines } = await review(new Date(clock.now()).toISOString().slice(0, 10));
    expect(lines.map(({ event, count }) => [event, count])).toEqual([['JOB_REQUESTED', 2]]);
  });

  test('is found far back in a long trail, without a look at all that came since', async () => {
    const { clock, write, auditLog } = open();
    await write('PAYLOAD_READ');
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    for (let n = 0; n < 1200; n += 1) {
      clock.advance(HOUR_MS);
      await write('AUDIT_EXPORTED');
    }
    let looked = 0;
    const counted = {
      ...auditLog,
      latest: async (limit: number, before?: number) => {
        const entries = await auditLog.latest(limit, before);
        looked += entries.length;
        return entries;
      },
    };

    const found = await createReviewDay({ auditLog: counted })(day);

    expect(found.lines.find(({ event }) => event === 'PAYLOAD_READ')).toMatchObject({ count: 1 });
    expect(looked).toBeLessThan(100);
  });

  test('that has more than can be looked at says how far it was looked back', async () => {
    const { clock, write, auditLog } = open();
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    for (let n = 0; n < 5; n += 1) {
      await write('PAYLOAD_READ');
      clock.advance(1000);
    }

    const found = await createReviewDay({ auditLog, lookAtMax: 2 })(day);

    expect(found).toMatchObject({ entries: 2, lookedBackTo: clock.now() - 2000, lines: [{ count: 2 }] });
  });

  test('with nothing in it has no lines, as a trail without entries', async () => {
    const { review } = open();

    expect(await review('2020-02-29')).toMatchObject({ lines: [], entries: 0, lookedBackTo: null });
  });

  test.each(['2020-02-30', 'yesterday', '2020-1-1', '2020-01-01T00:00'])('is not %s', async (day) => {
    await expect(open().review(day)).rejects.toThrow('is no day');
  });
});

describe('saying that it was reviewed', () => {
  test('stands in the trail with who, when and what they noted, each time', async () => {
    const { clock, say, review } = open();
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    clock.advance(DAY_MS);

    await say(day, ALICE, 'nothing odd, but a card 4242 4242 4242 4242');
    clock.advance(1000);
    await say(day, { type: 'operator', id: 'bob' }, null);

    const { reviews } = await review(day);
    expect(reviews.map(({ by, note }) => [by.id, note])).toEqual([
      ['bob', null],
      ['alice', expect.not.stringContaining('4242 4242 4242 4242')],
    ]);
  });

  test('waits until the day has ended', async () => {
    const { clock, say } = open();

    await expect(say(new Date(clock.now()).toISOString().slice(0, 10), ALICE, null)).rejects.toThrow(
      'has not ended yet',
    );
  });
});
