import { describe, expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import type { QueueEntry } from '../core/ports/queue.ts';
import type { ProcessOutcome } from './process.ts';
import { reportAttempt } from './report-attempt.ts';

const ENTRY: QueueEntry = { webhookId: 'stripe:evt_1', timestamp: 0, provider: 'stripe', traceId: 'trace-1' };

const attempted = async () => {
  const home = createTestHome();
  await home.deliver(stripeDelivery(home.clock, 'evt_1'));
  const [webhook] = await home.store.find('stripe:evt_1');
  if (webhook === undefined) throw new Error('nothing stored');
  return { webhook, attempt: 2, effects: webhook.effects };
};

const CASES: readonly [string, (of: Awaited<ReturnType<typeof attempted>>) => ProcessOutcome, object][] = [
  ['processed', (of) => ({ ...of, outcome: 'processed', reason: null }), { level: 'info', fields: { attempt: 2 } }],
  [
    'ignored',
    (of) => ({ ...of, outcome: 'ignored', reason: 'left_out', detail: null }),
    { level: 'info', fields: { event_type: 'payment_intent.succeeded' } },
  ],
  [
    'retrying',
    (of) => ({ ...of, outcome: 'retrying', reason: 'handler_failed', error: 'card 4111 refused', retryInMs: 700 }),
    { level: 'warn', fields: { reason: 'handler_failed', retry_in_ms: 700 } },
  ],
  [
    'dead_lettered',
    (of) => ({ ...of, outcome: 'dead_lettered', reason: 'handler_gave_up', error: 'card 4111 refused' }),
    { level: 'error', fields: { reason: 'handler_gave_up' } },
  ],
  ['skipped', () => ({ outcome: 'skipped', reason: 'ended' }), { level: 'info', fields: { reason: 'ended' } }],
];

describe('reporting an attempt', () => {
  test.each(CASES)('that was %s is one line and one count, without a word of the handler', async (name, make, line) => {
    const { logger } = createTestHome();
    const counts: unknown[] = [];

    reportAttempt(
      { logger, metrics: { attempt: (...count) => void counts.push(count) } },
      ENTRY,
      make(await attempted()),
      1.25,
    );

    expect(counts).toEqual([['stripe', name, 1.25]]);
    expect(logger.lines).toHaveLength(1);
    expect(logger.lines[0]).toMatchObject({ event: 'attempt.finished', ...line });
    expect(logger.lines[0]?.fields).toMatchObject({
      webhook_id: 'stripe:evt_1',
      provider: 'stripe',
      outcome: name,
      duration_ms: 1250,
      trace_id: 'trace-1',
    });
    expect(JSON.stringify(logger.lines)).not.toContain('4111');
  });
});
