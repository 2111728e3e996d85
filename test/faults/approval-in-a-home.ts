/** Whoever approves a job is killed before any call that this makes: the approval is given, once, or it is not given. */
import { beforeAll, describe, expect, test } from 'vitest';
import { JOBS_CHAIN, readRecord } from '../../src/audit/audit.ts';
import { LIMITS } from '../../src/core/limits.ts';
import type { Actor } from '../../src/core/webhook.ts';
import { giveUp } from '../../src/handlers/handler.ts';
import { createCarryJob } from '../../src/jobs/carry-job.ts';
import { createChangeJob } from '../../src/jobs/change-job.ts';
import { createDecideOnJob, type Decision } from '../../src/jobs/decide-on-job.ts';
import { createRequestJob } from '../../src/jobs/request-job.ts';
import { killablePorts } from '../support/faulty-ports.ts';
import { createTestHome, stripeDelivery } from '../support/test-home.ts';
import type { IncidentHome } from './incident-in-a-home.ts';

const [ALICE, BOB] = ['alice', 'bob'].map((id): Actor => ({ type: 'operator', id })) as [Actor, Actor];
const APPROVED: Decision = { outcome: 'approved', by: BOB, reason: 'seen the list' };
const COUNT = 3;
/** Of the job, its part, each of its webhooks, the entry, and the write that decides. */
const CALLS = 1 + 1 + COUNT + 1 + 1;

const openWaiting = ({ ports, clock, settle }: IncidentHome) => {
  const warehouse = { isDown: true };
  const handler = () => (warehouse.isDown ? giveUp('the warehouse is down') : undefined);
  const home = { ...createTestHome({ clock, ports: () => ports, handler }), ...ports };
  const { jobs } = ports;
  return {
    ...home,
    warehouse,
    fill: async () => {
      for (let number = 1; number <= COUNT; number += 1) await home.deliver(stripeDelivery(clock, `evt_${number}`));
      await home.work();
      clock.advance(1);
    },
    ask: () =>
      createRequestJob(home)({
        work: { kind: 'redrive' },
        filter: { until: clock.now(), status: 'dead_lettered' },
        mode: 'test',
        reason: 'the warehouse is back',
        requestedBy: ALICE,
        webhooksPerSecond: 10,
        approvalLimits: { webhooksMax: 1, amountMax: null },
      }),
    /** Approves, and is killed before the n-th call; resolves to whether it came to its end. */
    approveUntil: async (id: string, call: number): Promise<boolean> => {
      const killable = killablePorts(home);
      killable.dieAt('any', call);
      const decided = await createDecideOnJob({ ...home, ...killable.ports })(id, APPROVED).catch(() => null);
      await killable.isGone();
      clock.advance(1);
      return decided !== null;
    },
    job: async (id: string) => {
      const job = await jobs.get(id);
      if (job === undefined) throw new Error(`job ${id} is not there`);
      return job;
    },
    approvals: async (id: string) => {
      await settle();
      const records = (await ports.auditLog.chain(JOBS_CHAIN, 100)).map(readRecord);
      return records.filter(({ event, resource }) => event === 'JOB_APPROVED' && resource.id === id);
    },
  };
};

/** `open` is called once; what it opened is closed by whoever calls this. */
export const describeKilledApproval = (name: string, open: () => Promise<IncidentHome>): void => {
  describe(`an approval whose command is killed, ${name}`, () => {
    let home: ReturnType<typeof openWaiting>;

    beforeAll(async () => {
      home = openWaiting(await open());
      await home.fill();
    });

    test.each(Array.from({ length: CALLS }, (_, index) => index + 1))(
      'before its call %i, is not given, and is given once when somebody gives it again',
      async (call) => {
        const { id } = await home.ask();

        expect(await home.approveUntil(id, call)).toBe(false);
        expect(await home.job(id)).toMatchObject({ state: 'waiting_for_approval', approval: { decision: null } });
        expect(await createCarryJob({ ...home, carrierId: 'carrier' })(id)).toMatchObject({ outcome: 'rests' });

        expect(await createDecideOnJob(home)(id, APPROVED)).toMatchObject({ outcome: 'decided' });
        const { state, approval } = await home.job(id);
        expect([state, approval?.decision?.by]).toEqual(['running', BOB]);
        expect(await createDecideOnJob(home)(id, APPROVED)).toEqual({ outcome: 'not_waiting', state: 'running' });
        const at = new Date(approval?.decision?.at ?? 0).toISOString();
        const approvals = await home.approvals(id);
        expect(approvals.filter(({ ts }) => ts === at)).toHaveLength(1);
        // Killed between the entry and the write, it was tried: the entry says so, and when.
        expect(approvals).toHaveLength(call === CALLS ? 2 : 1);
        await createChangeJob(home)(id, 'cancel', ALICE, null);
      },
    );

    test('after its last call, is given, and whoever resumes the job carries it on', async () => {
      const { id } = await home.ask();
      expect(await home.approveUntil(id, CALLS + 1)).toBe(true);
      home.warehouse.isDown = false;

      const carry = createCarryJob({ ...home, carrierId: 'carrier' });
      for (let step = 0; step < 20 && (await carry(id)).outcome !== 'rests'; step += 1) {
        await home.work();
        home.clock.advance(LIMITS.jobCarrierMsMax);
      }

      expect(await home.job(id)).toMatchObject({ state: 'done', counts: { processed: COUNT } });
      expect(await home.approvals(id)).toHaveLength(1);
    });
  });
};
