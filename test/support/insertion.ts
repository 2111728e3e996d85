/** A webhook as `receive` hands it to the store, with whatever a test wants different. */
import type { Insertion } from '../../src/core/ports/webhook-store.ts';
import { DAY_MS } from '../../src/core/time.ts';
import type { ReceivedWebhook } from '../../src/core/webhook.ts';
import { NOW } from './clock.ts';

const receivedWebhook = (overrides: Partial<ReceivedWebhook> = {}): ReceivedWebhook => ({
  webhookId: 'stripe:evt_1',
  timestamp: NOW - 5000,
  provider: 'stripe',
  providerEventId: 'evt_1',
  eventType: 'payment_intent.succeeded',
  mode: 'test',
  isSimulated: false,
  account: null,
  objectId: 'pi_1',
  parentIds: ['ch_1'],
  ordering: { by: 'time', value: NOW - 5000 },
  payload: { keyId: 'key-1', bytes: new Uint8Array([1, 0, 255, 128, 10, 13, 0]) },
  payloadBytes: 7,
  bodySha256: 'a'.repeat(64),
  headers: { 'user-agent': 'Stripe/1.0' },
  secretId: 'stripe#1',
  cardData: { cardNumbers: 0, securityCodes: 0, trackData: 0 },
  receivedAt: NOW,
  traceId: 'trace-1',
  expiresAt: NOW + 400 * DAY_MS,
  ...overrides,
});

export const insertionOf = (
  webhook: Partial<ReceivedWebhook> = {},
  overrides: Partial<Omit<Insertion, 'webhook'>> = {},
): Insertion => ({
  webhook: receivedWebhook(webhook),
  status: 'received',
  lastError: null,
  actor: { type: 'provider', id: 'stripe' },
  transmission: null,
  ...overrides,
});
