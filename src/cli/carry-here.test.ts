import { expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import { giveUp } from '../handlers/handler.ts';
import { on } from '../handlers/on.ts';
import type { OperatorHome } from '../homes/operator-home.ts';
import { createCarryJob } from '../jobs/carry-job.ts';
import { createRequestJob } from '../jobs/request-job.ts';
import { carryHere } from './carry-here.ts';
import type { CommandContext } from './command-context.ts';

test('what a job put back lies no more where dead letters go, but for what has died again', async () => {
  const dead = new Set(['stripe:evt_1', 'stripe:evt_2', 'stripe:evt_3']);
  const home = createTestHome({
    handlers: {
      ship: on('payment.succeeded', ({ webhookId }) => (dead.has(webhookId) ? giveUp('no such order') : undefined)),
    },
  });
  for (const id of ['evt_1', 'evt_2', 'evt_3']) await home.deliver(stripeDelivery(home.clock, id));
  await home.work();
  home.clock.advance(1);
  const { jobs } = home.memory;
  const job = await createRequestJob({ ...home, jobs })({
    work: { kind: 'redrive' },
    filter: { until: home.clock.now() },
    mode: 'test',
    reason: 'INC-812',
    requestedBy: { type: 'operator', id: 'alice' },
    webhooksPerSecond: 10,
    approvalLimits: { webhooksMax: null, amountMax: null },
  });
  const carry = createCarryJob({ ...home, jobs, carrierId: 'carrier-1' });
  dead.delete('stripe:evt_3');
  // The newest goes first.
  for (let step = 0; step < 4; step += 1) {
    await carry(job.id);
    home.clock.advance(1000);
    await home.work();
  }
  const forgotten: string[] = [];
  const operatorHome = {
    ...home,
    jobs,
    jobsAreCarriedBy: 'command',
    forgetDeadLetters: async (ids: ReadonlySet<string>) => void forgotten.push(...ids),
  } as unknown as OperatorHome;
  const context = { print: () => undefined, clock: home.clock } as unknown as CommandContext;

  await carryHere(context, operatorHome, job, true);

  expect((await jobs.get(job.id))?.counts).toMatchObject({ processed: 1, failed_again: 2 });
  expect(forgotten).toEqual(['stripe:evt_3']);
});
