/**
 * Adyen. Standard webhooks carry a signature inside each item, over eight of its fields; banking, platform and management
 * webhooks carry one in the header `HmacSignature`, over the body. One hex key serves both.
 * https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { LIMITS } from '../../core/limits.ts';
import {
  type Delivery,
  type ParseOutcome,
  type Provider,
  type ProviderEvent,
  type SignedDelivery,
  type SignInput,
  singleHeader,
  type Verification,
  type VerifyInput,
} from '../../core/ports/provider.ts';
import type { Secret } from '../../core/ports/secret-source.ts';
import { isJsonObject, type JsonObject, type JsonValue, readJson } from '../../core/read-json.ts';
import type { Mode } from '../../core/webhook.ts';
import { bytesOfBase64, hmacSha256, isSameBytes } from '../hmac.ts';
import { instantOf, objectOf, orderedByTime, parentIdsOf, textOf, wholeTextOf } from '../read-fields.ts';
import { reasonWithoutSingle, rejected, verifiedBy } from '../verdicts.ts';
import { fieldText, itemsOfNotification, signedTextOf, signItem } from './item-signature.ts';
import type { AdyenSettings } from './settings.ts';

const SIGNATURE_HEADER = 'hmacsignature';
const HEX_KEY = /^[0-9a-fA-F]{64}$/;

/** Null for what `checkSecret` refuses: `Buffer.from` would make a short or empty key of it without a word. */
const keyOf = (secret: string): Uint8Array | null => {
  const hex = secret.trim();
  return HEX_KEY.test(hex) ? Buffer.from(hex, 'hex') : null;
};

/** The secret whose signature over these bytes it is. */
const secretThatSigned = (
  signature: Uint8Array,
  secrets: readonly Secret[],
  signWith: (key: Uint8Array) => Uint8Array,
): Secret | undefined =>
  secrets.find((secret) => {
    const key = keyOf(secret.value);
    return key !== null && isSameBytes(signature, signWith(key));
  });

const verifyBody = (delivery: Delivery, secrets: readonly Secret[]): Verification => {
  const value = singleHeader(delivery.headers, SIGNATURE_HEADER);
  if (value === undefined) return rejected(reasonWithoutSingle(delivery.headers, SIGNATURE_HEADER));
  const signature = bytesOfBase64(value);
  if (signature === null) return rejected('signature_malformed');
  const secret = secretThatSigned(signature, secrets, (key) => hmacSha256(key, '', delivery.body));
  return secret === undefined ? rejected('signature_mismatch') : verifiedBy(secret.id);
};

const verifyItem = (item: JsonObject, secrets: readonly Secret[]): Verification => {
  const text = wholeTextOf(objectOf(item.additionalData).hmacSignature);
  if (text === null) return rejected('signature_missing');
  const signature = bytesOfBase64(text);
  const signedText = signedTextOf(item);
  if (signature === null || signedText === null) return rejected('signature_malformed');
  const secret = secretThatSigned(signature, secrets, (key) => signItem(key, signedText));
  return secret === undefined ? rejected('signature_mismatch') : verifiedBy(secret.id);
};

/**
 * Every item or none. The items may match different secrets (a queued event keeps the key it was signed with); the
 * secret told is the first item's. Stops at the first item that fails, so a forger pays for one signature at most.
 */
const verifyItems = (items: readonly JsonObject[], secrets: readonly Secret[]): Verification => {
  let first: Verification | null = null;
  for (const item of items) {
    const verification = verifyItem(item, secrets);
    if (verification.outcome !== 'verified') return verification;
    first ??= verification;
  }
  return first ?? rejected('signature_missing');
};

/**
 * The body has to be read to find the signatures of a standard webhook: the one place where unverified JSON is parsed. It
 * is bounded by the size and depth limits, and nothing of it is kept unless every item verifies.
 */
const verify = ({ delivery, secrets }: VerifyInput): Verification => {
  if (delivery.headers.has(SIGNATURE_HEADER)) return verifyBody(delivery, secrets);
  const read = readJson(delivery.body);
  const items = read.outcome === 'read' ? itemsOfNotification(read.value) : null;
  return items === null ? rejected('signature_missing') : verifyItems(items, secrets);
};

const modeOfLive = (live: JsonValue | undefined): Mode => {
  if (live === 'true' || live === true) return 'live';
  return live === 'false' || live === false ? 'test' : 'unknown';
};

const modeOfEnvironment = (environment: JsonValue | undefined): Mode =>
  environment === 'live' || environment === 'test' ? environment : 'unknown';

/**
 * Adyen gives standard webhooks no event id. What identifies one (merchant account, reference, event code, success) is
 * signed. `eventDate` and `live` are not: the date may be newer on a resend, so it orders and never keys; `live` is a
 * hint. Null when a part of the identity is missing.
 */
const eventOfItem = (
  item: JsonObject,
  live: JsonValue | undefined,
  payload: Uint8Array | null,
): ProviderEvent | null => {
  const pspReference = wholeTextOf(item.pspReference);
  const merchantAccount = wholeTextOf(item.merchantAccountCode);
  const eventCode = wholeTextOf(item.eventCode);
  if (pspReference === null || merchantAccount === null || eventCode === null) return null;
  const objectId = textOf(pspReference);
  return {
    dedupeKey: `${merchantAccount}:${pspReference}:${eventCode}:${fieldText(item.success)}`,
    providerEventId: null,
    eventType: textOf(eventCode) ?? eventCode,
    eventAt: null,
    objectId,
    parentIds: parentIdsOf([textOf(item.originalReference), textOf(item.merchantReference)], objectId),
    account: textOf(merchantAccount),
    mode: modeOfLive(live),
    isSimulated: false,
    ordering: orderedByTime(instantOf(item.eventDate)),
    payload,
  };
};

/** The item as a notification of its own: the signature covers fields, so it verifies as it did in the batch. */
const notificationOf = (item: JsonObject, live: JsonValue | undefined): Uint8Array =>
  Buffer.from(JSON.stringify({ live, notificationItems: [{ NotificationRequestItem: item }] }));

const parseItems = (items: readonly JsonObject[], live: JsonValue | undefined): ParseOutcome => {
  if (items.length === 0) return { outcome: 'unparsable', reason: 'shape_unexpected' };
  if (items.length > LIMITS.eventsPerDeliveryMax) return { outcome: 'unparsable', reason: 'too_many_events' };
  const events: ProviderEvent[] = [];
  for (const item of items) {
    if (wholeTextOf(item.eventCode) === null) return { outcome: 'unparsable', reason: 'event_type_missing' };
    const event = eventOfItem(item, live, items.length === 1 ? null : notificationOf(item, live));
    if (event === null) return { outcome: 'unparsable', reason: 'event_id_missing' };
    events.push(event);
  }
  return { outcome: 'parsed', events };
};

/** `data.id`, or the id of the one thing that `data` holds (`data.accountHolder.id`). */
const objectIdOfData = (data: JsonObject): string | null => {
  const ownId = textOf(data.id);
  if (ownId !== null) return ownId;
  const ids = Object.values(data).map((part) => (isJsonObject(part) ? textOf(part.id) : null));
  return ids.find((id) => id !== null) ?? null;
};

/**
 * Banking, platform and management webhooks have no id that all of them share, so the SHA-256 of the signed body is the
 * identity: an attempt repeats the body, and a changed body is another event. Whatever stands in the body is therefore
 * the same on every delivery of the event, its `timestamp` too.
 */
const parseBody = (event: JsonObject, body: Uint8Array): ParseOutcome => {
  const eventType = textOf(event.type);
  if (eventType === null) return { outcome: 'unparsable', reason: 'event_type_missing' };
  const data = objectOf(event.data);
  const objectId = objectIdOfData(data);
  const eventAt = instantOf(event.timestamp) ?? instantOf(event.createdAt);
  const account = textOf(data.balancePlatform) ?? textOf(data.merchantAccount) ?? textOf(data.companyId);
  return {
    outcome: 'parsed',
    events: [
      {
        dedupeKey: `sha256:${createHash('sha256').update(body).digest('hex')}`,
        providerEventId: null,
        eventType,
        eventAt,
        objectId,
        parentIds: parentIdsOf([textOf(objectOf(data.accountHolder).id)], objectId),
        account,
        mode: modeOfEnvironment(event.environment),
        isSimulated: false,
        ordering: orderedByTime(eventAt),
        payload: null,
      },
    ],
  };
};

const parse = (delivery: Delivery): ParseOutcome => {
  const read = readJson(delivery.body);
  if (read.outcome === 'unreadable') return { outcome: 'unparsable', reason: read.reason };
  if (!isJsonObject(read.value)) return { outcome: 'unparsable', reason: 'shape_unexpected' };
  const items = itemsOfNotification(read.value);
  if (items !== null) return parseItems(items, read.value.live);
  const isBrokenNotification = read.value.notificationItems !== undefined;
  return isBrokenNotification
    ? { outcome: 'unparsable', reason: 'shape_unexpected' }
    : parseBody(read.value, delivery.body);
};

const signedItem = (item: JsonObject, key: Uint8Array): JsonObject => {
  const signedText = signedTextOf(item);
  assert(signedText !== null, 'an adyen item to sign has a colon in a field other than merchantReference');
  const hmacSignature = signItem(key, signedText).toString('base64');
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

export const adyen: Provider<AdyenSettings> = {
  name: 'adyen',
  title: 'Adyen',
  secretVariable: 'PAYHOOK_ADYEN_HMAC_KEYS',
  firstEventType: 'AUTHORISATION',
  // The endpoint may be called with a password in `authorization`: that header is never among these.
  storedHeaders: [SIGNATURE_HEADER, 'user-agent'],
  secretHeaders: [SIGNATURE_HEADER],
  cardDataFields: {
    madeByProvider: [
      { name: /(?:^|_)psp_reference$|^original_reference$/, reason: 'Adyen names a payment by 16 letters or digits' },
    ],
  },
  publishedAddresses: {
    addresses: [],
    source: 'Adyen publishes none: its documentation says to resolve out.adyen.com every hour',
    asOf: '2026-09',
  },
  checkSecret: (value) =>
    HEX_KEY.test(value.trim()) ? null : 'is not an HMAC key of 64 hex characters (Customer Area, Webhooks, HMAC key)',
  generateSecret: (randomBytes) => Buffer.from(randomBytes(32)).toString('hex').toUpperCase(),
  verify,
  parse,
  sign,
};
