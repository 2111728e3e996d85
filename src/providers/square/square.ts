/**
 * Square: `x-square-hmacsha256-signature`, base64 HMAC-SHA256 over the registered notification URL followed by the body.
 * https://developer.squareup.com/docs/webhooks/step3validate
 */
import assert from 'node:assert/strict';
import {
  type Delivery,
  type ParseOutcome,
  type Provider,
  type SignedDelivery,
  type SignInput,
  singleHeader,
  type Verification,
  type Verified,
  type VerifyInput,
} from '../../core/ports/provider.ts';
import { isJsonObject, type JsonObject } from '../../core/read-json.ts';
import { MINUTE_MS } from '../../core/time.ts';
import type { EpochMs, OrderingHint } from '../../core/webhook.ts';
import { bytesOfBase64, hmacSha256, isSameBytes } from '../hmac.ts';
import { readEvent } from '../read-event.ts';
import { objectOf, objectsOf, orderedByTime, parentIdsOf, textOf } from '../read-fields.ts';
import { instantOfText } from '../read-time.ts';
import { modeOfLabel, readModeSecret } from '../secret-label.ts';
import { shapeProblem } from '../secret-shape.ts';
import { reasonWithoutSingle, rejected, verifiedBy } from '../verdicts.ts';
import type { SquareSettings } from './settings.ts';

export const SIGNATURE_HEADER = 'x-square-hmacsha256-signature';
/** HMAC-SHA1, and not read: whoever can make only that one is not let in. */
export const LEGACY_SIGNATURE_HEADER = 'x-square-signature';
export const ENVIRONMENT_HEADER = 'square-environment';
const INITIAL_DELIVERY_HEADER = 'square-initial-delivery-timestamp';
const TEST_NOTIFICATION_TYPE = 'webhooks.test_notification';

/**
 * The URL has to be known before the first delivery, and is never rebuilt from `Host` or path: behind a proxy those differ.
 * Without it every genuine delivery would look forged, so it is broken code, not a mismatch.
 */
const known = (publicUrl: string | null): string => {
  assert(publicUrl !== null, 'square signs its notification URL: publicUrl must be known');
  return publicUrl;
};

/** Nothing in the signature ages: what protects against a replay is the dedupe key. */
const verify = ({ delivery, secrets }: VerifyInput<SquareSettings>): Verification => {
  const value = singleHeader(delivery.headers, SIGNATURE_HEADER);
  if (value === undefined) return rejected(reasonWithoutSingle(delivery.headers, SIGNATURE_HEADER));
  const signature = bytesOfBase64(value);
  if (signature === null) return rejected('signature_malformed');
  const url = known(delivery.publicUrl);
  for (const secret of secrets) {
    const { label, value: key } = readModeSecret(secret.value);
    if (isSameBytes(signature, hmacSha256(key, url, delivery.body))) return verifiedBy(secret.id, label);
  }
  return rejected('signature_mismatch');
};

/** Nanoseconds and a missing `Z` both occur in Square's times; they are UTC. */
const instantOf = (value: JsonObject[string]): EpochMs | null =>
  typeof value === 'string' ? instantOfText(value, true) : null;

/** `data.object` holds one object under the name of its kind, which is `data.type` almost always. */
const objectOfData = (data: JsonObject): JsonObject => {
  const holder = objectOf(data.object);
  const kind = textOf(data.type);
  const named = kind === null ? undefined : holder[kind];
  return objectOf(isJsonObject(named) ? named : Object.values(holder).find(isJsonObject));
};

/** Refunds, disputes and payouts count `version` from zero; payments have `updated_at` and an opaque version token. */
const orderingOf = (object: JsonObject, eventAt: EpochMs | null): OrderingHint | null => {
  const version = object.version;
  if (typeof version === 'number' && Number.isSafeInteger(version) && version >= 0)
    return { by: 'version', value: version };
  return orderedByTime(instantOf(object.updated_at) ?? eventAt);
};

const parentIdCandidates = (object: JsonObject): readonly (string | null)[] => [
  textOf(object.payment_id),
  textOf(objectOf(object.disputed_payment).payment_id),
  ...objectsOf(object.disputed_payments).map((payment) => textOf(payment.payment_id)),
  textOf(object.order_id),
  textOf(object.invoice_id),
  textOf(object.subscription_id),
  textOf(object.customer_id),
];

const parse = (delivery: Delivery, verification: Verified): ParseOutcome => {
  const read = readEvent(delivery.body, 'event_id', 'type');
  if (read.outcome === 'unparsable') return read;
  const { event, id, eventType } = read;
  const data = objectOf(event.data);
  const object = objectOfData(data);
  const objectId = textOf(data.id);
  const eventAt = instantOf(event.created_at);
  return {
    outcome: 'parsed',
    events: [
      {
        dedupeKey: id,
        providerEventId: textOf(id),
        eventType,
        eventAt,
        objectId,
        parentIds: parentIdsOf(parentIdCandidates(object), objectId),
        account: textOf(event.merchant_id),
        // `square-environment` is not signed. The keys of the two environments differ: which one verified is known.
        mode: modeOfLabel(verification),
        isSimulated: eventType === TEST_NOTIFICATION_TYPE,
        ordering: orderingOf(object, eventAt),
        payload: null,
      },
    ],
  };
};

const sign = ({ body, secret, publicUrl }: SignInput<SquareSettings>): SignedDelivery => ({
  body,
  headers: {
    'content-type': 'application/json',
    [SIGNATURE_HEADER]: hmacSha256(readModeSecret(secret).value, known(publicUrl), body).toString('base64'),
  },
});

/** 22 characters of base64url, as far as seen. */
const SIGNATURE_KEY = /^[A-Za-z0-9_+/=-]{16,128}$/;

const checkSecret = (secret: string): string | null =>
  shapeProblem(
    readModeSecret(secret).value,
    (key) => SIGNATURE_KEY.test(key) && !key.startsWith('whsec_'),
    'a signature key of 16 or more letters and digits, as the subscription shows it',
  );

export const square: Provider<SquareSettings> = {
  name: 'square',
  title: 'Square',
  secretVariable: 'PAYHOOK_SQUARE_SIGNATURE_KEYS',
  firstEventType: 'payment.updated',
  storedHeaders: [
    SIGNATURE_HEADER,
    ENVIRONMENT_HEADER,
    INITIAL_DELIVERY_HEADER,
    'square-retry-number',
    'square-retry-reason',
    'user-agent',
  ],
  // Square still sends the older one beside it, and it is as good as a signature to whoever takes it.
  secretHeaders: [SIGNATURE_HEADER, LEGACY_SIGNATURE_HEADER],
  publishedAddresses: {
    // Production first, then sandbox.
    addresses: ['54.245.1.154', '34.202.99.168', '54.212.177.79', '107.20.218.8'],
    source: 'https://developer.squareup.com/docs/webhooks/overview',
    asOf: '2026-09',
  },
  configuredUrl: ({ notificationUrl }) => notificationUrl,
  presentKinds: ['payment', 'refund', 'dispute'],
  isPresentStateAsked: ({ isPresentStateAsked }) => isPresentStateAsked === true,
  retrySchedule: {
    waitsMs: [1, 2, 4, 8, 16, 32, 60, 120, 240, 480, 480].map((minutes) => minutes * MINUTE_MS),
    endsAfterMs: null,
    source: 'https://developer.squareup.com/docs/webhooks/overview (11 times in 24 hours)',
    asOf: '2026-09',
  },
  firstTriedAt: ({ headers }) => instantOfText(singleHeader(headers, INITIAL_DELIVERY_HEADER) ?? ''),
  checkSecret,
  generateSecret: (randomBytes) => Buffer.from(randomBytes(16)).toString('base64url'),
  verify,
  parse,
  sign,
};
