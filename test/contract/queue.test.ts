import { describe, expect, test } from 'vitest';
import { NO_EFFECTS } from '../../src/core/effects.ts';
import type { StatusChange } from '../../src/core/ports/webhook-store.ts';
import { createReplay } from '../../src/process/replay.ts';
import { NOW } from '../support/clock.ts';
import { insertionOf } from '../support/insertion.ts';
import { getStored, HOMES, insertQueued } from './homes.ts';
import { describeQueue } from './queue-contract.ts';

for (const { name, open } of HOMES) describeQueue(name, open);

const failed = (attempts: number): StatusChange => ({
  status: 'retrying',
  attempts,
  lastError: 'no',
  nextAttemptAt: NOW,
  effects: NO_EFFECTS,
  changedAt: NOW,
  actor: { type: 'component', id: 'processor' },
  reason: 'handler_failed',
});

describe.each(HOMES)('where the queue lives in the store: $name', ({ open }) => {
  test('claims are counted anew after each attempt that came to an outcome, and when a waiting webhook is replayed', async () => {
    await using home = await open();
    const insertion = insertionOf();
    await insertQueued(home, insertion);
    const counts: (number | undefined)[] = [];
    for (let attempts = 1; attempts <= 3; attempts += 1) {
      await home.queue.putBack((await home.queue.claim(1, 60_000))[0]!, 0);
      const [claim] = await home.queue.claim(1, 60_000);
      counts.push(claim?.claimedTimes);
      await home.store.change(insertion.webhook, attempts, failed(attempts), claim);
    }
    await home.queue.putBack((await home.queue.claim(1, 60_000))[0]!, 0);
    const waiting = await getStored(home, insertion.webhook);

    await createReplay(home)(waiting, { type: 'operator', id: 'ada' }, null);

    const [claim] = await home.queue.claim(1, 60_000);
    expect([...counts, claim?.claimedTimes]).toEqual([2, 2, 2, 1]);
  });
});
