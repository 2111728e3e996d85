/**
 * What handlers need is away for three days less an hour, then for longer. The clock is a test's: every attempt is made
 * when it is due, and nobody waits.
 */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { createAttemptClaim } from '../../src/process/attempt-claim.ts';
import { createProcess } from '../../src/process/process.ts';
import { createTestClock } from '../support/clock.ts';
import { detachQueue } from '../support/detached-queue.ts';
import { createTestHome, LEASE_MS, stripeDelivery } from '../support/test-home.ts';

const WEBHOOKS = 20;

const openHome = async (home: 'local' | 'aws', handler: () => void) => {
  const clock = createTestClock();
  const opened = createTestHome({
    clock,
    handler,
    // As on AWS: the store leaves all queueing to its callers.
    ...(home === 'aws' ? { ports: (memory) => detachQueue(memory, clock) } : {}),
  });
  const process = createProcess({ ...opened.processDeps, retryPolicy: { ...LIMITS } });
  const attemptClaim = createAttemptClaim({ ...opened, process, metrics: { attempt: () => undefined } });
  for (let number = 0; number < WEBHOOKS; number += 1) await opened.deliver(stripeDelivery(clock, `evt_${number}`));
  const workUntil = async (until: number): Promise<void> => {
    while (clock.now() < until) {
      const claims = await opened.queue.claim(WEBHOOKS, LEASE_MS);
      for (const claim of claims) await attemptClaim(claim);
      if (claims.length === 0) clock.advance(MINUTE_MS / 4);
    }
  };
  const count = async (status: 'processed' | 'dead_lettered'): Promise<number> =>
    (await opened.store.list({ status, limit: WEBHOOKS })).items.length;
  return { clock, workUntil, count, startedAt: clock.now(), alerts: opened.alerts };
};

describe.each(['local', 'aws'] as const)('an outage behind the handlers of the %s home', (name) => {
  test('of three days less an hour loses nothing: no dead letter, and all is processed a quarter of an hour after it', async () => {
    let isDown = true;
    const handled = new Set<number>();
    let calls = 0;
    const home = await openHome(name, () => {
      calls += 1;
      if (isDown) throw new Error('the warehouse is away');
      handled.add(calls);
    });

    await home.workUntil(home.startedAt + 71 * HOUR_MS);
    expect([await home.count('dead_lettered'), await home.count('processed')]).toEqual([0, 0]);
    const callsWhileDown = calls;
    isDown = false;
    await home.workUntil(home.startedAt + 71 * HOUR_MS + 20 * MINUTE_MS);

    expect([await home.count('dead_lettered'), await home.count('processed')]).toEqual([0, WEBHOOKS]);
    expect(handled.size).toBe(WEBHOOKS);
    // The circuit asks now and then: the outage is not made worse by all of them.
    expect(callsWhileDown).toBeLessThan(71 * 60 * 2);
  });

  test('of longer than three days makes dead letters, each with an alert', async () => {
    const home = await openHome(name, () => {
      throw new Error('the warehouse is away');
    });

    await home.workUntil(home.startedAt + 72 * HOUR_MS);
    expect(await home.count('dead_lettered')).toBe(0);
    await home.workUntil(home.startedAt + 72.5 * HOUR_MS);

    expect(await home.count('dead_lettered')).toBe(WEBHOOKS);
    expect(home.alerts.raised.filter(({ kind }) => kind === 'dead_letter')).toHaveLength(WEBHOOKS);
  });
});
