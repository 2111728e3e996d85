import { describe, expect, test } from 'vitest';
import {
  createScriptedDestination,
  DELIVERED,
  failedWith,
  type ScriptedDestination,
} from '../../test/destinations/scripted-destination.ts';
import { createCountedMetrics, entryOf, GIVE_UP_AFTER_MS, messageFor } from '../../test/destinations/sending.ts';
import { createTestClock } from '../../test/support/clock.ts';
import { createMemoryAlerts, createMemoryLogger } from '../adapters/memory/memory-recorders.ts';
import { createCircuit } from '../core/circuit.ts';
import type { DestinationClaim, DestinationEntry } from './destination-queue.ts';
import type { LoadedMessage } from './load-message.ts';
import { createSendClaims } from './send-claims.ts';

const HALF = { fraction: () => 0.5 };

const createSetting = (
  destination: ScriptedDestination,
  loadMessage: (entry: DestinationEntry) => Promise<LoadedMessage> = messageFor,
) => {
  const clock = createTestClock();
  const circuit = createCircuit({ concurrencyMax: 8, requestsPerSecondMax: null, clock, randomness: HALF });
  const [alerts, logger, metrics] = [createMemoryAlerts(), createMemoryLogger(), createCountedMetrics()];
  const sendClaims = createSendClaims({
    destination,
    circuit,
    loadMessage,
    clock,
    randomness: HALF,
    retryPolicy: { backoffBaseMs: 1000, backoffCapMs: 3_600_000 },
    giveUpAfterMs: GIVE_UP_AFTER_MS,
    alerts,
    logger,
    metrics,
  });
  const claimOf = (index: number, { failures = 0, ageMs = 0 } = {}): DestinationClaim => ({
    entry: entryOf('ledger', index),
    receipt: `receipt-${index}`,
    enqueuedAt: clock.now() - ageMs,
    failures,
  });
  const send = (claims: readonly DestinationClaim[], signal = new AbortController().signal) => {
    circuit.started();
    return sendClaims(claims, signal);
  };
  return { clock, circuit, alerts, logger, metrics, claimOf, send };
};

describe('one attempt', () => {
  test('delivered: settled, logged and counted once', async () => {
    const { send, claimOf, logger, metrics } = createSetting(createScriptedDestination('ledger'));
    const claim = claimOf(1, { failures: 2 });

    expect(await send([claim])).toEqual({ settlements: [{ claim, outcome: 'delivered' }], isBack: false });

    expect(logger.lines).toMatchObject([
      {
        level: 'info',
        event: 'destination.delivered',
        fields: {
          destination: 'ledger',
          event_id: 'stripe:evt_1',
          provider: 'stripe',
          trace_id: 'trace-1',
          attempt: 3,
        },
      },
    ]);
    expect(metrics.counted).toEqual(['ledger delivered']);
  });

  test('each message of a call has its own result, in order', async () => {
    const refused = failedWith('not_accepted', { isDestinationDown: false });
    const bus = createScriptedDestination('ledger', ({ id }) => (id === 'stripe:evt_2' ? refused : DELIVERED));
    const { send, claimOf } = createSetting(bus);

    const { settlements } = await send([claimOf(1), claimOf(2), claimOf(3)]);

    expect(settlements.map(({ outcome }) => outcome)).toEqual(['delivered', 'failed', 'delivered']);
    expect(settlements.map(({ claim }) => claim.receipt)).toEqual(['receipt-1', 'receipt-2', 'receipt-3']);
  });

  test('failed: due after the backoff, or after the wait that the destination asks for when that is longer', async () => {
    const ledger = createScriptedDestination('ledger', () => failedWith('answered_5xx'));
    const { send, claimOf, clock } = createSetting(ledger);

    const [backedOff] = (await send([claimOf(1, { failures: 3 })])).settlements;
    ledger.answer = () => failedWith('answered_429', { retryAfterMs: 90_000 });
    const [asked] = (await send([claimOf(2)])).settlements;

    const error = 'answered_5xx: the destination said answered_5xx';
    expect(backedOff).toMatchObject({ outcome: 'failed', error, dueAt: clock.now() + 4000 });
    expect(asked).toMatchObject({ outcome: 'failed', dueAt: clock.now() + 90_000 });
  });

  test('a failure at 72 hours is the last one, and a person is told', async () => {
    const ledger = createScriptedDestination('ledger', () => failedWith('timed_out'));
    const { send, claimOf, alerts, metrics } = createSetting(ledger);

    const before = await send([claimOf(1, { ageMs: GIVE_UP_AFTER_MS - 1, failures: 50 })]);
    const after = await send([claimOf(2, { ageMs: GIVE_UP_AFTER_MS, failures: 50 })]);

    expect(before.settlements).toMatchObject([{ outcome: 'failed' }]);
    const error = 'given up: not delivered within 72 h; timed_out: the destination said timed_out';
    expect(after.settlements).toMatchObject([{ outcome: 'given_up', error }]);
    expect(alerts.raised).toMatchObject([{ kind: 'destination_gave_up', webhookId: 'stripe:evt_2' }]);
    expect(metrics.counted).toEqual(['ledger failed', 'ledger given_up']);
  });

  test('what can never be loaded is given up without being sent, and says nothing about the destination', async () => {
    const ledger = createScriptedDestination('ledger', () => failedWith('timed_out'));
    const { send, claimOf, circuit, clock } = createSetting(ledger, async (entry) =>
      entry.eventId === 'stripe:evt_9' ? { outcome: 'missing', reason: 'its webhook is gone' } : messageFor(entry),
    );
    for (let index = 1; index <= 5; index += 1) await send([claimOf(index)]);
    clock.advance(1000);
    expect(circuit.state()).toBe('half_open');

    const { settlements, isBack } = await send([claimOf(9)]);

    expect(settlements).toMatchObject([{ outcome: 'given_up', error: 'given up: its webhook is gone' }]);
    expect(isBack).toBe(false);
    expect(circuit.permit(0).count).toBe(1);
    expect(ledger.sent).not.toContain('stripe:evt_9');
  });

  test('failures of the destination open the circuit, refused messages do not, and its first answer says it is back', async () => {
    const ledger = createScriptedDestination('ledger', () => failedWith('answered_4xx', { isDestinationDown: false }));
    const { send, claimOf, circuit, clock } = createSetting(ledger);
    for (let index = 1; index <= 10; index += 1) await send([claimOf(index)]);
    expect(circuit.state()).toBe('closed');
    ledger.answer = () => failedWith('not_reachable');
    for (let index = 1; index <= 5; index += 1) await send([claimOf(index)]);
    expect(circuit.state()).toBe('open');
    clock.advance(1000);

    ledger.answer = () => failedWith('answered_4xx', { isDestinationDown: false });

    expect(await send([claimOf(1)])).toMatchObject({ isBack: true });
    expect(circuit.state()).toBe('closed');
  });

  test('what is cut off is put back, neither given up nor held against the destination', async () => {
    const ledger = createScriptedDestination('ledger', () => failedWith('timed_out'));
    const { send, claimOf, circuit, clock } = createSetting(ledger);

    for (let index = 1; index <= 6; index += 1) {
      const claim = claimOf(index, { ageMs: GIVE_UP_AFTER_MS });
      const { settlements } = await send([claim], AbortSignal.abort());
      expect(settlements).toEqual([{ claim, outcome: 'put_back', dueAt: clock.now() }]);
    }

    expect(circuit.state()).toBe('closed');
  });

  test('an error that a destination throws concerns us: the entries go back and nothing of them is lost', async () => {
    const ledger = createScriptedDestination('ledger', () => {
      throw new TypeError('cannot read 4242424242424242');
    });
    const { send, claimOf, clock, logger, alerts } = createSetting(ledger);

    const { settlements } = await send([claimOf(1), claimOf(2)]);

    expect(settlements).toMatchObject([
      { outcome: 'failed', error: 'internal: TypeError', dueAt: clock.now() + 500 },
      { outcome: 'failed', error: 'internal: TypeError', dueAt: clock.now() + 500 },
    ]);
    expect(logger.lines).toHaveLength(2);
    expect(JSON.stringify([settlements, logger.lines, alerts.raised])).not.toContain('4242');
  });

  test('the words of an unexpected error do not reach the alert of what is given up', async () => {
    const ledger = createScriptedDestination('ledger', () => {
      throw new TypeError('cannot read 4242424242424242');
    });
    const { send, claimOf, logger, alerts } = createSetting(ledger);

    await send([claimOf(1, { ageMs: GIVE_UP_AFTER_MS })]);

    expect(alerts.raised).toMatchObject([{ kind: 'destination_gave_up' }]);
    expect(JSON.stringify([alerts.raised, logger.lines])).toContain('TypeError');
    expect(JSON.stringify([alerts.raised, logger.lines])).not.toContain('4242');
  });

  test('an error is kept as long as a list shows it', async () => {
    const ledger = createScriptedDestination('ledger', () => failedWith('answered_5xx', { detail: 'x'.repeat(500) }));
    const { send, claimOf } = createSetting(ledger);

    const [settlement] = (await send([claimOf(1)])).settlements;

    expect(settlement?.outcome === 'failed' && settlement.error.length).toBe(500);
  });
});
