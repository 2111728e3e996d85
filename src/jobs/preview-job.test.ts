/** Previews of more webhooks than a page of a list has. */
import { describe, expect, test } from 'vitest';
import { NO_EFFECTS } from '../core/effects.ts';
import { LIMITS } from '../core/limits.ts';
import type { WebhookFilter } from '../core/ports/webhook-store.ts';
import type { BriefWebhook } from '../core/webhook.ts';
import type { PaymentAmounts } from '../payments/payment-store.ts';
import { createPreviewJob, type PreviewDeps } from './preview-job.ts';

const NEWEST_AT = 1_000_000;

/** The newest is number 0; two webhooks that follow each other are of one payment. */
const webhookAt = (number: number): BriefWebhook => ({
  webhookId: `stripe:evt_${number}`,
  timestamp: 0,
  provider: 'stripe',
  account: null,
  mode: 'live',
  eventType: 'payment_intent.succeeded',
  receivedAt: NEWEST_AT - number,
  status: 'dead_lettered',
  lastError: 'ship: down',
  effects: {
    ...NO_EFFECTS,
    events: [{ type: 'payment.succeeded', paymentId: `pi_${Math.floor(number / 2)}`, news: 'news' }],
    handlers: [{ handler: 'ship', event: 0, outcome: 'failed', attempts: 1 }],
  },
  revision: number + 1,
});

const amountsOf = (paymentId: string): PaymentAmounts => {
  const amount = { minor: 100n, currency: 'USD', exponent: 2 };
  return { provider: 'stripe', account: null, paymentId, mode: 'live', currency: 'USD', amount, captured: null };
};

const notAsked = async (): Promise<never> => {
  throw new Error('this is not asked of a redrive');
};

/** A home of so many dead letters. */
const homeOf = (count: number): PreviewDeps => ({
  store: {
    find: notAsked,
    list: notAsked,
    listBrief: async ({ limit, after = '0' }: WebhookFilter) => {
      const from = Number(after);
      const to = Math.min(from + limit, count);
      const items = Array.from({ length: to - from }, (_, index) => webhookAt(from + index));
      return { items, next: to === count ? null : String(to), scannedUntil: null };
    },
  },
  payments: { find: notAsked, amountsOf: async (ids) => ids.map((id) => [amountsOf(id)]) },
  destinations: { ofWebhook: notAsked },
});

const previewOf = (count: number) =>
  createPreviewJob(homeOf(count))({ kind: 'redrive' }, { status: 'dead_lettered', until: NEWEST_AT + 1 }, 'live');

describe('the preview of a redrive', () => {
  test('adds up all pages, each payment once', async () => {
    const { preview, webhooks } = await previewOf(2 * LIMITS.listLimitMax + 1);

    expect(preview).toEqual({
      webhooks: 2001,
      payments: 1001,
      money: [{ minor: '100100', currency: 'USD', exponent: 2 }],
      withoutAmount: 0,
      handlers: [{ handler: 'ship', called: 2001, notCalled: 0 }],
      notReached: 0,
      destinations: [],
      impossible: [],
      scannedUntil: null,
    });
    expect(webhooks[2000]).toEqual({ webhookId: 'stripe:evt_2000', timestamp: 0, revision: 2001, outcome: 'to_do' });
  });

  test.each([
    [LIMITS.jobWebhooksMax, null],
    [LIMITS.jobWebhooksMax + 1, NEWEST_AT - LIMITS.jobWebhooksMax + 1],
  ])('of %i takes as many as a job may have, and says where it stopped: %s', async (count, scannedUntil) => {
    const { preview, webhooks } = await previewOf(count);

    expect(preview).toMatchObject({ webhooks: LIMITS.jobWebhooksMax, scannedUntil });
    expect(webhooks.at(-1)?.webhookId).toBe(`stripe:evt_${LIMITS.jobWebhooksMax - 1}`);
  });
});
