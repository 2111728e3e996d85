/**
 * Stripe: `Stripe-Signature: t=…,v1=…`, HMAC-SHA256 over `t.body`, for snapshot events and for thin events alike.
 * https://docs.stripe.com/webhooks/signatures and stripe-node `src/Webhooks.ts`.
 */
import { LIMITS } from '../../core/limits.ts';
import {
  type Delivery,
  type EventContent,
  type ParseOutcome,
  type Provider,
  type RejectionReason,
  type SignedDelivery,
  type SignInput,
  singleHeader,
  type Verification,
  type VerifyInput,
} from '../../core/ports/provider.ts';
import type { JsonObject, JsonValue } from '../../core/read-json.ts';
import { DAY_MS, SECOND_MS } from '../../core/time.ts';
import type { EpochMs, Mode } from '../../core/webhook.ts';
import { hmacSha256, isSameBytes, sha256OfHex } from '../hmac.ts';
import { readEvent } from '../read-event.ts';
import { idOf, instantOf, objectOf, orderedByTime, parentIdsOf, textOf } from '../read-fields.ts';
import { instantOfSeconds } from '../read-time.ts';
import { shapeProblem } from '../secret-shape.ts';
import { reasonWithoutSingle, rejected, timestampProblem, verifiedBy } from '../verdicts.ts';
import type { StripeSettings } from './settings.ts';

const SIGNATURE_HEADER = 'stripe-signature';

interface SignatureHeader {
  /** As it stood in the header: it is part of what was signed. */
  readonly timestamp: string;
  readonly signedAt: EpochMs;
  readonly signatures: readonly Uint8Array[];
}

/** Reads `t` and every `v1`. Other schemes are passed over: `v0` is a deliberate fake in test mode. */
const readSignatureHeader = (header: string): SignatureHeader | RejectionReason => {
  let timestamp: string | null = null;
  let isSignatureSeen = false;
  const signatures: Uint8Array[] = [];
  for (const part of header.split(',', LIMITS.signaturesPerHeaderMax + 1)) {
    if (part.startsWith('t=')) {
      if (timestamp !== null) return 'timestamp_malformed';
      timestamp = part.slice(2);
    } else if (part.startsWith('v1=')) {
      isSignatureSeen = true;
      const signature = sha256OfHex(part.slice(3));
      if (signature !== null) signatures.push(signature);
    }
  }
  if (timestamp === null) return 'timestamp_missing';
  const signedAt = instantOfSeconds(timestamp);
  if (signedAt === null) return 'timestamp_malformed';
  if (!isSignatureSeen) return 'signature_missing';
  return signatures.length === 0 ? 'signature_malformed' : { timestamp, signedAt, signatures };
};

/**
 * The signature is judged before the age, so that a wrong secret is never reported as a clock that is wrong; a delivery
 * with a right signature and a wrong age says `timestamp_too_old` or `timestamp_too_new`. Stripe signs every retry with a
 * new timestamp, so a narrow window refuses no genuine delivery. The age is the absolute difference, as in stripe-php and
 * stripe-dotnet (stripe-node lets future timestamps pass).
 */
const verify = ({ delivery, secrets, settings, now }: VerifyInput<StripeSettings>): Verification => {
  const value = singleHeader(delivery.headers, SIGNATURE_HEADER);
  if (value === undefined) return rejected(reasonWithoutSingle(delivery.headers, SIGNATURE_HEADER));
  const header = readSignatureHeader(value);
  if (typeof header === 'string') return rejected(header);
  const prefix = `${header.timestamp}.`;
  for (const secret of secrets) {
    // The key is the whole `whsec_…` text. It looks like a Standard Webhooks secret and is never base64-decoded.
    const expected = hmacSha256(secret.value.trim(), prefix, delivery.body);
    if (header.signatures.some((signature) => isSameBytes(signature, expected))) {
      const problem = timestampProblem(header.signedAt, now, settings.toleranceSeconds * SECOND_MS);
      return problem === null ? verifiedBy(secret.id) : rejected(problem);
    }
  }
  return rejected('signature_mismatch');
};

const TIMESTAMP = /(?:^|,)t=(\d+)/;

const signedAt = (delivery: Delivery): EpochMs | null => {
  const seconds = TIMESTAMP.exec(singleHeader(delivery.headers, SIGNATURE_HEADER) ?? '')?.[1];
  return seconds === undefined ? null : instantOfSeconds(seconds);
};

const modeOf = (livemode: JsonValue | undefined): Mode => {
  if (livemode === true) return 'live';
  return livemode === false ? 'test' : 'unknown';
};

/**
 * The event id alone on the platform's own account. Event ids are unique per account and mode (docs.stripe.com/webhooks),
 * and one Connect endpoint receives every connected account in both modes, so there the key also names the account and
 * says `test` where it is: `acct_1:evt_1`, `acct_1:test:evt_1`.
 */
const dedupeKeyOf = (id: string, account: string | null, mode: Mode): string => {
  if (account === null) return id;
  return mode === 'test' ? `${account}:test:${id}` : `${account}:${id}`;
};

const THIN_EVENT = 'v2.core.event';

/** The last second that a JavaScript date can hold. */
const LATEST_EVENT_SECONDS = 8.64e12;

/** Unix seconds in snapshot events, ISO 8601 in thin ones. */
const createdAtOf = (created: JsonValue | undefined): EpochMs | null => {
  if (typeof created !== 'number') return instantOf(created);
  const isSeconds = Number.isSafeInteger(created) && created >= 0 && created <= LATEST_EVENT_SECONDS;
  return isSeconds ? created * 1000 : null;
};

/** References by which Stripe's objects name what they belong to, most specific first. */
const PARENT_FIELDS = [
  'charge',
  'payment_intent',
  'setup_intent',
  'invoice',
  'subscription',
  'source_transaction',
  'transfer',
  'payout',
  'payment_link',
  'customer',
] as const;

/** Since API version 2025-03-31.basil an invoice names its subscription under `parent` only. */
const subscriptionOfInvoice = (object: JsonObject): string | null =>
  idOf(objectOf(objectOf(object.parent).subscription_details).subscription);

const PENDING_NAME = Buffer.from('"pending_webhooks"');
const PENDING_VALUE = /^"pending_webhooks"\s*:\s*\d+/;
/** Of the name, white space and any count of endpoints. */
const PENDING_BYTES_MAX = 64;

/**
 * The body without `pending_webhooks`, which counts down from one attempt to the next. Nothing is written anew: an event is
 * the same text on each attempt.
 */
const withoutPending = (body: Uint8Array): readonly Uint8Array[] => {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const parts: Uint8Array[] = [];
  let kept = 0;
  for (let at = bytes.indexOf(PENDING_NAME); at !== -1; at = bytes.indexOf(PENDING_NAME, at + PENDING_NAME.length)) {
    const found = PENDING_VALUE.exec(bytes.toString('latin1', at, at + PENDING_BYTES_MAX))?.[0];
    if (found === undefined) continue;
    parts.push(bytes.subarray(kept, at));
    kept = at + found.length;
  }
  return [...parts, bytes.subarray(kept)];
};

/** Two endpoints with two API versions get one event in two forms, each with a signature of its own. */
const contentOf = (event: JsonObject, body: Uint8Array): EventContent => ({
  form: textOf(event.api_version) ?? '',
  text: withoutPending(body),
});

const parse = (delivery: Delivery): ParseOutcome => {
  const read = readEvent(delivery.body, 'id', 'type');
  if (read.outcome === 'unparsable') return read;
  const { event, id, eventType } = read;
  const object = objectOf(objectOf(event.data).object);
  const objectId = textOf(object.id) ?? textOf(objectOf(event.related_object).id);
  const account = textOf(event.account);
  // Thin events have no `account`; they name it in `context`, which snapshots may have beside their account.
  const context = textOf(event.context);
  const keyAccount = event.object === THIN_EVENT ? context : account;
  const mode = modeOf(event.livemode);
  const eventAt = createdAtOf(event.created);
  const parents = PARENT_FIELDS.map((field) => idOf(object[field]));
  return {
    outcome: 'parsed',
    events: [
      {
        dedupeKey: dedupeKeyOf(id, keyAccount, mode),
        providerEventId: textOf(id),
        eventType,
        eventAt,
        objectId,
        parentIds: parentIdsOf([...parents, subscriptionOfInvoice(object)], objectId),
        account: account ?? context,
        mode,
        isSimulated: false,
        ordering: orderedByTime(eventAt),
        payload: null,
        content: contentOf(event, delivery.body),
      },
    ],
  };
};

const sign = ({ body, secret, now }: SignInput): SignedDelivery => {
  const timestamp = String(Math.floor(now / 1000));
  const signature = hmacSha256(secret.trim(), `${timestamp}.`, body).toString('hex');
  return {
    body,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      [SIGNATURE_HEADER]: `t=${timestamp},v1=${signature}`,
    },
  };
};

/** `whsec_` and 32 characters in the dashboard, 64 in the command line's; none of either is known to be short. */
const SIGNING_SECRET = /^whsec_[A-Za-z0-9_+/=-]{12,}$/;

const checkSecret = (value: string): string | null =>
  shapeProblem(
    value,
    (secret) => SIGNING_SECRET.test(secret),
    'the signing secret of a webhook endpoint (whsec_ and at least 12 characters)',
  );

export const stripe: Provider<StripeSettings> = {
  name: 'stripe',
  title: 'Stripe',
  secretVariable: 'PAYHOOK_STRIPE_SIGNING_SECRETS',
  firstEventType: 'payment_intent.succeeded',
  storedHeaders: [SIGNATURE_HEADER, 'user-agent'],
  secretHeaders: [SIGNATURE_HEADER],
  publishedAddresses: {
    // biome-ignore format: a list to compare with the published one
    addresses: [
      '3.18.12.63', '3.69.109.8', '3.120.168.93', '3.130.192.231', '13.235.14.237', '13.235.122.149',
      '18.211.135.69', '35.154.171.200', '35.157.207.129', '52.15.183.38', '54.88.130.119', '54.88.130.237',
      '54.187.174.169', '54.187.205.235', '54.187.216.72',
    ],
    source: 'https://stripe.com/files/ips/ips_webhooks.txt (changes are announced seven days ahead)',
    asOf: '2026-05',
  },
  retrySchedule: {
    waitsMs: [],
    endsAfterMs: 3 * DAY_MS,
    source:
      'https://docs.stripe.com/webhooks (up to three days with exponential backoff; a sandbox tries three times in some hours)',
    asOf: '2026-09',
  },
  areThinEventsFetched: ({ areThinEventsFetched }) => areThinEventsFetched === true,
  presentKinds: ['payment', 'charge', 'refund', 'dispute', 'review'],
  isPresentStateAsked: ({ isPresentStateAsked }) => isPresentStateAsked === true,
  checkSecret,
  generateSecret: (randomBytes) => `whsec_${Buffer.from(randomBytes(32)).toString('hex')}`,
  verify,
  signedAt,
  parse,
  sign,
};
