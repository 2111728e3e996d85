import { describe, expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../../../test/support/test-home.ts';
import { COUNTED_ATTEMPTS, COUNTED_DELIVERIES, COUNTED_LINES } from '../../config/counted-lines.ts';
import type { LogFields } from '../../core/ports/logger.ts';
import type { ProcessOutcome } from '../../process/process.ts';
import { reportAttempt } from '../../process/report-attempt.ts';
import { answerOf } from '../../receive/answer.ts';
import { reportReceived } from '../../receive/report-delivery.ts';

interface Line {
  readonly event: string;
  readonly fields: LogFields;
}

/** What the filters of the stack make of the lines: a pattern matches a line that has both values. */
const countedOf = (lines: readonly Line[]): readonly string[] =>
  lines.flatMap(({ event, fields }) =>
    Object.values(COUNTED_LINES)
      .flat()
      .filter((line) => line.event === event && line.outcome === fields.outcome)
      .map(({ metric }) => `${metric} ${fields.provider}`),
  );

const delivered = async () => {
  const home = createTestHome();
  const delivery = stripeDelivery(home.clock, 'evt_1');
  const outcomes = [await home.deliver(delivery), await home.deliver(delivery)] as const;
  const [webhook] = await home.store.find('stripe:evt_1');
  if (webhook === undefined) throw new Error('nothing stored');
  return { home, outcomes, webhook };
};

describe('log lines that CloudWatch counts', () => {
  test('a delivery that was accepted has one, and one that had come before', async () => {
    const { home, outcomes } = await delivered();
    const metrics = { delivery: () => undefined, cardDataFound: () => undefined, duplicateDiffers: () => undefined };
    const facts = { requestId: 'r', sourceAddress: '192.0.2.1', provider: 'stripe', seconds: 0.1 };
    const delivery = { body: Buffer.from('{}'), headers: new Map(), method: 'POST', query: '', publicUrl: null };
    const before = home.logger.lines.length;

    for (const outcome of outcomes) {
      reportReceived({ logger: home.logger, metrics }, facts, outcome, answerOf(outcome), delivery, 'told');
    }

    const expected = Object.values(COUNTED_DELIVERIES).map((metric) => `${metric} stripe`);
    expect(countedOf(home.logger.lines.slice(before))).toEqual(expected);
  });

  test.each(Object.entries(COUNTED_ATTEMPTS))(
    'an attempt that ends as %s has one, counted as %s',
    async (end, metric) => {
      const { home, webhook } = await delivered();
      const entry = { webhookId: 'stripe:evt_1', timestamp: 0, provider: 'stripe', traceId: 'trace-1' };
      const outcome = {
        outcome: end,
        reason: null,
        webhook,
        attempt: 1,
        effects: webhook.effects,
        retryInMs: 1,
      } as unknown as ProcessOutcome;
      const before = home.logger.lines.length;

      reportAttempt({ logger: home.logger, metrics: { attempt: () => undefined } }, entry, outcome, 0.1);

      expect(countedOf(home.logger.lines.slice(before))).toEqual([`${metric} stripe`]);
    },
  );
});
