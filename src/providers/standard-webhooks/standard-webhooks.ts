/**
 * Standard Webhooks: HMAC-SHA256 (`v1`) or ed25519 (`v1a`) over `id.timestamp.body`. Every sender that follows the
 * specification fits here, Svix's older header names included.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createPrivateKey, sign as signBytes, verify as verifyBytes } from 'node:crypto';
import { PayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import {
  type Delivery,
  type DeliveryHeaders,
  type ParseOutcome,
  type Provider,
  type RejectionReason,
  type SignedDelivery,
  type SignInput,
  singleHeader,
  type Verification,
  type Verified,
  type VerifyInput,
} from '../../core/ports/provider.ts';
import { isJsonObject, type JsonObject, readJson } from '../../core/read-json.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { bytesOfBase64, hmacSha256, isSameBytes } from '../hmac.ts';
import { instantOf, objectOf, orderedByTime, parentIdsOf, textOf } from '../read-fields.ts';
import { instantOfSeconds } from '../read-time.ts';
import { rejected, timestampProblem, verifiedBy } from '../verdicts.ts';
import {
  bytesAfterPrefix,
  checkSecret,
  ED25519_KEY_BYTES,
  publicKeyOf,
  readSecret,
  senderOf,
  splitSecrets,
} from './secrets.ts';
import type { StandardWebhooksSettings } from './settings.ts';

interface HeaderNames {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
}

export const STANDARD_NAMES: HeaderNames = {
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
};
export const SVIX_NAMES: HeaderNames = { id: 'svix-id', timestamp: 'svix-timestamp', signature: 'svix-signature' };

/** One family for the whole delivery: an id of one and a signature of the other were never signed together. */
export const namesIn = (headers: DeliveryHeaders): HeaderNames => {
  const isStandard = Object.values(STANDARD_NAMES).some((name) => headers.has(name));
  return isStandard ? STANDARD_NAMES : SVIX_NAMES;
};

/** Visible ASCII without a full stop, which joins the signed parts: the specification warns of an id that holds one. */
const MESSAGE_ID = /^[!-\-/-~]{1,512}$/;
const HMAC_BYTES = 32;
const ED25519_SIGNATURE_BYTES = 64;
/** Each try reads the whole body again, so a list of sixteen would cost a stranger nothing and us 50 ms. Rolled keys give two. */
const ED25519_SIGNATURES_MAX = 4;
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

interface SignedHeaders {
  readonly id: string;
  readonly timestamp: string;
  readonly signedAt: EpochMs;
  readonly hmacs: readonly Uint8Array[];
  readonly ed25519s: readonly Uint8Array[];
}

/** Reads the space-separated list; versions that are not known are passed over, as the specification wants it. */
const readSignatures = (list: string): Pick<SignedHeaders, 'hmacs' | 'ed25519s'> => {
  const hmacs: Uint8Array[] = [];
  const ed25519s: Uint8Array[] = [];
  for (const entry of list.split(' ', LIMITS.signaturesPerHeaderMax)) {
    const comma = entry.indexOf(',');
    const version = entry.slice(0, Math.max(comma, 0));
    if (version !== 'v1' && version !== 'v1a') continue;
    const bytes = bytesOfBase64(entry.slice(comma + 1));
    if (version === 'v1' && bytes?.byteLength === HMAC_BYTES) hmacs.push(bytes);
    const isWanted = version === 'v1a' && ed25519s.length < ED25519_SIGNATURES_MAX;
    if (isWanted && bytes?.byteLength === ED25519_SIGNATURE_BYTES) ed25519s.push(bytes);
  }
  return { hmacs, ed25519s };
};

const readHeaders = (headers: DeliveryHeaders): SignedHeaders | RejectionReason => {
  const names = namesIn(headers);
  const isRepeated = Object.values(names).some((name) => (headers.get(name)?.length ?? 0) > 1);
  if (isRepeated) return 'signature_malformed';
  const id = singleHeader(headers, names.id);
  const timestamp = singleHeader(headers, names.timestamp);
  const list = singleHeader(headers, names.signature);
  if (id === undefined || list === undefined) return 'signature_missing';
  if (timestamp === undefined) return 'timestamp_missing';
  const signedAt = instantOfSeconds(timestamp);
  if (signedAt === null) return 'timestamp_malformed';
  const signatures = readSignatures(list);
  const isAnyReadable = signatures.hmacs.length + signatures.ed25519s.length > 0;
  if (!MESSAGE_ID.test(id) || !isAnyReadable) return 'signature_malformed';
  return { id, timestamp, signedAt, ...signatures };
};

/** `whpk_` verifies `v1a` only and everything else `v1` only: a public key must never serve as an HMAC key. */
const isSignedWith = (secret: string, headers: SignedHeaders, body: Uint8Array): boolean => {
  const prefix = `${headers.id}.${headers.timestamp}.`;
  if (secret.startsWith('whpk_')) {
    const key = publicKeyOf(secret);
    if (key === null || headers.ed25519s.length === 0) return false;
    const signed = Buffer.concat([Buffer.from(prefix), body]);
    return headers.ed25519s.some((signature) => verifyBytes(null, signed, key, signature));
  }
  const key = bytesAfterPrefix(secret, 'whsec_');
  if (key === null || headers.hmacs.length === 0) return false;
  const expected = hmacSha256(key, prefix, body);
  return headers.hmacs.some((signature) => isSameBytes(signature, expected));
};

/** As with Stripe, the signature is judged before the age: a wrong secret is never reported as a wrong clock. */
const verify = ({ delivery, secrets, settings, now }: VerifyInput<StandardWebhooksSettings>): Verification => {
  const headers = readHeaders(delivery.headers);
  if (typeof headers === 'string') return rejected(headers);
  const secret = secrets.find(({ value }) => isSignedWith(readSecret(value).value, headers, delivery.body));
  if (secret === undefined) return rejected('signature_mismatch');
  const problem = timestampProblem(headers.signedAt, now, settings.toleranceSeconds * SECOND_MS);
  return problem === null ? verifiedBy(secret.id, senderOf(secret, secrets)) : rejected(problem);
};

const signedAt = ({ headers }: Delivery): EpochMs | null =>
  instantOfSeconds(singleHeader(headers, namesIn(headers).timestamp) ?? '');

/** The specification recommends `type`; the others are what senders write who sign this way but keep their own shape. */
const TYPE_FIELDS = ['type', 'event_type', 'eventType', 'event'] as const;

/** Event type of a body that names none. */
const UNTYPED = 'untyped';

const eventTypeOf = (event: JsonObject): string | null => {
  for (const field of TYPE_FIELDS) {
    const eventType = textOf(event[field]);
    if (eventType !== null) return eventType;
  }
  return null;
};

/**
 * The signed `webhook-id` identifies the event of its sender on every attempt; a full stop, which no id holds, joins the two. The body's `timestamp` is the event's time only by
 * recommendation, and a sender may write it anew for each attempt: it orders, but it is not part of the key.
 * The type is a recommendation too: a body without one is stored and processed as `untyped`.
 */
const parse = (delivery: Delivery, { label }: Verified): ParseOutcome => {
  const id = singleHeader(delivery.headers, namesIn(delivery.headers).id);
  if (id === undefined) return { outcome: 'unparsable', reason: 'event_id_missing' };
  const read = readJson(delivery.body);
  if (read.outcome === 'unreadable') return { outcome: 'unparsable', reason: read.reason };
  if (!isJsonObject(read.value)) return { outcome: 'unparsable', reason: 'shape_unexpected' };
  const eventType = eventTypeOf(read.value) ?? UNTYPED;
  const objectId = textOf(objectOf(read.value.data).id);
  return {
    outcome: 'parsed',
    events: [
      {
        dedupeKey: label === undefined ? id : `${label}.${id}`,
        providerEventId: textOf(id),
        eventType,
        eventAt: null,
        objectId,
        parentIds: parentIdsOf([], objectId),
        account: null,
        mode: 'unknown',
        isSimulated: false,
        ordering: orderedByTime(instantOf(read.value.timestamp)),
        payload: null,
        content: { text: JSON.stringify({ ...read.value, timestamp: undefined }) },
      },
    ],
  };
};

const messageIdOf = (body: Uint8Array, deliveryId: string): string => {
  const read = readJson(body);
  const id = read.outcome === 'read' ? textOf(objectOf(read.value).id) : null;
  return id !== null && MESSAGE_ID.test(id) ? id : deliveryId;
};

const signatureOf = (secret: string, prefix: string, body: Uint8Array): string => {
  if (secret.startsWith('whsk_')) {
    // A serialised private key is the 32-byte seed, by most senders followed by the public key.
    const seed = bytesAfterPrefix(secret, 'whsk_')?.subarray(0, ED25519_KEY_BYTES) ?? Buffer.alloc(0);
    const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
    return `v1a,${signBytes(null, Buffer.concat([Buffer.from(prefix), body]), key).toString('base64')}`;
  }
  const key = secret.startsWith('whpk_') ? null : bytesAfterPrefix(secret, 'whsec_');
  if (key === null) {
    throw new PayhookError('usage_wrong', 'cannot sign: a whpk_ key only verifies, sign with whsec_… or whsk_…');
  }
  return `v1,${hmacSha256(key, prefix, body).toString('base64')}`;
};

const sign = ({ body, secret, now, deliveryId }: SignInput): SignedDelivery => {
  const id = messageIdOf(body, deliveryId);
  const timestamp = String(Math.floor(now / 1000));
  return {
    body,
    headers: {
      'content-type': 'application/json',
      [STANDARD_NAMES.id]: id,
      [STANDARD_NAMES.timestamp]: timestamp,
      [STANDARD_NAMES.signature]: signatureOf(readSecret(secret).value, `${id}.${timestamp}.`, body),
    },
  };
};

export const standardWebhooks: Provider<StandardWebhooksSettings> = {
  name: 'standard-webhooks',
  title: 'Standard Webhooks',
  secretVariable: 'PAYHOOK_STANDARD_WEBHOOKS_SECRETS',
  firstEventType: 'payment.succeeded',
  storedHeaders: [...Object.values(STANDARD_NAMES), ...Object.values(SVIX_NAMES), 'user-agent'],
  secretHeaders: [STANDARD_NAMES.signature, SVIX_NAMES.signature],
  publishedAddresses: {
    addresses: [],
    source: 'a specification for any sender: none are common to all',
    asOf: '2026-09',
  },
  retrySchedule: {
    waitsMs: [],
    endsAfterMs: null,
    source: 'the specification leaves it to each sender, and advises several days',
    asOf: '2026-09',
  },
  checkSecret,
  generateSecret: (randomBytes) => `whsec_${Buffer.from(randomBytes(32)).toString('base64')}`,
  splitSecrets,
  verify,
  signedAt,
  parse,
  sign,
};
