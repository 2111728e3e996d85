/** Jobs over the whole engine in memory: what is done to webhooks, and by whom when somebody dies. */
import { describe, expect, test } from 'vitest';
import { breakPorts, type Fault } from '../../test/support/faulty-ports.ts';
import { createTestHome, LEASE_MS, stripeDelivery } from '../../test/support/test-home.ts';
import { readRecord, webhookChain } from '../audit/audit.ts';
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import { DAY_MS, SECOND_MS } from '../core/time.ts';
import type { Actor } from '../core/webhook.ts';
import { done, giveUp } from '../handlers/handler.ts';
import { on } from '../handlers/on.ts';
import { beginAlone } from '../process/alone.ts';
import { createProcess } from '../process/process.ts';
import { createCarryJob } from './carry-job.ts';
import { createChangeJob } from './change-job.ts';
import type { Job, JobWork } from './job.ts';
import { createReportJob } from './report-job.ts';
import { createRequestJob, type JobRequest } from './request-job.ts';

const ALICE: Actor = { type: 'operator', id: 'alice' };
const NO_LIMITS: JobRequest['approvalLimits'] = { webhooksMax: null, amountMax: null };

/** A home whose warehouse gave up `count` webhooks while it was down. */
const openIncident = async (count: number) => {
  const warehouse = { isDown: true, calls: [] as string[] };
  const home = createTestHome({
    handlers: {
      book: on('payment.succeeded', () => done()),
      ship: on('payment.succeeded', (event) => {
        if (warehouse.isDown) return giveUp('the warehouse is down');
        warehouse.calls.push(event.webhookId);
        return done();
      }),
    },
  });
  for (let number = 1; number <= count; number += 1) {
    await home.deliver(stripeDelivery(home.clock, `evt_${number}`));
    home.clock.advance(1);
  }
  await home.work();
  home.clock.advance(SECOND_MS);
  const jobs = home.memory.jobs;
  const request = (work: JobWork = { kind: 'redrive' }, more: Partial<JobRequest> = {}): Promise<Job> =>
    createRequestJob({ ...home, jobs })({
      work,
      filter: { until: home.clock.now(), status: work.kind === 'redrive' ? 'dead_lettered' : undefined },
      mode: 'test',
      reason: 'the warehouse is back',
      requestedBy: ALICE,
      webhooksPerSecond: 10,
      approvalLimits: NO_LIMITS,
      ...more,
    });
  return { ...home, jobs, warehouse, request };
};

type Incident = Awaited<ReturnType<typeof openIncident>>;

/** Carries the job on, with the worker between the steps, until it rests; gives up after many steps. */
const carryToRest = async (home: Incident, id: string, carrierId = 'carrier-1'): Promise<Job> => {
  const carry = createCarryJob({ ...home, carrierId });
  for (let steps = 0; steps < 200; steps += 1) {
    const carried = await carry(id);
    if (carried.outcome === 'rests') return carried.job;
    home.clock.advance(carried.outcome === 'goes_on' ? carried.waitMs : LIMITS.jobCarrierMsMax);
    await home.work();
  }
  throw new Error('the job does not come to an end');
};

/** The change is made, and whoever made it is killed. */
const changeAndDie =
  (change: WebhookStore['change']): WebhookStore['change'] =>
  async (...args) => {
    await change(...args);
    throw new PayhookError('store_unavailable', 'killed');
  };

const eventsOf = async (home: Incident, webhookId: string) => {
  const [webhook] = await home.store.find(webhookId);
  const entries = await home.auditLog.chain(webhookChain(webhookId, webhook?.timestamp ?? 0), 100);
  return entries.map(readRecord);
};

describe('a job', () => {
  test('puts back what it was asked for, one first and the rest at its rate, and reports each', async () => {
    const home = await openIncident(23);
    const job = await home.request();
    home.warehouse.isDown = false;
    const carry = createCarryJob({ ...home, carrierId: 'carrier-1' });

    const first = await carry(job.id);
    expect(first).toMatchObject({ outcome: 'goes_on', job: { counts: { to_do: 22, queued: 1 } } });
    expect(await carry(job.id)).toMatchObject({ job: { counts: { to_do: 22, queued: 1 } } });
    await home.work();
    expect(await carry(job.id)).toMatchObject({ waitMs: SECOND_MS, job: { counts: { queued: 10, processed: 1 } } });

    const ended = await carryToRest(home, job.id);

    expect(ended).toMatchObject({ state: 'done', counts: { processed: 23, to_do: 0, queued: 0 } });
    expect(home.warehouse.calls.toSorted()).toEqual([...new Set(home.warehouse.calls)].toSorted());
    expect(home.warehouse.calls).toHaveLength(23);
    const { webhooks } = await createReportJob(home)(ended);
    expect(webhooks.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 23 }, () => 'processed'));
  });

  test('leaves an entry of its own for what was asked and what came of it, and one with each webhook', async () => {
    const home = await openIncident(2);
    const job = await home.request();
    home.warehouse.isDown = false;
    await carryToRest(home, job.id);

    const ofJob = (await home.auditLog.chain('jobs', 10)).map(readRecord);
    expect(ofJob).toMatchObject([
      { event: 'JOB_REQUESTED', actor: ALICE, count: 2, change: { from: null, to: 'running' } },
      { event: 'JOB_CHANGED', actor: { type: 'component', id: 'jobs' }, change: { from: 'running', to: 'done' } },
    ]);
    expect(ofJob[0]?.reason).toBe(`redrive, preview ${job.previewHash}: the warehouse is back`);
    const redriven = (await eventsOf(home, 'stripe:evt_1')).filter(({ event }) => event === 'REDRIVEN');
    expect(redriven).toMatchObject([{ actor: ALICE, reason: `job ${job.id}: the warehouse is back` }]);
    await home.closeDigests();
    expect(await home.checkAudit()).toMatchObject({ outcome: 'whole' });
  });

  test('stops when the first one fails again, and when it keeps failing', async () => {
    const home = await openIncident(40);
    const job = await home.request();

    expect(await carryToRest(home, job.id)).toMatchObject({
      state: 'stopped',
      stateReason: 'first_failed_again',
      counts: { to_do: 39, failed_again: 1 },
    });

    const change = createChangeJob(home);
    home.warehouse.isDown = false;
    await change(job.id, 'resume', ALICE, null);
    const carry = createCarryJob({ ...home, carrierId: 'carrier-1' });
    await carry(job.id);
    await home.work();
    await carry(job.id);
    home.warehouse.isDown = true;
    await home.work();

    expect(await carryToRest(home, job.id)).toMatchObject({
      state: 'stopped',
      stateReason: 'keeps_failing',
      counts: { to_do: 28, failed_again: 11, processed: 1 },
    });
  });

  test('rests while it is paused, goes on when it is resumed with one first, and ends when it is cancelled', async () => {
    const home = await openIncident(5);
    const job = await home.request();
    home.warehouse.isDown = false;
    const carry = createCarryJob({ ...home, carrierId: 'carrier-1' });
    const change = createChangeJob(home);
    await carry(job.id);

    expect(await change(job.id, 'pause', ALICE, 'lunch')).toMatchObject({
      outcome: 'changed',
      job: { state: 'paused' },
    });
    await home.work();
    expect(await carry(job.id)).toMatchObject({ outcome: 'rests', job: { state: 'paused' } });
    expect(await change(job.id, 'pause', ALICE, null)).toEqual({ outcome: 'not_possible', state: 'paused' });
    home.clock.advance(1);
    await change(job.id, 'resume', ALICE, null);
    expect(await carry(job.id)).toMatchObject({ job: { counts: { processed: 1, queued: 1, to_do: 3 } } });
    await change(job.id, 'cancel', ALICE, null);

    expect(await carryToRest(home, job.id)).toMatchObject({ state: 'cancelled' });
    expect(await change(job.id, 'resume', ALICE, null)).toEqual({ outcome: 'not_possible', state: 'cancelled' });
    expect(await change('job-0', 'pause', ALICE, null)).toEqual({ outcome: 'missing' });
    const events = (await home.auditLog.chain('jobs', 10)).map((entry) => readRecord(entry).change?.to);
    expect(events).toEqual(['running', 'paused', 'running', 'cancelled']);
  });

  test('leaves alone what somebody else has changed since it was looked at', async () => {
    const home = await openIncident(3);
    const job = await home.request();
    home.warehouse.isDown = false;
    const [webhook] = await home.store.find('stripe:evt_2');
    if (webhook !== undefined) await home.redrive(webhook, ALICE, 'by hand');
    await home.work();

    const ended = await carryToRest(home, job.id);

    expect(ended.counts).toMatchObject({ processed: 2, not_done: 1 });
    expect(home.warehouse.calls).toHaveLength(3);
    const { webhooks } = await createReportJob(home)(ended);
    expect(webhooks.find(({ outcome }) => outcome === 'not_done')).toMatchObject({
      webhookId: 'stripe:evt_2',
      detail: 'changed_meanwhile',
    });
  });

  test('waits for how an attempt ends that runs alone: what is written before it is no failure', async () => {
    const home = await openIncident(2);
    const job = await home.request();
    home.warehouse.isDown = false;
    const carry = createCarryJob({ ...home, carrierId: 'carrier-1' });
    await carry(job.id);
    const { items } = await home.store.list({ status: 'received', limit: 10 });
    const [webhook] = await home.store.find(items[0]!.webhookId);
    const begun = beginAlone(webhook!, home.clock.now(), { type: 'component', id: 'processor' });
    expect(await home.store.change(webhook!, webhook!.revision, begun)).toMatchObject({ outcome: 'changed' });

    expect(await carry(job.id)).toMatchObject({ outcome: 'goes_on', job: { counts: { queued: 1, failed_again: 0 } } });
    expect(await carryToRest(home, job.id)).toMatchObject({ state: 'done', counts: { processed: 2, failed_again: 0 } });
  });

  test('waits for who was not called: a handler that rests has not failed', async () => {
    const home = await openIncident(2);
    const job = await home.request();
    home.warehouse.isDown = false;
    const carry = createCarryJob({ ...home, carrierId: 'carrier-1' });
    await carry(job.id);
    const resting = createProcess({
      ...home.processDeps,
      act: async ({ effects }) => ({
        outcome: { outcome: 'rests', reason: 'handler_rests', error: 'ship: it rests', restMs: SECOND_MS },
        effects,
      }),
    });
    for (const claim of await home.queue.claim(10, LEASE_MS)) {
      expect(await resting(claim)).toMatchObject({ outcome: 'retrying', reason: 'handler_rests' });
    }

    expect(await carry(job.id)).toMatchObject({ outcome: 'goes_on', job: { counts: { queued: 1, failed_again: 0 } } });
    expect(await carryToRest(home, job.id)).toMatchObject({ state: 'done', counts: { processed: 2, failed_again: 0 } });
  });

  test('says why one failed again in the words of the attempt that did, while another one runs alone', async () => {
    const home = await openIncident(1);
    const job = await home.request({ kind: 'redrive' });
    const carry = createCarryJob({ ...home, carrierId: 'carrier-1' });
    await carry(job.id);
    const failing = createProcess({
      ...home.processDeps,
      act: async ({ effects }) => ({
        outcome: { outcome: 'failed', reason: 'handler_failed', error: 'ship: no answer', waitMs: 0 },
        effects,
      }),
    });
    for (const claim of await home.queue.claim(10, LEASE_MS)) await failing(claim);
    const [webhook] = await home.store.find('stripe:evt_1');
    const begun = beginAlone(webhook!, home.clock.now(), { type: 'component', id: 'processor' });
    await home.store.change(webhook!, webhook!.revision, begun);

    const report = await createReportJob(home)(await carryToRest(home, job.id));

    expect(report.webhooks).toMatchObject([{ outcome: 'failed_again', detail: 'ship: no answer' }]);
  });

  test('is carried on by one process at a time, and by another when that one is not heard of any more', async () => {
    const home = await openIncident(3);
    const job = await home.request();
    home.warehouse.isDown = false;
    await createCarryJob({ ...home, carrierId: 'carrier-1' })(job.id);
    const other = createCarryJob({ ...home, carrierId: 'carrier-2' });

    expect(await other(job.id)).toEqual({ outcome: 'busy' });
    home.clock.advance(LIMITS.jobCarrierMsMax);
    expect(await other(job.id)).toMatchObject({ outcome: 'goes_on' });
    await home.work();
    expect(await carryToRest(home, job.id, 'carrier-2')).toMatchObject({ state: 'done', counts: { processed: 3 } });
  });
});

test('a job is not held for longer by a carrier whose clock is ahead than by any other', async () => {
  const home = await openIncident(3);
  const job = await home.request();
  home.warehouse.isDown = false;
  const ahead = { ...home.clock, now: () => home.clock.now() + 365 * DAY_MS };
  await createCarryJob({ ...home, clock: ahead, carrierId: 'carrier-that-is-ahead' })(job.id);

  expect(await createCarryJob({ ...home, carrierId: 'carrier-1' })(job.id)).toMatchObject({ outcome: 'goes_on' });
});

describe('a job whose carrier dies', () => {
  test('reports what it had put back as put back, also when nobody carries it on any more', async () => {
    const home = await openIncident(2);
    const job = await home.request();
    home.warehouse.isDown = false;
    const dying = { ...home.store, change: changeAndDie(home.store.change) };
    await expect(createCarryJob({ ...home, store: dying, carrierId: 'carrier-1' })(job.id)).rejects.toThrow('killed');
    await createChangeJob(home)(job.id, 'cancel', ALICE, null);
    const report = async () => (await createReportJob(home)((await home.jobs.get(job.id))!)).counts;

    expect(await report()).toMatchObject({ queued: 1, to_do: 1 });
    await home.work();
    expect(await report()).toMatchObject({ processed: 1, to_do: 1 });
  });

  /** Everything after the call that breaks is broken too: the process is gone. */
  const dieAt = async (home: Incident, id: string, fault: Fault): Promise<boolean> => {
    const ports = breakPorts(home.memory, fault);
    const carry = createCarryJob({ ...home, ...ports, carrierId: 'carrier-that-dies' });
    for (let steps = 0; steps < 10; steps += 1) {
      try {
        const carried = await carry(id);
        if (carried.outcome === 'rests') return false;
      } catch {
        return true;
      }
      home.clock.advance(SECOND_MS);
      await home.work();
    }
    throw new Error('the job does not come to an end');
  };

  test.each(['before', 'after'] as const)(
    'at any call, %s it took effect, has everything done once by the next one',
    async (kind) => {
      let deaths = 0;
      for (let call = 1; ; call += 1) {
        const home = await openIncident(7);
        const job = await home.request();
        home.warehouse.isDown = false;
        if (!(await dieAt(home, job.id, { call, kind }))) break;
        deaths += 1;
        home.clock.advance(LIMITS.jobCarrierMsMax);
        await home.work();

        const ended = await carryToRest(home, job.id, 'carrier-2');

        expect(ended.state, `died at call ${call}`).toBe('done');
        expect(ended.counts, `died at call ${call}`).toMatchObject({ processed: 7 });
        expect(home.warehouse.calls, `died at call ${call}`).toHaveLength(7);
        for (let number = 1; number <= 7; number += 1) {
          const events = await eventsOf(home, `stripe:evt_${number}`);
          expect(events.filter(({ event }) => event === 'REDRIVEN')).toHaveLength(1);
        }
      }
      expect(deaths).toBeGreaterThan(30);
    },
  );
});
