import { describe, expect, test } from 'vitest';
import { createMemoryDestinationQueue } from '../../src/adapters/memory/memory-destination-queue.ts';
import { createMemoryAlerts, createMemoryLogger } from '../../src/adapters/memory/memory-recorders.ts';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { createCircuit } from '../../src/core/circuit.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import type { Destination } from '../../src/destinations/destination.ts';
import { createSendClaims } from '../../src/destinations/send-claims.ts';
import { startDestinationLoop } from '../../src/homes/local/destination-loop.ts';
import { createTestRandomness } from '../support/randomness.ts';
import { createScriptedDestination, failedWith } from './scripted-destination.ts';
import { createCountedMetrics, entryOf, GIVE_UP_AFTER_MS, messageFor, until } from './sending.ts';

/** One loop as the server starts it, with the system's clock: what costs time costs real time here. */
const startLoop = (destination: Destination, { requestsPerSecondMax = null as number | null } = {}) => {
  const clock = systemClock;
  const randomness = createTestRandomness();
  const memory = createMemoryDestinationQueue(clock);
  const logger = createMemoryLogger();
  const calls = { claim: 0 };
  const circuit = createCircuit({ concurrencyMax: 8, requestsPerSecondMax, clock, randomness });
  const loop = startDestinationLoop({
    queue: {
      ...memory,
      claim: (...asked) => {
        calls.claim += 1;
        return memory.claim(...asked);
      },
    },
    destination,
    circuit,
    sendClaims: createSendClaims({
      destination,
      circuit,
      loadMessage: messageFor,
      clock,
      randomness,
      retryPolicy: { backoffBaseMs: 1000, backoffCapMs: HOUR_MS },
      giveUpAfterMs: GIVE_UP_AFTER_MS,
      alerts: createMemoryAlerts(),
      logger,
      metrics: createCountedMetrics(),
    }),
    clock,
    logger,
    leaseMs: 40_000,
    idleMs: 50,
  });
  return {
    loop,
    circuit,
    calls,
    put: (count: number) =>
      memory.put(
        Array.from({ length: count }, (_, index) => entryOf(destination.name, index + 1)),
        clock.now(),
      ),
    [Symbol.asyncDispose]: () => loop.stop(1000),
  };
};

/** The claims that are made within `ms`. */
const claimsWithin = async (ms: number, calls: { readonly claim: number }): Promise<number> => {
  const [before, endsAt] = [calls.claim, performance.now() + ms];
  await until(() => performance.now() > endsAt);
  return calls.claim - before;
};

describe('a loop that has nothing to send', () => {
  test('looks once in each idle time, and what wakes it up is sent at once', async () => {
    const ledger = createScriptedDestination('ledger');
    await using sending = startLoop(ledger);
    await until(() => sending.calls.claim > 0);

    const [startedAt, before] = [performance.now(), sending.calls.claim];
    await until(() => sending.calls.claim >= before + 6);

    // The first of them may have been about to come; timers may be a millisecond early.
    expect(performance.now() - startedAt).toBeGreaterThan(5 * (50 - 1));
    await sending.put(1);
    sending.loop.wake();
    await until(() => ledger.delivered.length === 1);
  });

  test('does not look while its destination is down, however often it is woken up', async () => {
    const ledger = createScriptedDestination('ledger', () => failedWith('answered_429', { retryAfterMs: 60_000 }));
    await using sending = startLoop(ledger);
    await sending.put(20);
    sending.loop.wake();
    await until(() => sending.circuit.state() === 'open');
    // A claim that was under way may end.
    await claimsWithin(50, sending.calls);

    const waking = setInterval(() => sending.loop.wake(), 1);
    const claims = await claimsWithin(300, sending.calls);
    clearInterval(waking);

    expect(claims).toBe(0);
    expect(ledger.sent).toHaveLength(1);
  });
});

describe('a destination with a limit of requests a second', () => {
  test('gets one second of it at once, and then no more than it allows', async () => {
    const sentAt: number[] = [];
    const ledger = createScriptedDestination('ledger', () => {
      sentAt.push(performance.now());
      return { outcome: 'delivered' };
    });
    await using sending = startLoop(ledger, { requestsPerSecondMax: 20 });
    await sending.put(50);
    const startedAt = performance.now();
    sending.loop.wake();

    await until(() => ledger.delivered.length === 50);

    const tookMs = (sentAt.at(-1) ?? 0) - startedAt;
    // 20 at once, 30 more at 20 a second; the two clocks round apart.
    expect(tookMs).toBeGreaterThan(1400);
    for (const [index, at] of sentAt.entries()) {
      const inSecond = sentAt.slice(index).filter((other) => other < at + 1000).length;
      expect(inSecond).toBeLessThanOrEqual(20 + 20 + 1);
    }
  });
});
