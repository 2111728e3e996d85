import { describe, expect, test } from 'vitest';
import { createTestClock } from '../../../test/support/clock.ts';
import type { DestinationBatch } from '../../adapters/aws/destinations/sqs-destination-batch.ts';
import type { UnreadableMessage } from '../../adapters/aws/work-queue/open-records.ts';
import { createCircuit } from '../../core/circuit.ts';
import { PayhookError } from '../../core/errors.ts';
import type { LogFields, Logger } from '../../core/ports/logger.ts';
import { HOUR_MS } from '../../core/time.ts';
import type { DestinationMessage, SendOutcome } from '../../destinations/destination.ts';
import type { DestinationClaim, Settlement } from '../../destinations/destination-queue.ts';
import { createSendClaims } from '../../destinations/send-claims.ts';
import { createSendBatch } from './send-batch.ts';

const GIVE_UP_AFTER_MS = 72 * HOUR_MS;
const DELIVERED: SendOutcome = { outcome: 'delivered' };
const DOWN: SendOutcome = {
  outcome: 'failed',
  reason: 'answered_5xx',
  detail: 'answered 503',
  retryAfterMs: null,
  isDestinationDown: true,
};

interface OpenOptions {
  readonly answer?: (message: DestinationMessage) => SendOutcome;
  readonly concurrencyMax?: number;
  readonly requestsPerSecondMax?: number;
  readonly isStoreBroken?: boolean;
  readonly isSettlingBroken?: boolean;
}

/** The function over batches that a test puts together, and what it sent and wrote. */
const open = (options: OpenOptions = {}) => {
  const clock = createTestClock();
  const randomness = { fraction: () => 0.5 };
  const lines: (LogFields & { readonly event: string })[] = [];
  const write = (event: string, fields: LogFields): void => void lines.push({ event, ...fields });
  const logger: Logger = { info: write, warn: write, error: write };
  const sent: string[] = [];
  let underway = 0;
  let underwayMax = 0;
  const circuit = createCircuit({
    concurrencyMax: options.concurrencyMax ?? 4,
    requestsPerSecondMax: options.requestsPerSecondMax ?? null,
    clock,
    randomness,
  });
  const sendClaims = createSendClaims({
    destination: {
      name: 'ledger',
      kind: 'http',
      messagesMax: 1,
      async send(messages) {
        underway += 1;
        underwayMax = Math.max(underwayMax, underway);
        await Promise.resolve();
        underway -= 1;
        sent.push(...messages.map(({ id }) => id));
        return messages.map(options.answer ?? (() => DELIVERED));
      },
    },
    circuit,
    loadMessage: async ({ eventId }) => {
      if (options.isStoreBroken === true) throw new PayhookError('store_unavailable', 'the table is away');
      return { outcome: 'loaded', message: { id: eventId, type: 'payment.succeeded', occurredAt: null, body: '{}' } };
    },
    clock,
    randomness,
    retryPolicy: { backoffBaseMs: 1000, backoffCapMs: HOUR_MS },
    giveUpAfterMs: GIVE_UP_AFTER_MS,
    alerts: { raise: () => {} },
    logger,
    metrics: { destination: () => {} },
  });
  const settled: Settlement[] = [];
  const paused: number[] = [];
  const batchOf = (
    claims: readonly DestinationClaim[],
    unreadable: readonly UnreadableMessage[],
    resting: DestinationBatch['resting'],
  ) => {
    const left = new Set([...claims.map(({ receipt }) => receipt), ...unreadable.map(({ messageId }) => messageId)]);
    for (const { claim } of resting) left.add(claim.receipt);
    return {
      claims,
      resting,
      unreadable,
      async settle(settlements) {
        if (options.isSettlingBroken === true) throw new PayhookError('store_unavailable', 'the table is away');
        settled.push(...settlements);
        for (const { claim } of settlements) left.delete(claim.receipt);
      },
      async setAside({ messageId }) {
        left.delete(messageId);
      },
      failures: () => [...left].map((itemIdentifier) => ({ itemIdentifier })),
    } satisfies DestinationBatch;
  };
  return {
    clock,
    circuit,
    sent,
    settled,
    paused,
    lines,
    underwayMax: () => underwayMax,
    /** One batch with these claims, as Lambda brings it. */
    async run(
      claims: readonly DestinationClaim[],
      unreadable: readonly UnreadableMessage[] = [],
      resting: DestinationBatch['resting'] = [],
    ) {
      const sendBatch = createSendBatch({
        openBatch: () => batchOf(claims, unreadable, resting),
        senderOf: () => ({ messagesMax: 1, circuit, sendClaims, giveUpAfterMs: GIVE_UP_AFTER_MS }),
        clock,
        logger,
        drainAlerts: async () => {},
        pause: async (ms) => {
          paused.push(ms);
          clock.advance(ms);
        },
      });
      const { batchItemFailures } = await sendBatch({ Records: [] });
      return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    },
    claim: (name: string, { ageMs = 1000, failures = 0 } = {}): DestinationClaim => ({
      entry: {
        webhookId: `stripe:${name}`,
        timestamp: 1,
        destination: 'ledger',
        eventId: `stripe:${name}`,
        provider: 'stripe',
        traceId: 'trace',
        news: 'news',
      },
      receipt: name,
      enqueuedAt: clock.now() - ageMs,
      failures,
    }),
    restOf: (settlement: Settlement | undefined): number =>
      settlement !== undefined && 'dueAt' in settlement ? settlement.dueAt - clock.now() : Number.NaN,
  };
};
type Opened = ReturnType<typeof open>;

const ten = (opened: Opened): DestinationClaim[] =>
  Array.from({ length: 10 }, (_, index) => opened.claim(`evt_${index}`, { ageMs: 1000 * (index + 1) }));

/** Failures in a row open the circuit. */
const takeDown = async (opened: Opened): Promise<void> => {
  await opened.run(ten(opened));
  opened.settled.length = 0;
  opened.sent.length = 0;
};

describe('a batch for a destination', () => {
  test('is delivered, the oldest event first, and reported as done', async () => {
    const opened = open({ concurrencyMax: 1 });

    const failures = await opened.run(ten(opened));

    expect(failures).toEqual([]);
    expect(opened.sent).toEqual(Array.from({ length: 10 }, (_, index) => `stripe:evt_${9 - index}`));
    expect(opened.settled.every(({ outcome }) => outcome === 'delivered')).toBe(true);
  });

  test('is sent several at a time, and never more than allowed', async () => {
    const opened = open({ concurrencyMax: 4 });

    await opened.run(ten(opened));

    expect(opened.underwayMax()).toBe(4);
  });

  test('goes back when the destination is down: a few are tried, the rest rests and is not counted as tried', async () => {
    const opened = open({ answer: () => DOWN });

    const failures = await opened.run(ten(opened));

    const outcomes = opened.settled.map(({ outcome }) => outcome);
    expect(failures).toEqual([]);
    expect(outcomes.filter((outcome) => outcome === 'failed')).toHaveLength(5);
    expect(outcomes.filter((outcome) => outcome === 'put_back')).toHaveLength(5);
    expect(opened.circuit.state()).toBe('open');
  });

  test('rests the longer the longer it has waited, up to a quarter of an hour', async () => {
    const opened = open({ answer: () => DOWN });
    await takeDown(opened);

    await opened.run([
      opened.claim('young', { ageMs: 0 }),
      opened.claim('hour', { ageMs: 20 * 60_000 }),
      opened.claim('day', { ageMs: 24 * HOUR_MS }),
    ]);

    const rests = new Map(opened.settled.map((one) => [one.claim.receipt, opened.restOf(one)]));
    expect(opened.sent).toEqual([]);
    expect(rests).toEqual(
      new Map([
        ['day', 15 * 60_000],
        ['hour', 5 * 60_000],
        ['young', 5000],
      ]),
    );
  });

  test('is probed with its oldest event when the time has come, and all of it is sent when that is taken', async () => {
    let isUp = false;
    const opened = open({ answer: () => (isUp ? DELIVERED : DOWN) });
    await takeDown(opened);
    opened.clock.advance(60_000);
    isUp = true;

    const failures = await opened.run(ten(opened));

    expect(opened.sent[0]).toBe('stripe:evt_9');
    expect(failures).toEqual([]);
  });

  test('is waited for when the destination takes so many a second', async () => {
    const opened = open({ requestsPerSecondMax: 5 });

    const failures = await opened.run(ten(opened));

    expect(failures).toEqual([]);
    expect(opened.paused.length).toBeGreaterThan(0);
    expect(opened.paused.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(1000);
  });

  test('ends with one last attempt for what has no time left, though the destination is known to be down', async () => {
    const opened = open({ answer: () => DOWN });
    await takeDown(opened);

    const failures = await opened.run([
      opened.claim('over', { ageMs: GIVE_UP_AFTER_MS }),
      opened.claim('young', { ageMs: 1000 }),
    ]);

    expect(opened.sent).toEqual(['stripe:over']);
    expect(opened.settled.map(({ claim, outcome }) => `${claim.receipt} ${outcome}`).sort()).toEqual([
      'over given_up',
      'young put_back',
    ]);
    expect(failures).toEqual([]);
  });

  test('lets rest on what is not due yet, and sends nothing of it', async () => {
    const opened = open();
    const claim = opened.claim('evt');
    const dueAt = opened.clock.now() + HOUR_MS;

    const failures = await opened.run([], [], [{ claim, outcome: 'put_back', dueAt }]);

    expect(opened.sent).toEqual([]);
    expect(opened.settled).toEqual([{ claim, outcome: 'put_back', dueAt }]);
    expect(failures).toEqual([]);
  });

  test('rests when the store is away, says so once for each call, and is not given up', async () => {
    const opened = open({ isStoreBroken: true });

    const failures = await opened.run([opened.claim('evt')]);

    expect(failures).toEqual([]);
    expect(opened.settled.map(({ outcome }) => outcome)).toEqual(['put_back']);
    expect(opened.lines).toMatchObject([{ event: 'destination.broken', code: 'store_unavailable' }]);
  });

  test('comes back whole when what became of it cannot be written', async () => {
    const opened = open({ isSettlingBroken: true });

    const failures = await opened.run([opened.claim('evt')]);

    expect(failures).toEqual(['evt']);
    expect(opened.lines.map(({ event }) => event)).toContain('destination.not_settled');
  });

  test('sets aside what is no pointer to an event, and sends the others', async () => {
    const opened = open();

    const failures = await opened.run([opened.claim('evt')], [{ messageId: 'm-1', reason: 'not a JSON object' }]);

    expect(failures).toEqual([]);
    expect(opened.sent).toEqual(['stripe:evt']);
    expect(opened.lines).toContainEqual({
      event: 'message.unreadable',
      reason: 'not a JSON object',
      request_id: 'm-1',
    });
  });
});
