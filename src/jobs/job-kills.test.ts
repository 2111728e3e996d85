/** A job beside servers that die wherever they are: in the end its report says of each webhook what is stored, and no more failures than there were. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTestClock } from '../../test/support/clock.ts';
import { detachQueue } from '../../test/support/detached-queue.ts';
import { killablePorts } from '../../test/support/faulty-ports.ts';
import { runs } from '../../test/support/property-runs.ts';
import { createTestHome, LEASE_MS, stripeDelivery } from '../../test/support/test-home.ts';
import type { MemoryHome } from '../adapters/memory/memory-home.ts';
import { createMemoryLogger } from '../adapters/memory/memory-recorders.ts';
import { createMemoryWaitingWebhooks } from '../adapters/memory/memory-waiting-webhooks.ts';
import { LIMITS } from '../core/limits.ts';
import { hasEnded } from '../core/status.ts';
import { MINUTE_MS, SECOND_MS } from '../core/time.ts';
import type { Actor, Webhook } from '../core/webhook.ts';
import type { Settlement } from '../destinations/destination-queue.ts';
import { done, giveUp, ignore } from '../handlers/handler.ts';
import { on } from '../handlers/on.ts';
import { createActOnWebhook } from '../process/act-on-webhook.ts';
import { createAloneLane } from '../process/alone.ts';
import { createProcess } from '../process/process.ts';
import { createSweep } from '../process/sweep.ts';
import { createCarryJob } from './carry-job.ts';
import { createChangeJob } from './change-job.ts';
import { type JobWebhook, type JobWork, NO_COUNTS } from './job.ts';
import { createReportJob } from './report-job.ts';
import { createRequestJob } from './request-job.ts';

const ALICE: Actor = { type: 'operator', id: 'alice' };
const WEBHOOKS = 5;
const DESTINATION = 'ledger';
const CLAIMED_MAX = 3;

/** What a handler or a destination says to a webhook, from the first attempt of the job on; then it is done. */
const SAID = ['done', 'fails', 'gives_up', 'ignores'] as const;
type Said = (typeof SAID)[number];

/** Who acts next. One that dies does so at its n-th call of a port. */
interface Turn {
  readonly act: 'carry' | 'work' | 'send' | 'sweep' | 'wait' | 'wait_long';
  readonly diesAt: number | null;
}

interface Plan {
  readonly work: JobWork;
  /** As on AWS. */
  readonly isQueueApart: boolean;
  readonly says: readonly (readonly Said[])[];
  readonly turns: readonly Turn[];
}

const turn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom('carry', 'work', 'send'), diesAt: fc.constant(null) }) },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constantFrom('carry', 'work', 'send'), diesAt: fc.integer({ min: 1, max: 8 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constantFrom('sweep', 'wait', 'wait_long'), diesAt: fc.constant(null) }),
  },
);

const planOf = (work: JobWork): fc.Arbitrary<Plan> =>
  fc.record({
    work: fc.constant(work),
    isQueueApart: fc.boolean(),
    says: fc.array(fc.array(fc.constantFrom(...SAID), { maxLength: 2 }), {
      minLength: WEBHOOKS,
      maxLength: WEBHOOKS,
    }),
    turns: fc.array(turn, { maxLength: 40 }),
  });

const openIncident = async ({ work, isQueueApart, says }: Plan) => {
  const clock = createTestClock();
  const left = new Map(says.map((each, index) => [`stripe:evt_${index}`, [...each]]));
  const failed = new Set<string>();
  const sayNext = (webhookId: string): Said => left.get(webhookId)?.shift() ?? 'done';
  const before: Said = work.kind === 'redrive' ? 'gives_up' : 'done';
  let isBefore = true;
  let ports: MemoryHome | undefined;
  const home = createTestHome({
    clock,
    ports: (memory) => {
      ports = isQueueApart ? detachQueue(memory, clock) : memory;
      return ports;
    },
    destinations: work.kind === 'resend' ? [{ name: DESTINATION, events: ['*'] }] : [],
    handlers: {
      ship: on('payment.succeeded', ({ webhookId }) => {
        const said = isBefore ? before : work.kind === 'resend' ? 'done' : sayNext(webhookId);
        if (said === 'fails' || said === 'gives_up') failed.add(webhookId);
        if (said === 'fails') throw new Error('no answer');
        if (said === 'gives_up') return giveUp('no such order');
        return said === 'ignores' ? ignore('it is not ours') : done();
      }),
    },
  });
  if (ports === undefined) throw new TypeError('a home has ports');
  for (let number = 0; number < WEBHOOKS; number += 1) await home.deliver(stripeDelivery(clock, `evt_${number}`));
  await home.work();
  for (const claim of await ports.destinations.claim(DESTINATION, WEBHOOKS, LEASE_MS)) {
    await ports.destinations.settle([{ claim, outcome: 'given_up', error: 'answered_5xx' }], clock.now());
  }
  clock.advance(SECOND_MS);
  isBefore = false;
  failed.clear();
  return { home, clock, ports, failed, sayNext };
};

type Incident = Awaited<ReturnType<typeof openIncident>>;

const settlementOf = (claim: Settlement['claim'], said: Said, now: number): Settlement => {
  if (said === 'fails') return { claim, outcome: 'failed', error: 'answered_5xx', dueAt: now + SECOND_MS };
  return said === 'gives_up' ? { claim, outcome: 'given_up', error: 'answered_4xx' } : { claim, outcome: 'delivered' };
};

/** What one process does in its turn; whatever it asks for after its death is not done. */
const createTurns = ({ home, clock, ports, failed, sayNext }: Incident, jobId: string) => {
  type Ports = ReturnType<typeof killablePorts>['ports'];
  const acts: Record<Turn['act'], (mine: Ports) => Promise<unknown>> = {
    carry: async (mine) => {
      await createCarryJob({ ...mine, clock, carrierId: 'server' })(jobId);
      if ((await mine.jobs.get(jobId))?.state !== 'stopped') return;
      await createChangeJob({ ...mine, clock })(jobId, 'resume', ALICE, null);
    },
    work: async (mine) => {
      const act = createActOnWebhook({ ...home.actDeps, payments: mine.payments, outbox: mine.destinations });
      const process = createProcess({ ...home.processDeps, ...mine, act, alone: createAloneLane(8) });
      for (const claim of await mine.queue.claim(CLAIMED_MAX, LEASE_MS)) await process(claim);
    },
    send: async (mine) => {
      for (const claim of await mine.destinations.claim(DESTINATION, CLAIMED_MAX, LEASE_MS)) {
        const { webhookId } = claim.entry;
        const settlement = settlementOf(claim, sayNext(webhookId), clock.now());
        if (settlement.outcome !== 'delivered') failed.add(webhookId);
        await mine.destinations.settle([settlement], clock.now());
      }
    },
    sweep: async (mine) => {
      const waiting = createMemoryWaitingWebhooks(mine.store);
      await createSweep({ ...mine, waiting, clock, logger: createMemoryLogger(), onQueuedAgain: () => undefined })();
    },
    wait: async () => clock.advance(SECOND_MS),
    wait_long: async () => clock.advance(LIMITS.stuckMs),
  };
  return async ({ act, diesAt }: Turn): Promise<void> => {
    const { ports: mine, dieAt } = killablePorts(ports);
    if (diesAt !== null) dieAt('any', diesAt);
    try {
      await acts[act](mine);
    } catch (thrown) {
      if (diesAt === null) throw thrown;
    }
  };
};

const ALL: readonly Turn[] = (['carry', 'work', 'send', 'sweep', 'wait'] as const).map((act) => ({
  act,
  diesAt: null,
}));
/** As many as days of backoff have minutes. */
const ROUNDS_MAX = 600;

const storedOf = async ({ ports }: Incident): Promise<readonly Webhook[]> =>
  (await Promise.all(Array.from({ length: WEBHOOKS }, (_, number) => ports.store.find(`stripe:evt_${number}`)))).flat();

const comesToItsEnd = async (incident: Incident, jobId: string, take: (turn: Turn) => Promise<void>): Promise<void> => {
  const { ports, clock } = incident;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    for (const each of ALL) await take(each);
    clock.advance(MINUTE_MS);
    const [depth] = await ports.destinations.depth([DESTINATION]);
    const isQuiet = depth?.waiting === 0 && (await storedOf(incident)).every(({ status }) => hasEnded(status));
    if (isQuiet && (await ports.jobs.get(jobId))?.state === 'done') return;
  }
  throw new Error('the job, or a webhook, does not come to an end');
};

const isAsStored = async ({ ports, failed }: Incident, one: JobWebhook): Promise<boolean> => {
  const stored = await ports.store.get(one);
  const entries = await ports.destinations.ofWebhook(one);
  switch (one.outcome) {
    case 'processed':
    case 'ignored':
      return stored?.status === one.outcome;
    case 'delivered':
      return entries.length > 0 && entries.every(({ state }) => state === 'delivered');
    case 'failed_again':
      return failed.has(one.webhookId) || stored?.lastError?.startsWith('processing broke off') === true;
    default:
      return false;
  }
};

test.each<JobWork>([{ kind: 'redrive' }, { kind: 'replay', only: null }, { kind: 'resend', destination: DESTINATION }])(
  'the report of a job says what is stored, whoever died beside it: $kind',
  async (work) => {
    await fc.assert(
      fc.asyncProperty(planOf(work), async (plan) => {
        const incident = await openIncident(plan);
        const { home, clock, ports } = incident;
        const job = await createRequestJob({ ...home, ...ports })({
          work,
          filter: { until: clock.now() },
          mode: 'test',
          reason: 'INC-812',
          requestedBy: ALICE,
          webhooksPerSecond: 10,
          approvalLimits: { webhooksMax: null, amountMax: null },
        });
        const take = createTurns(incident, job.id);
        for (const each of plan.turns) await take(each);
        await comesToItsEnd(incident, job.id, take);

        const ended = await ports.jobs.get(job.id);
        const report = await createReportJob(ports)(ended ?? job);

        for (const one of report.webhooks) expect(await isAsStored(incident, one), JSON.stringify(one)).toBe(true);
        const counts: Record<string, number> = { ...NO_COUNTS };
        for (const { outcome } of report.webhooks) counts[outcome] = (counts[outcome] ?? 0) + 1;
        expect([ended?.counts, report.counts]).toEqual([counts, counts]);
      }),
      runs(200),
    );
  },
);
