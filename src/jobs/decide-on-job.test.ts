/** A job that is too large for one person, and the second one. */
import { describe, expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import { readRecord } from '../audit/audit.ts';
import { LIMITS } from '../core/limits.ts';
import { DAY_MS } from '../core/time.ts';
import type { Actor } from '../core/webhook.ts';
import { giveUp } from '../handlers/handler.ts';
import type { Role } from '../operators/roles.ts';
import { createChangeJob } from './change-job.ts';
import { createDecideOnJob, type Decision } from './decide-on-job.ts';
import type { Job, JobFilter } from './job.ts';
import { createRequestJob } from './request-job.ts';

const ALICE: Actor = { type: 'operator', id: 'alice' };
const BOB: Actor = { type: 'operator', id: 'bob' };
const APPROVED: Decision = { outcome: 'approved', by: BOB, reason: 'seen, INC-812' };

const HASH = { n: 2, r: 1, p: 1, salt: '', hash: '' };

const openWaiting = async () => {
  const home = createTestHome({ handler: () => giveUp('the warehouse is down') });
  for (const id of ['evt_1', 'evt_2', 'evt_3']) await home.deliver(stripeDelivery(home.clock, id));
  await home.work();
  home.clock.advance(1);
  const { jobs } = home.memory;
  const ask = (filter: Partial<JobFilter> = {}): Promise<Job> =>
    createRequestJob({ ...home, jobs })({
      work: { kind: 'redrive' },
      filter: { until: home.clock.now(), status: 'dead_lettered', ...filter },
      mode: 'test',
      reason: 'the warehouse is back',
      requestedBy: ALICE,
      webhooksPerSecond: 10,
      approvalLimits: { webhooksMax: 2, amountMax: null },
    });
  const job = await ask();
  const entries = async () => (await home.auditLog.chain('jobs', 10)).map(readRecord);
  return { ...home, jobs, job, ask, entries, decide: createDecideOnJob({ ...home, jobs }) };
};

describe('a job above the limit', () => {
  test('waits, and runs once somebody else has approved it', async () => {
    const { job, jobs, decide, entries } = await openWaiting();
    expect(job).toMatchObject({ state: 'waiting_for_approval', approval: { why: 'more than 2 webhooks' } });

    expect(await decide(job.id, APPROVED)).toMatchObject({ outcome: 'decided', job: { state: 'running' } });

    expect(await jobs.get(job.id)).toMatchObject({
      state: 'running',
      approval: { decision: { outcome: 'approved', by: BOB, reason: 'seen, INC-812' } },
    });
    expect(await entries()).toMatchObject([
      { event: 'JOB_REQUESTED', actor: ALICE },
      { event: 'JOB_APPROVED', actor: BOB, reason: `redrive, preview ${job.previewHash}: seen, INC-812` },
    ]);
    expect(await decide(job.id, APPROVED)).toEqual({ outcome: 'not_waiting', state: 'running' });
  });

  const withOperators = async (...names: readonly string[]) => {
    const waiting = await openWaiting();
    const role = (name: string): Role => (name === 'bob' ? 'approver' : 'operator');
    waiting.operatorStore.write(names.map((name) => ({ name, role: role(name), passphrase: HASH, addedAt: 0 })));
    return waiting;
  };

  test('is decided on by an approver of those that are defined', async () => {
    const { job, decide } = await withOperators('alice', 'bob');

    expect(await decide(job.id, APPROVED)).toMatchObject({ outcome: 'decided' });
  });

  test.each([
    ['an operator who is no approver', ['alice', 'carol'], 'carol'],
    ['an approver who was removed in the middle of it', ['alice', 'carol'], 'bob'],
  ])('is not decided on by %s', async (_, names, by) => {
    const { job, jobs, decide } = await withOperators(...names);

    for (const outcome of ['approved', 'refused'] as const) {
      const decision = { ...APPROVED, outcome, by: { type: 'operator', id: by } } as const;
      expect(await decide(job.id, decision)).toEqual({ outcome: 'not_approver' });
    }
    expect((await jobs.get(job.id))?.state).toBe('waiting_for_approval');
  });

  test('is refused, and never approved, once who asked for it was removed', async () => {
    const { job, decide } = await withOperators('bob');

    expect(await decide(job.id, APPROVED)).toEqual({ outcome: 'requester_gone' });
    expect(await decide(job.id, { ...APPROVED, outcome: 'refused' })).toMatchObject({ outcome: 'decided' });
  });

  test('is not approved, and not refused, by the person who asked for it', async () => {
    const { job, jobs, decide, entries } = await openWaiting();

    expect(await decide(job.id, { ...APPROVED, by: ALICE })).toEqual({ outcome: 'own_request' });
    expect(await decide(job.id, { ...APPROVED, outcome: 'refused', by: ALICE })).toEqual({ outcome: 'own_request' });
    expect((await jobs.get(job.id))?.state).toBe('waiting_for_approval');
    expect(await entries()).toHaveLength(1);
  });

  test('ends when it is refused', async () => {
    const { job, jobs, decide, entries } = await openWaiting();

    expect(await decide(job.id, { ...APPROVED, outcome: 'refused' })).toMatchObject({ outcome: 'decided' });

    expect((await jobs.get(job.id))?.state).toBe('refused');
    expect((await entries())[1]).toMatchObject({ event: 'JOB_REFUSED', actor: BOB });
    expect(await decide(job.id, APPROVED)).toEqual({ outcome: 'not_waiting', state: 'refused' });
  });

  test('cannot be approved when nobody has decided in time', async () => {
    const { job, decide, clock } = await openWaiting();
    clock.advance(LIMITS.jobApprovalMsMax - 2);
    expect(await decide('nobody', APPROVED)).toEqual({ outcome: 'missing' });
    clock.advance(2);

    expect(await decide(job.id, APPROVED)).toEqual({ outcome: 'expired' });
  });

  test('cannot be approved for a year because it was asked for by a clock that was a year ahead', async () => {
    const { job, decide, clock } = await openWaiting();
    clock.advance(-365 * DAY_MS);

    expect(await decide(job.id, APPROVED)).toEqual({ outcome: 'expired' });
  });

  test('is decided on once, by whoever comes first: another approver, or somebody who cancels it', async () => {
    const { job, jobs, decide, auditLog, clock } = await openWaiting();
    const refused: Decision = { outcome: 'refused', by: { type: 'operator', id: 'carol' }, reason: 'not today' };
    const change = createChangeJob({ jobs, auditLog, clock });

    const [canceled, ...decisions] = await Promise.all([
      change(job.id, 'cancel', ALICE, null),
      decide(job.id, APPROVED),
      decide(job.id, refused),
      decide(job.id, APPROVED),
    ]);

    const [decided, ...more] = decisions.flatMap((one) => (one.outcome === 'decided' ? [one.job.state] : []));
    expect(more).toEqual([]);
    // What was just approved may still be cancelled.
    const state = canceled.outcome === 'changed' ? 'cancelled' : decided;
    expect((await jobs.get(job.id))?.state).toBe(state);
  });

  test('cannot be approved when a webhook is not any more what was previewed', async () => {
    const { job, decide, store, redrive, work } = await openWaiting();
    const [webhook] = await store.find('stripe:evt_2');
    if (webhook !== undefined) await redrive(webhook, BOB, 'by hand');
    await work();

    expect(await decide(job.id, APPROVED)).toEqual({ outcome: 'differs', changed: 1 });
  });

  test('can be approved when its filter means more by now: it is carried out for what was previewed', async () => {
    const { deliver, work, clock, ask, decide } = await openWaiting();
    await deliver(stripeDelivery(clock, 'evt_4'));
    clock.advance(1);
    const { id, counts } = await ask();
    await work();

    expect(await decide(id, APPROVED)).toMatchObject({ outcome: 'decided', job: { counts } });
  });

  test('can be approved when others came after it was asked for: they are not meant', async () => {
    const { job, deliver, work, clock, decide } = await openWaiting();
    await deliver(stripeDelivery(clock, 'evt_4'));
    await work();

    expect(await decide(job.id, APPROVED)).toMatchObject({ outcome: 'decided' });
  });

  test('of a payment whose id looks like a card number is found again, and the number is not kept', async () => {
    const home = await openWaiting();
    const { deliver, work, clock, ask, decide, jobs } = home;
    for (const id of ['evt_5', 'evt_6', 'evt_7']) {
      await deliver(stripeDelivery(clock, id, { object: { id: '4111111111111111' } }));
    }
    await work();
    clock.advance(1);
    const { id, preview } = await ask({ payment: '4111111111111111' });

    expect(preview.webhooks).toBe(3);
    expect(await decide(id, APPROVED)).toMatchObject({ outcome: 'decided' });
    expect(JSON.stringify(await jobs.get(id))).not.toContain('4111111111111111');
  });

  test.each<[string, (job: Job) => Job]>([
    ['another handler', (job) => ({ ...job, work: { kind: 'replay', only: null } })],
    ['another rate', (job) => ({ ...job, webhooksPerSecond: 500 })],
    ['another count', (job) => ({ ...job, preview: { ...job.preview, webhooks: 1 } })],
    ['somebody else who asked', (job) => ({ ...job, requestedBy: { type: 'operator', id: 'mallory' } })],
  ])('cannot be approved when it was edited to say %s', async (_, edit) => {
    const { job, jobs, decide } = await openWaiting();
    await jobs.change(edit(job));

    await expect(decide(job.id, APPROVED)).rejects.toMatchObject({ code: 'store_damaged' });
  });

  test('cannot be approved when another webhook was put into it', async () => {
    const { job, jobs, decide } = await openWaiting();
    const part = await jobs.part(job.id, 0);
    if (part === undefined) throw new Error('there is a part');
    const [first, ...others] = part.webhooks;
    if (first === undefined) throw new Error('there is a webhook');
    await jobs.changePart(job, { ...part, webhooks: [{ ...first, webhookId: 'stripe:evt_9' }, ...others] });

    await expect(decide(job.id, APPROVED)).rejects.toMatchObject({ code: 'store_damaged' });
  });
});
