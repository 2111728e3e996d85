/** What whoever keeps checkpoints of reconciliation does with them. */
import { describe, expect } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import type {
  CheckProgress,
  Checkpoint,
  Checkpoints,
  ReconcileCheckpoints,
} from '../../src/core/ports/reconcile-checkpoints.ts';
import { NOW } from '../support/clock.ts';
import { type ContractOptions, defineContract } from './contract-tests.ts';

export interface ReconcileCheckpointsHarness extends AsyncDisposable {
  readonly checkpoints: ReconcileCheckpoints;
  readonly checkProgress: Checkpoints<CheckProgress>;
}

export type OpenReconcileCheckpoints = () => Promise<ReconcileCheckpointsHarness>;

const checkpointOf = (change: Partial<Checkpoint> = {}): Checkpoint => ({
  source: 'stripe:test:acct_1',
  startedAt: NOW - 5000,
  checkedUntil: NOW,
  window: {
    since: NOW - 5000,
    until: NOW,
    cursor: 'a cursor, of “any” characters',
    trail: { pages: 5, landmark: 'the fourth' },
    settledUntil: NOW - 9,
  },
  restsUntil: NOW + 1,
  gap: { since: 1, until: 2 },
  listed: 1,
  missing: 2,
  recovered: 3,
  differing: 4,
  lastRunAt: NOW,
  lastOutcome: 'under_way',
  lastRound: { at: NOW - 1, outcome: 'credential_refused' },
  ...change,
});

export const describeReconcileCheckpoints = (
  name: string,
  open: OpenReconcileCheckpoints,
  options: ContractOptions = {},
): void => {
  describe(`ReconcileCheckpoints: ${name}`, () => {
    defineContract(options, (test) => {
      test('give back what was put, and know nothing of others', async () => {
        await using harness = await open();
        const { checkpoints } = harness;
        expect(await checkpoints.get('stripe:test:acct_1')).toBeUndefined();

        expect(await checkpoints.put(checkpointOf(), 0)).toBe(true);

        expect(await checkpoints.get('stripe:test:acct_1')).toEqual({ ...checkpointOf(), revision: 1 });
        expect(await checkpoints.get('stripe:test')).toBeUndefined();
      });

      test('take a change of what was read, and only of that', async () => {
        await using harness = await open();
        const { checkpoints } = harness;
        await checkpoints.put(checkpointOf(), 0);

        expect(await checkpoints.put(checkpointOf({ window: null, gap: null, listed: 7 }), 1)).toBe(true);
        expect(await checkpoints.put(checkpointOf({ listed: 8 }), 1)).toBe(false);
        expect(await checkpoints.put(checkpointOf({ listed: 9 }), 0)).toBe(false);

        expect(await checkpoints.get('stripe:test:acct_1')).toEqual({
          ...checkpointOf({ window: null, gap: null, listed: 7 }),
          revision: 2,
        });
      });

      test('keep how far a check has come beside them, with all that it may have found', async () => {
        await using harness = await open();
        const { checkpoints, checkProgress } = harness;
        await checkpoints.put(checkpointOf(), 0);
        const found = [{ list: 'charges', differences: 'é'.repeat(LIMITS.checkProgressBytesMax / 2) }];
        const tracks = [{ name: 'payment', checkedUntil: NOW, sliceMs: 5000, found }];
        const progress = { source: 'payments:stripe:test:acct_1', startedAt: NOW, since: NOW - 5000, tracks };

        expect(await checkProgress.put(progress, 0)).toBe(true);
        expect(await checkProgress.put({ ...progress, tracks: [] }, 0)).toBe(false);

        expect(await checkProgress.get(progress.source)).toEqual({ ...progress, revision: 1 });
        expect(await checkpoints.get('stripe:test:acct_1')).toEqual({ ...checkpointOf(), revision: 1 });
      });

      test('let one of any number have it that write at the same time', async () => {
        await using harness = await open();
        const { checkpoints } = harness;

        const first = await Promise.all([1, 2, 3].map((listed) => checkpoints.put(checkpointOf({ listed }), 0)));
        const second = await Promise.all([1, 2, 3].map((listed) => checkpoints.put(checkpointOf({ listed }), 1)));

        expect([first, second].map((all) => all.filter(Boolean))).toEqual([[true], [true]]);
        expect((await checkpoints.get('stripe:test:acct_1'))?.revision).toBe(2);
      });
    });
  });
};
