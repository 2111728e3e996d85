import { describe, expect, test } from 'vitest';
import { describeReconcileCheckpoints } from '../../contract/reconcile-checkpoints-contract.ts';
import { NOW } from '../../support/clock.ts';
import { DYNAMODB_RECONCILE_CHECKPOINTS } from './dynamodb-reconcile-checkpoints.ts';

const { name } = DYNAMODB_RECONCILE_CHECKPOINTS;
const { open } = DYNAMODB_RECONCILE_CHECKPOINTS.use();

describeReconcileCheckpoints(name, open);

describe('a checkpoint on DynamoDB', () => {
  test('is no webhook, and nothing that the change feed cannot explain', async () => {
    await using home = await open();
    const checkpoint = { source: 'stripe:live', startedAt: NOW, checkedUntil: NOW, window: null, restsUntil: null };
    const counts = { gap: null, listed: 0, missing: 0, recovered: 0, differing: 0, lastRunAt: NOW, lastOutcome: '' };
    await home.checkpoints.put({ ...checkpoint, ...counts }, 0);
    await home.checkpoints.put({ ...checkpoint, ...counts, listed: 1 }, 1);
    await home.settle();

    expect(home.unexplained).toEqual([]);
    expect(await home.store.find('reconcile:stripe:live')).toEqual([]);
    expect((await home.store.list({ limit: 10 })).items).toEqual([]);
  });
});
