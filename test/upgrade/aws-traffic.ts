/** What queues and tables of the AWS home are given to hold: one of each thing that outlives a release. */
import type { AuditDraft } from '../../src/audit/audit.ts';
import type { Effects } from '../../src/core/effects.ts';
import type { QueueEntry } from '../../src/core/ports/queue.ts';
import type { StatusChange } from '../../src/core/ports/webhook-store.ts';
import type { ReceivedWebhook } from '../../src/core/webhook.ts';
import type { DestinationEntry } from '../../src/destinations/destination-queue.ts';

export const AT = Date.UTC(2026, 10, 23, 12, 0, 0);

export const POINTER: QueueEntry = {
  webhookId: 'stripe:evt_1',
  timestamp: AT,
  provider: 'stripe',
  traceId: 'trace-1',
};

export const ENTRY: Omit<DestinationEntry, 'news'> = {
  ...POINTER,
  destination: 'ledger',
  eventId: 'stripe:evt_1#2',
};

export const DRAFT: AuditDraft = {
  chainId: 'rejections',
  at: AT,
  actor: { type: 'component', id: 'webhook-receiver' },
  event: 'REFUSED_AT_EDGE',
  outcome: 'failure',
  reason: 'body_too_large',
  origin: { sourceAddress: '192.0.2.7', requestId: 'request-1', traceId: 'trace-1' },
  resource: { type: 'delivery', id: 'stripe' },
  change: null,
  count: 3,
};

export const EFFECTS: Effects = {
  events: [
    { type: 'payment.succeeded', paymentId: 'pi_1', news: 'news', destinations: ['ledger'] },
    { type: 'payment.succeeded', paymentId: 'pi_1', news: 'repeated' },
    { type: 'payout.paid', paymentId: null, news: 'stale', subject: { kind: 'payout', id: 'po_1', revision: 2 } },
  ],
  handlers: [
    { handler: 'shipOrder', event: 0, outcome: 'given_up', attempts: 1 },
    { handler: 'handle', event: null, outcome: 'done', attempts: 2 },
  ],
  only: 'shipOrder',
  round: { startedAt: AT, brokenAttempts: 1, restedAttempts: 2 },
  history: [
    {
      at: AT + 1,
      outcome: 'dead_lettered',
      durationMs: 7,
      reason: 'handler_gave_up',
      handler: 'shipOrder',
      error: 'shipOrder: no',
    },
  ],
};

export const WEBHOOK: ReceivedWebhook = {
  ...POINTER,
  providerEventId: 'evt_1',
  eventType: 'payment_intent.succeeded',
  mode: 'test',
  isSimulated: false,
  account: null,
  objectId: 'pi_1',
  parentIds: ['ch_1'],
  ordering: { by: 'version', value: 7 },
  payload: { keyId: 'key-1', bytes: new Uint8Array([1, 2, 3]) },
  payloadBytes: 3,
  bodySha256: 'a'.repeat(64),
  contentHash: 'c'.repeat(64),
  headers: { 'content-type': 'application/json' },
  secretId: 'stripe#1',
  cardData: { cardNumbers: 1, securityCodes: 0, trackData: 0 },
  receivedAt: AT,
  expiresAt: AT + 1000,
};

export const CHANGE: StatusChange = {
  status: 'dead_lettered',
  attempts: 2,
  lastError: 'shipOrder: no',
  nextAttemptAt: null,
  effects: EFFECTS,
  changedAt: AT + 1,
  actor: { type: 'component', id: 'payment-processor' },
  reason: 'handler_gave_up',
};

export const OWNER = { provider: 'stripe', account: null };
export const PAYMENT = { anchor: 'pi_9', names: ['pi_9', 'ch_9'], storedAt: AT, changedAt: AT + 1, revision: 1 };
