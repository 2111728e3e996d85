/**
 * Adyen. Standard webhooks carry a signature inside each item, over eight of its fields; banking, platform and management
 * webhooks carry one in the header `HmacSignature`, over the body. One hex key serves both, and neither can stand for the
 * other: each is taken in its own shape only.
 * https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures
 */
import assert from 'node:assert/strict';
import type {
  CardDataExemption,
  Delivery,
  ParseOutcome,
  Provider,
  SignedDelivery,
  SignInput,
  Verification,
  Verified,
  VerifyInput,
} from '../../core/ports/provider.ts';
import { isJsonObject, type JsonObject, readJson } from '../../core/read-json.ts';
import { DAY_MS } from '../../core/time.ts';
import { hmacSha256 } from '../hmac.ts';
import { objectOf } from '../read-fields.ts';
import { parseBody, SIGNATURE_HEADER, verifyBody } from './header-webhook.ts';
import { signedFieldsOf, signedTextOf, signItem } from './item-signature.ts';
import { itemsOfNotification, parseItems, verifyItems } from './items.ts';
import { checkKey, keyOf } from './keys.ts';
import type { AdyenSettings } from './settings.ts';

const verify = ({ delivery, secrets }: VerifyInput): Verification =>
  delivery.headers.has(SIGNATURE_HEADER) ? verifyBody(delivery, secrets) : verifyItems(delivery.body, secrets);

const parse = (delivery: Delivery, verification: Verified): ParseOutcome => {
  const read = readJson(delivery.body);
  if (read.outcome === 'unreadable') return { outcome: 'unparsable', reason: read.reason };
  if (!isJsonObject(read.value)) return { outcome: 'unparsable', reason: 'shape_unexpected' };
  const items = itemsOfNotification(read.value);
  if (items !== null) return parseItems(read.value, items, verification);
  const isBrokenNotification = read.value.notificationItems !== undefined;
  return isBrokenNotification
    ? { outcome: 'unparsable', reason: 'shape_unexpected' }
    : parseBody(read.value, delivery.body);
};

const signedItem = (item: JsonObject, key: Uint8Array): JsonObject => {
  const fields = signedFieldsOf(item);
  assert(fields !== null, 'an adyen item to sign has a field of another type or form than Adyen sends');
  const hmacSignature = signItem(key, signedTextOf(fields)).toString('base64');
  return { ...item, additionalData: { ...objectOf(item.additionalData), hmacSignature } };
};

/** A notification gets a signature into every item, which changes the body; any other body gets the header. */
const sign = ({ body, secret }: SignInput): SignedDelivery => {
  const key = keyOf(secret);
  assert(key !== null, 'an adyen key to sign with must have 64 hex characters');
  const read = readJson(body);
  const items = read.outcome === 'read' ? itemsOfNotification(read.value) : null;
  if (read.outcome !== 'read' || !isJsonObject(read.value) || items === null) {
    const signature = hmacSha256(key, '', body).toString('base64');
    return { body, headers: { 'content-type': 'application/json', [SIGNATURE_HEADER]: signature } };
  }
  const notificationItems = items.map((item) => ({ NotificationRequestItem: signedItem(item, key) }));
  return {
    body: Buffer.from(JSON.stringify({ ...read.value, notificationItems })),
    headers: { 'content-type': 'application/json' },
  };
};

/** Adyen names payments by 16 letters and digits; some are digits only, and they begin with 7, 8 or 9. */
const REFERENCE = /^[7-9]\d{15}$/;

const REFERENCE_PATHS: readonly string[] = [
  ...[
    'pspReference',
    'originalReference',
    'additionalData.capturePspReference',
    'additionalData.modificationPspReference',
    'additionalData.order-1-pspReference',
    'additionalData.recurring.recurringDetailReference',
    'additionalData.retry.rescueReference',
    'additionalData.tokenization.storedPaymentMethodId',
  ].map((field) => `notificationItems.NotificationRequestItem.${field}`),
  'eventId',
  'data.storedPaymentMethodId',
  'data.categoryData.pspPaymentReference',
];

const CARD_DATA_EXEMPTIONS: readonly CardDataExemption[] = REFERENCE_PATHS.map((path) => ({
  path,
  values: REFERENCE,
  reason: 'made by Adyen',
}));

export const adyen: Provider<AdyenSettings> = {
  name: 'adyen',
  title: 'Adyen',
  secretVariable: 'PAYHOOK_ADYEN_HMAC_KEYS',
  firstEventType: 'AUTHORISATION',
  // The endpoint may be called with a password in `authorization`: that header is never among these.
  storedHeaders: [SIGNATURE_HEADER, 'user-agent'],
  secretHeaders: [SIGNATURE_HEADER],
  cardDataExemptions: CARD_DATA_EXEMPTIONS,
  publishedAddresses: {
    addresses: [],
    source: 'Adyen publishes none: its documentation says to resolve out.adyen.com every hour',
    asOf: '2026-09',
  },
  retrySchedule: {
    waitsMs: [],
    endsAfterMs: 30 * DAY_MS,
    source:
      'https://docs.adyen.com/development-resources/webhooks (three tries, then a queue for up to 30 days, in which later ones wait)',
    asOf: '2026-09',
  },
  checkSecret: checkKey,
  generateSecret: (randomBytes) => Buffer.from(randomBytes(32)).toString('hex').toUpperCase(),
  verify,
  parse,
  sign,
};
