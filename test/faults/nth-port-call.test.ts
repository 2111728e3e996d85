/** Whatever port call fails, and however: what was acknowledged is there, ends once, and the trail is whole. */
import { describe, expect, test } from 'vitest';
import { createMemoryHome } from '../../src/adapters/memory/memory-home.ts';
import { readRecord } from '../../src/audit/audit.ts';
import type { ReceiveOutcome } from '../../src/receive/receive.ts';
import { createTestClock } from '../support/clock.ts';
import { detachQueue } from '../support/detached-queue.ts';
import { breakPorts, type Fault, type FaultKind } from '../support/faulty-ports.ts';
import { createTestHome, LEASE_MS, stripeDelivery } from '../support/test-home.ts';

const EVENTS = ['evt_1', 'evt_2', 'evt_3'];
const NO_FAULT: Fault = { call: 0, kind: 'before' };

/** As a provider does it: the same event again until it is answered with a 2xx. */
const deliverUntilTaken = async (
  home: ReturnType<typeof createTestHome>,
  id: string,
): Promise<ReceiveOutcome | undefined> => {
  for (let tries = 0; tries < 5; tries += 1) {
    try {
      return await home.deliver(stripeDelivery(home.clock, id));
    } catch {
      home.clock.advance(1000);
    }
  }
  return undefined;
};

/** Receives three events, the first of which fails once in its handler, and works until there is nothing left. */
const runScenario = async (shape: 'together' | 'apart', fault: Fault) => {
  const clock = createTestClock();
  const plain = createMemoryHome(clock);
  const broken = breakPorts(shape === 'together' ? plain : detachQueue(plain, clock), fault);
  const handled: string[] = [];
  const home = createTestHome({
    clock,
    ports: () => broken,
    handler: ({ webhookId }, { attempt }) => {
      handled.push(webhookId);
      if (webhookId.endsWith('evt_1') && attempt === 1) throw new Error('first attempt');
    },
  });

  const taken: (ReceiveOutcome | undefined)[] = [];
  for (const id of EVENTS) taken.push(await deliverUntilTaken(home, id));
  for (let round = 0; round < 10; round += 1) {
    for (const claim of await broken.queue.claim(10, LEASE_MS).catch(() => []))
      await home.process(claim).catch(() => undefined);
    clock.advance(LEASE_MS + 60_000);
  }
  return { taken, handled, plain, queue: broken.queue, calls: broken.counter.calls };
};

describe.each(['together', 'apart'] as const)('the n-th port call fails, store and queue %s', (shape) => {
  test.each(['before', 'after'] as const)(
    'I1–I5 hold for every n when calls break %s they take effect',
    async (kind: FaultKind) => {
      const { calls } = await runScenario(shape, NO_FAULT);
      expect(calls).toBeGreaterThan(15);

      for (let call = 1; call <= calls; call += 1) {
        const { taken, handled, plain, queue } = await runScenario(shape, { call, kind });
        const where = `call ${call} breaks ${kind}`;

        expect(
          taken.map((outcome) => outcome?.outcome),
          where,
        ).not.toContain(undefined);
        const stored = (await plain.store.list({ limit: 10 })).items;
        expect(stored.map((webhook) => [webhook.webhookId, webhook.status]).sort(), where).toEqual(
          EVENTS.map((id) => [`stripe:${id}`, 'processed']),
        );
        expect(await queue.depth(), where).toMatchObject({ ready: 0, waiting: 0 });
        for (const id of EVENTS) expect(handled, where).toContain(`stripe:${id}`);
        for (const webhook of stored) {
          const chain = await plain.auditLog.chain(`${webhook.webhookId}@${webhook.timestamp}`, 100);
          const records = chain.map(readRecord);
          expect(
            records.map(({ seq }) => seq),
            where,
          ).toEqual(records.map((_, index) => index + 1));
          expect(records.at(-1)?.change?.to, where).toBe('processed');
          expect(
            records.filter(({ change }) => change?.to === 'processed'),
            where,
          ).toHaveLength(1);
        }
      }
    },
  );
});
