/**
 * The night that jobs are for, told to a home on a clock that tests move: a warehouse is down for two hours while payments
 * come in. What is at risk is looked up, a job is previewed, asked for by one person and approved by another; whoever carries
 * it on is killed in the middle, and so is a worker. The same for every home; `incident.test.ts` tells it to processes.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { MemoryHome } from '../../src/adapters/memory/memory-home.ts';
import { JOBS_CHAIN, readRecord, webhookChain } from '../../src/audit/audit.ts';
import { createCheckAudit } from '../../src/audit/check.ts';
import { createCloseDigests } from '../../src/audit/digests.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
import type { Actor } from '../../src/core/webhook.ts';
import { done, giveUp } from '../../src/handlers/handler.ts';
import { on } from '../../src/handlers/on.ts';
import { createCarryJob } from '../../src/jobs/carry-job.ts';
import { createDecideOnJob } from '../../src/jobs/decide-on-job.ts';
import type { Job, JobPreview } from '../../src/jobs/job.ts';
import { createPreviewJob } from '../../src/jobs/preview-job.ts';
import { createReportJob } from '../../src/jobs/report-job.ts';
import { createRequestJob } from '../../src/jobs/request-job.ts';
import { createListCauses } from '../../src/operate/list-causes.ts';
import { createActOnWebhook } from '../../src/process/act-on-webhook.ts';
import { createProcess } from '../../src/process/process.ts';
import type { TestClock } from '../support/clock.ts';
import { killablePorts } from '../support/faulty-ports.ts';
import { createTestHome, LEASE_MS, stripeDelivery } from '../support/test-home.ts';

export interface IncidentHome {
  readonly ports: MemoryHome;
  readonly clock: TestClock;
  /** Waits until everything that was written is in the trail. */
  readonly settle: () => Promise<void>;
}

/** Twelve times ten minutes, of six payments each: four in dollars and two in euros. */
const ROUNDS = 12;
const IN_ROUND = 6;
const COUNT = ROUNDS * IN_ROUND;
const RATE = 8;
const [ALICE, BOB] = ['alice', 'bob'].map((id): Actor => ({ type: 'operator', id })) as [Actor, Actor];
const CAUSE = 'handler_gave_up:ship:the-warehouse-is-down';

const amountOf = (number: number): number => 1000 + number;
const currencyOf = (number: number): 'eur' | 'usd' => (number % 3 === 0 ? 'eur' : 'usd');
const idOf = (number: number): string => `evt_${number}`;

const NUMBERS = Array.from({ length: COUNT }, (_, index) => index + 1);
const sumOf = (currency: 'eur' | 'usd') => ({
  minor: NUMBERS.filter((number) => currencyOf(number) === currency).reduce((sum, one) => sum + amountOf(one), 0),
  currency: currency.toUpperCase(),
  exponent: 2,
});
const MONEY = [sumOf('eur'), sumOf('usd')];

const openIncident = ({ ports, clock, settle }: IncidentHome) => {
  const warehouse = { isDown: true, shipped: [] as string[] };
  const home = createTestHome({
    clock,
    ports: () => ports,
    handlers: {
      book: on('payment.succeeded', () => done()),
      ship: on('payment.succeeded', ({ webhookId }, { idempotencyId }) => {
        if (warehouse.isDown) return giveUp('the warehouse is down');
        warehouse.shipped.push(`${webhookId} ${idempotencyId}`);
        return done();
      }),
    },
  });
  const { jobs, webhooks } = ports;
  const deliver = async (id: string, overrides: Parameters<typeof stripeDelivery>[2] = {}) => {
    const { outcome } = await home.deliver(stripeDelivery(clock, id, overrides));
    return outcome;
  };
  const pay = (number: number) => {
    const [amount, currency] = [amountOf(number), currencyOf(number)];
    return deliver(idOf(number), { object: { amount, amount_received: amount, currency } });
  };
  const recordsOf = async (chainId: string) => {
    await settle();
    return (await ports.auditLog.chain(chainId, LIMITS.listLimitMax)).map(readRecord);
  };
  const deps = { ...home, ...ports };
  return {
    ...deps,
    settle,
    /** The trail is never far behind. */
    work: async () => {
      await home.work();
      await settle();
    },
    warehouse,
    deliver,
    pay,
    causes: () => createListCauses(deps)({ mode: 'test' }),
    preview: () => createPreviewJob(deps)({ kind: 'redrive' }, { status: 'dead_lettered', until: clock.now() }, 'test'),
    ask: () =>
      createRequestJob(deps)({
        work: { kind: 'redrive' },
        filter: { status: 'dead_lettered', until: clock.now() },
        mode: 'test',
        reason: 'INC-812: the warehouse is back',
        requestedBy: ALICE,
        webhooksPerSecond: RATE,
        approvalLimits: { webhooksMax: 1000, amountMax: { USD: 400, EUR: 400 } },
      }),
    decide: (id: string, by: Actor) =>
      createDecideOnJob(deps)(id, { outcome: 'approved', by, reason: 'seen the list' }),
    report: async (id: string) => {
      const job = await jobs.get(id);
      if (job === undefined) throw new Error(`job ${id} is not there`);
      return { job, ...(await createReportJob(deps)(job)) };
    },
    recordsOf,
    ofWebhook: async (id: string) => {
      const [webhook] = await ports.store.find(`stripe:${id}`);
      if (webhook === undefined) throw new Error(`${id} is not stored`);
      return { webhook, records: await recordsOf(webhookChain(webhook.webhookId, webhook.timestamp)) };
    },
    checkTrail: async () => {
      await settle();
      const { signer, anchor, logger } = home;
      await createCloseDigests({ auditLog: ports.auditLog, signer, anchor, clock, logger })();
      return createCheckAudit({ auditLog: ports.auditLog, signer, anchor, webhooks })();
    },
  };
};

type Incident = ReturnType<typeof openIncident>;

/** A worker that takes three webhooks and dies when the handlers of the first have been called and nobody knows of it. */
const workAndDie = async (home: Incident): Promise<readonly string[]> => {
  const { ports, dieAt, isGone } = killablePorts(home);
  dieAt('store.change', 1);
  const act = createActOnWebhook({ ...home.actDeps, payments: ports.payments, outbox: ports.destinations });
  const process = createProcess({ ...home.processDeps, store: ports.store, queue: ports.queue, act });
  const claims = await home.queue.claim(3, LEASE_MS);
  for (const claim of claims.slice(0, 1)) await process(claim).catch(() => undefined);
  await isGone();
  return claims.map(({ entry }) => entry.webhookId);
};

/**
 * Carries the job on, while deliveries go on, until so many webhooks are done. Then a worker dies, and in the next step, in the
 * midst of what that puts back, who carries it on. Returns what the worker had taken.
 */
const carryAndDie = async (home: Incident, id: string, processed: number): Promise<readonly string[]> => {
  const { ports, dieAt, isGone } = killablePorts(home);
  const carry = createCarryJob({ ...home, ...ports, carrierId: 'carrier-that-dies' });
  let taken: readonly string[] = [];
  for (let step = 0; step < COUNT; step += 1) {
    const carried = await carry(id).catch(() => null);
    if (carried === null) {
      await isGone();
      return taken;
    }
    if (carried.outcome !== 'goes_on') throw new Error(`${carried.outcome}, and nobody was killed`);
    if (carried.job.counts.processed >= processed && taken.length === 0) {
      taken = await workAndDie(home);
      dieAt('store.change', 4);
    }
    await home.deliver(`evt_beside_${step}`);
    await home.work();
    home.clock.advance(carried.waitMs);
  }
  throw new Error('nobody was killed');
};

const carryToRest = async (home: Incident, id: string): Promise<Job> => {
  const carry = createCarryJob({ ...home, carrierId: 'carrier-2' });
  for (let step = 0; step < 4 * COUNT; step += 1) {
    const carried = await carry(id);
    if (carried.outcome === 'rests') return carried.job;
    home.clock.advance(carried.outcome === 'goes_on' ? carried.waitMs : LIMITS.jobCarrierMsMax);
    await home.work();
  }
  throw new Error('the job does not come to an end');
};

/** `open` is called once; what it opened is closed by whoever calls this. */
export const describeIncident = (name: string, open: () => Promise<IncidentHome>): void => {
  describe(`a warehouse that was down for two hours, ${name}`, () => {
    let home: Incident;
    let shown: JobPreview;
    let jobId = '';
    let taken: readonly string[] = [];

    beforeAll(async () => {
      home = openIncident(await open());
      for (let round = 0; round < ROUNDS; round += 1) {
        for (let one = 1; one <= IN_ROUND; one += 1) {
          expect(await home.pay(round * IN_ROUND + one)).toBe('accepted');
        }
        // Providers deliver again what they did deliver.
        expect(await home.pay(round * IN_ROUND + 1)).toBe('duplicate');
        await home.work();
        home.clock.advance(10 * MINUTE_MS);
      }
      await home.deliver('evt_unparsable', { body: Buffer.from('not JSON') });
      home.clock.advance(1);
      await home.settle();
    });

    test('is one cause, with the money that hangs on it, each currency by itself', async () => {
      const { groups, total } = await home.causes();

      const money = MONEY.map((sum) => ({ ...sum, minor: BigInt(sum.minor) }));
      // What was signed and not understood is of no mode, and hangs on no payment.
      expect(groups).toMatchObject([{ cause: CAUSE, webhooks: COUNT, payments: COUNT, money, withoutAmount: 0 }]);
      expect(total).toMatchObject({ webhooks: COUNT, payments: COUNT, money });
      expect((groups[0]?.lastAt ?? 0) - (groups[0]?.firstAt ?? 0)).toBe((ROUNDS - 1) * 10 * MINUTE_MS);
    });

    test('is put right by a job that waits for a second person, who is not the first', async () => {
      shown = (await home.preview()).preview;
      expect(shown).toMatchObject({
        webhooks: COUNT,
        payments: COUNT,
        money: MONEY.map((sum) => ({ ...sum, minor: String(sum.minor) })),
        handlers: [
          { handler: 'book', called: 0, notCalled: COUNT },
          { handler: 'ship', called: COUNT, notCalled: 0 },
        ],
        impossible: [{ why: 'unparsable', webhooks: 1 }],
      });
      const asked = await home.ask();
      expect(asked).toMatchObject({ state: 'waiting_for_approval', preview: shown });
      jobId = asked.id;

      expect(await home.decide(jobId, ALICE)).toEqual({ outcome: 'own_request' });
      expect(await createCarryJob({ ...home, carrierId: 'carrier-0' })(jobId)).toMatchObject({ outcome: 'rests' });
      expect(await home.decide(jobId, BOB)).toMatchObject({ outcome: 'decided', job: { state: 'running' } });
    });

    test('is left in the middle when who carries it on is killed, and a worker too', async () => {
      home.warehouse.isDown = false;

      taken = await carryAndDie(home, jobId, COUNT / 4);

      expect(taken).toHaveLength(3);
      const { job, counts } = await home.report(jobId);
      expect(job.state).toBe('running');
      expect(counts.processed).toBeGreaterThanOrEqual(COUNT / 4);
      expect(counts.queued).toBeGreaterThanOrEqual(3);
      expect(counts.to_do).toBeGreaterThan(RATE);
      // Whoever comes at once is told that somebody is at it.
      expect(await createCarryJob({ ...home, carrierId: 'carrier-2' })(jobId)).toEqual({ outcome: 'busy' });
    });

    test('ends as the preview said, carried on by another one', async () => {
      home.clock.advance(Math.max(LIMITS.jobCarrierMsMax, LEASE_MS));

      const ended = await carryToRest(home, jobId);

      expect(ended).toMatchObject({ state: 'done', preview: shown });
      const { counts, webhooks } = await home.report(jobId);
      expect(counts).toMatchObject({ processed: shown.webhooks, failed_again: 0, not_done: 0, to_do: 0, queued: 0 });
      expect(webhooks.map(({ webhookId }) => webhookId).sort()).toEqual(
        NUMBERS.map((number) => `stripe:${idOf(number)}`).sort(),
      );
      const ofOutage = home.warehouse.shipped.filter((one) => !one.includes('beside'));
      expect(new Set(ofOutage).size).toBe(shown.handlers[1]?.called);
      // At least once, always under the same id: one call came between the handler and the note of it.
      expect(ofOutage).toHaveLength(COUNT + 1);
      expect(ofOutage.filter((one) => one.startsWith(`${taken[0]} `))).toHaveLength(2);
      const { total } = await home.causes();
      expect(total).toMatchObject({ webhooks: 0, payments: 0, money: [] });
    });

    test('is in the trail: asked, approved and done, and each webhook put back and processed once', async () => {
      const ofJobs = await home.recordsOf(JOBS_CHAIN);
      expect(ofJobs.filter(({ resource }) => resource.id === jobId)).toMatchObject([
        { event: 'JOB_REQUESTED', actor: ALICE, count: COUNT },
        { event: 'JOB_APPROVED', actor: BOB },
        { event: 'JOB_CHANGED', change: { from: 'running', to: 'done' } },
      ]);
      for (const number of NUMBERS) {
        const { webhook, records } = await home.ofWebhook(idOf(number));
        expect(webhook.status).toBe('processed');
        expect(
          records.map(({ event, change }) => [event, change?.to]),
          webhook.webhookId,
        ).toEqual([
          ['WEBHOOK_ACCEPTED', 'received'],
          ['STATUS_CHANGED', 'dead_lettered'],
          ['REDRIVEN', 'received'],
          // What a worker died with runs alone afterwards, and its attempt is written down before it is made.
          ...(taken.includes(webhook.webhookId) ? [['STATUS_CHANGED', 'retrying']] : []),
          ['STATUS_CHANGED', 'processed'],
        ]);
        expect(records[2]).toMatchObject({ actor: ALICE, reason: `job ${jobId}: INC-812: the warehouse is back` });
      }
      expect(await home.checkTrail()).toMatchObject({ outcome: 'whole', undigested: 0 });
    });
  });
};
