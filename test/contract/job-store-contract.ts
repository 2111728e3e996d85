/** What every store of jobs keeps, and how changes of one job exclude each other. */
import { describe, expect } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import { cursorOf } from '../../src/core/page.ts';
import { DAY_MS } from '../../src/core/time.ts';
import { type Job, type JobPart, NO_COUNTS } from '../../src/jobs/job.ts';
import type { JobStore, JobsQuery } from '../../src/jobs/job-store.ts';
import { NOW, type TestClock } from '../support/clock.ts';
import { type ContractOptions, defineContract } from './contract-tests.ts';

export interface JobStoreHarness extends AsyncDisposable {
  readonly jobs: JobStore;
  readonly clock: TestClock;
}

export type OpenJobStore = () => Promise<JobStoreHarness>;

const jobOf = (id: string, overrides: Partial<Job> = {}): Job => ({
  id,
  requestedAt: NOW,
  requestedBy: { type: 'operator', id: 'alice' },
  reason: 'the warehouse is back',
  work: { kind: 'redrive' },
  filter: { until: NOW, status: 'dead_lettered', handler: { name: 'ship', outcome: 'failed' } },
  preview: {
    webhooks: 3,
    payments: 1,
    money: [{ minor: '123456789012345678901234567890', currency: 'USD', exponent: 2 }],
    withoutAmount: 0,
    handlers: [{ handler: 'ship', called: 3, notCalled: 0 }],
    notReached: 0,
    destinations: [],
    impossible: [{ why: 'unparsable', webhooks: 1, examples: ['stripe:evt_9'] }],
    scannedUntil: null,
  },
  previewHash: 'f'.repeat(64),
  webhooksPerSecond: 10,
  parts: 2,
  state: 'running',
  stateReason: null,
  approval: null,
  runningSince: NOW,
  firstOpenPart: 0,
  endedCounts: NO_COUNTS,
  counts: { ...NO_COUNTS, to_do: 3 },
  carrier: null,
  changedAt: NOW,
  expiresAt: NOW + 90 * DAY_MS,
  revision: 1,
  ...overrides,
});

const partOf = (number: number, ...names: string[]): JobPart => ({
  number,
  revision: 1,
  webhooks: names.map((name) => ({ webhookId: `stripe:${name}`, timestamp: 7, revision: 2, outcome: 'to_do' })),
});

const JOB = jobOf('job-1');
const PARTS = [partOf(0, 'evt_1', 'evt_2'), partOf(1, 'evt_3')];

export const describeJobStore = (name: string, open: OpenJobStore, options: ContractOptions = {}): void => {
  describe(`JobStore: ${name}`, () => {
    defineContract(options, (test) => {
      test('gives back a job and its parts as they were stored', async () => {
        await using harness = await open();
        const { jobs } = harness;
        const job = jobOf('job-1', { carrier: { id: 'me', until: NOW + 5 } });
        await jobs.create(job, PARTS);

        expect(await jobs.get('job-1')).toEqual(job);
        expect([await jobs.part('job-1', 0), await jobs.part('job-1', 1)]).toEqual(PARTS);
        expect([await jobs.part('job-1', 2), await jobs.part('job-2', 0), await jobs.get('job-2')]).toEqual([
          undefined,
          undefined,
          undefined,
        ]);
      });

      test('lists the newest first, of the states that are asked for, as many as are asked for', async () => {
        await using harness = await open();
        const { jobs } = harness;
        await jobs.create(jobOf('job-a', { state: 'done' }), PARTS);
        await jobs.create(jobOf('job-c', { requestedAt: NOW + 1 }), PARTS);
        await jobs.create(jobOf('job-b', { requestedAt: NOW + 1, state: 'paused' }), PARTS);
        const ids = async (query: JobsQuery) => (await jobs.list(query)).items.map(({ id }) => id);

        expect(await ids({ limit: 10 })).toEqual(['job-c', 'job-b', 'job-a']);
        expect(await ids({ limit: 2 })).toEqual(['job-c', 'job-b']);
        expect(await ids({ limit: 10, states: ['done', 'paused'] })).toEqual(['job-b', 'job-a']);
        expect(await ids({ limit: 1, states: ['done'] })).toEqual(['job-a']);
        expect(await ids({ limit: 9, since: NOW + 1 })).toEqual(['job-c', 'job-b']);
        expect(await ids({ limit: 9, until: NOW + 1 })).toEqual(['job-a']);
        expect(await ids({ limit: 9, since: NOW + 1, states: ['done'] })).toEqual([]);
      });

      test('lists what nobody decided on in time as expired, and not as what waits for approval', async () => {
        await using harness = await open();
        const { jobs, clock } = harness;
        const waits = (id: string, forMs: number) =>
          jobOf(id, {
            state: 'waiting_for_approval',
            approval: { why: 'more than 1000 webhooks', expiresAt: NOW + forMs, decision: null },
          });
        await jobs.create(waits('job-a', 1000), PARTS);
        await jobs.create(waits('job-b', 2000), PARTS);
        await jobs.create({ ...waits('job-c', 1000), state: 'refused' }, PARTS);
        await jobs.create(jobOf('job-d'), PARTS);
        const ids = async (...states: NonNullable<JobsQuery['states']>) =>
          (await jobs.list({ limit: 10, states })).items.map(({ id }) => id);

        expect([await ids('waiting_for_approval'), await ids('expired')]).toEqual([['job-b', 'job-a'], []]);
        clock.advance(1000);
        expect([await ids('waiting_for_approval'), await ids('expired')]).toEqual([['job-b'], ['job-a']]);
        expect(await ids('expired', 'refused')).toEqual(['job-c', 'job-a']);
        expect(await ids('running', 'refused')).toEqual(['job-d', 'job-c']);
        // Asked for while the clock was two days ahead.
        clock.advance(-2 * DAY_MS);
        expect([await ids('waiting_for_approval'), await ids('expired')]).toEqual([[], ['job-b', 'job-a']]);
      });

      test('pages through them, without losing or doubling one while others come, and says how far it looked', async () => {
        await using harness = await open();
        const { jobs } = harness;
        // Two in each millisecond.
        for (let n = 1; n <= 6; n += 1) {
          await jobs.create(jobOf(`job-${n}`, { requestedAt: NOW + Math.floor(n / 2) }), PARTS);
        }
        const walked: string[] = [];
        for (let after: string | undefined, n = 7; ; n += 1) {
          const page = await jobs.list({ limit: 2, after });
          walked.push(...page.items.map(({ id }) => id));
          if (page.next === null) break;
          after = page.next;
          await jobs.create(jobOf(`job-${n}`, { requestedAt: NOW + 9 }), PARTS);
        }
        const bounded = await jobs.list({ limit: 2, states: ['done'], lookAtMax: 3 });

        expect(walked).toEqual(['job-6', 'job-5', 'job-4', 'job-3', 'job-2', 'job-1']);
        expect(bounded).toMatchObject({ items: [], scannedUntil: expect.any(Number), next: expect.any(String) });
        await jobs.create(jobOf('job-0', { state: 'done', requestedAt: NOW - 1 }), PARTS);
        expect((await jobs.list({ limit: 2, states: ['done'], after: bounded.next ?? '' })).items).toMatchObject([
          { id: 'job-0' },
        ]);
        for (const after of ['x', cursorOf('audit', 5)]) {
          await expect(jobs.list({ limit: 2, after })).rejects.toMatchObject({ code: 'usage_wrong' });
        }
      });

      test('names one whose record cannot be read, and lists and pages through the others all the same', async () => {
        await using harness = await open();
        const { jobs } = harness;
        await jobs.create(jobOf('job-a'), PARTS);
        await jobs.create(jobOf('job-b', { requestedAt: NOW + 1, counts: undefined as never }), PARTS);
        await jobs.create(jobOf('job-c', { requestedAt: NOW + 2 }), PARTS);
        const damaged = [{ id: 'job-b', why: expect.stringContaining('cannot be read') }];

        const page = await jobs.list({ limit: 10, states: ['running'] });
        expect(page).toMatchObject({ items: [{ id: 'job-c' }, { id: 'job-a' }], damaged, next: null });
        expect(page.cursors).toHaveLength(2);
        expect(await jobs.list({ limit: 10, states: ['paused'] })).toMatchObject({ items: [], damaged: [] });
        const walked: unknown[] = [];
        for (let after: string | undefined; ; ) {
          const { items, damaged: left, next } = await jobs.list({ limit: 1, after });
          walked.push([items.map(({ id }) => id), left.map(({ id }) => id)]);
          if (next === null) break;
          after = next;
        }
        expect(walked).toEqual([
          [['job-c'], []],
          [[], ['job-b']],
          [['job-a'], []],
        ]);
      });

      test('changes a job only as it was read, so that of two changes one is told that it came too late', async () => {
        await using harness = await open();
        const { jobs } = harness;
        const job = jobOf('job-1');
        await jobs.create(job, PARTS);

        const changes = await Promise.all([
          jobs.change({ ...job, state: 'paused' }),
          jobs.change({ ...job, state: 'cancelled' }),
        ]);

        expect(changes.toSorted()).toEqual(['changed', 'stale']);
        const state = changes[0] === 'changed' ? 'paused' : 'cancelled';
        expect(await jobs.get('job-1')).toEqual({ ...job, state, revision: 2 });
        expect((await jobs.list({ limit: 10, states: [state] })).items).toEqual([{ ...job, state, revision: 2 }]);
        expect(await jobs.change({ ...job, id: 'job-2' })).toBe('stale');
      });

      test('changes a part only as it was read', async () => {
        await using harness = await open();
        const { jobs } = harness;
        await jobs.create(jobOf('job-1'), PARTS);
        const changed = { ...partOf(0, 'evt_1'), webhooks: [] };

        expect(await jobs.changePart(JOB, changed)).toBe('changed');
        expect(await jobs.changePart(JOB, partOf(0, 'evt_9'))).toBe('stale');
        expect(await jobs.changePart(JOB, partOf(5, 'evt_9'))).toBe('stale');
        expect(await jobs.part('job-1', 0)).toEqual({ ...changed, revision: 2 });
        expect(await jobs.part('job-1', 1)).toEqual(PARTS[1]);
      });

      test('holds a part of as many bytes as one may have', async () => {
        await using harness = await open();
        const { jobs } = harness;
        const eventIds = Array.from({ length: 1000 }, (_, index) => `stripe:evt_1#${index}`);
        const one = { webhookId: 'stripe:evt_1', timestamp: 7, revision: 2, outcome: 'to_do', eventIds } as const;
        const bytes = Buffer.byteLength(JSON.stringify(one)) + 1;
        const webhooks = Array.from({ length: Math.floor(LIMITS.jobPartBytesMax / bytes) }, () => one);
        await jobs.create(jobOf('job-1', { parts: 1 }), [{ number: 0, revision: 1, webhooks }]);

        expect(await jobs.part('job-1', 0)).toEqual({ number: 0, revision: 1, webhooks });
        expect(await jobs.changePart(JOB, { number: 0, revision: 1, webhooks })).toBe('changed');
      });

      test('forgets a job when its time is over', async () => {
        await using harness = await open();
        const { jobs, clock } = harness;
        await jobs.create(jobOf('job-1', { expiresAt: NOW + DAY_MS }), PARTS);
        clock.advance(DAY_MS);

        expect([await jobs.get('job-1'), (await jobs.list({ limit: 10 })).items]).toEqual([undefined, []]);
        await jobs.create(jobOf('job-2'), PARTS);
        expect((await jobs.list({ limit: 10 })).items.map(({ id }) => id)).toEqual(['job-2']);
      });
    });
  });
};
