/**
 * PayPal: an RSA signature over `transmission id|time|webhook id|CRC-32 of the body`, made with a certificate that PayPal
 * serves. https://developer.paypal.com/api/rest/webhooks/rest
 *
 * The signature binds the body by a CRC-32 only, and CRC-32 is linear: whoever has seen one genuine delivery can make
 * another body for it. Hence `transmission`, by which the store refuses a second body for one transmission id; and the
 * setting by which each event is compared with PayPal's API before money moves.
 */
import assert from 'node:assert/strict';
import { sign as signBytes, verify as verifyBytes, type X509Certificate } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  type Delivery,
  type DeliveryHeaders,
  type EventContent,
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
import type { JsonObject } from '../../core/read-json.ts';
import { DAY_MS } from '../../core/time.ts';
import type { EpochMs, Mode } from '../../core/webhook.ts';
import { bytesOfBase64 } from '../hmac.ts';
import { readEvent } from '../read-event.ts';
import { instantOf, objectOf, objectsOf, orderedByTime, parentIdsOf, textOf } from '../read-fields.ts';
import { instantOfText } from '../read-time.ts';
import { isPlaceholder } from '../secret-shape.ts';
import { reasonWithoutSingle, rejected } from '../verdicts.ts';
import { certificateOfPem, certificateProblem, certificateUrlEnvironment } from './certificate.ts';
import type { PaypalSettings } from './settings.ts';

const TRANSMISSION_ID = 'paypal-transmission-id';
export const TRANSMISSION_TIME = 'paypal-transmission-time';
const TRANSMISSION_SIGNATURE = 'paypal-transmission-sig';
export const CERTIFICATE_URL = 'paypal-cert-url';
const ALGORITHM = 'paypal-auth-algo';
const VERSION = 'paypal-auth-version';

/** Everything that PayPal's SDKs ever mapped to SHA-1 stays out. */
const ALGORITHM_ALLOWED = 'SHA256withRSA';
const VERSION_ALLOWED = 'v2';

/** What PayPal's simulator signs with in place of a webhook id: the same for every developer, so it proves nothing. */
const SIMULATOR_WEBHOOK_ID = 'WEBHOOK_ID';
const SIMULATOR_SECRET_ID = 'paypal#simulator';

/** UUIDs in every capture; what matters is that no `|` and no white space gets into the signed text. */
const TRANSMISSION_ID_SHAPE = /^[A-Za-z0-9-]{8,64}$/;

/** 256 bytes with the present keys of 2048 bits. Larger keys are let in, because PayPal changes certificates unasked. */
const SIGNATURE_BYTES_MIN = 256;
const SIGNATURE_BYTES_MAX = 512;

interface SignedTransmission {
  readonly id: string;
  /** As it stood in the header: it is part of what was signed. */
  readonly time: string;
  readonly signature: Uint8Array;
  readonly certificateUrl: string;
}

/** That of the signature first. */
export const NEEDED_FOR_SIGNATURE = [
  TRANSMISSION_SIGNATURE,
  TRANSMISSION_ID,
  CERTIFICATE_URL,
  ALGORITHM,
  VERSION,
] as const;

export const readTransmission = (headers: DeliveryHeaders): SignedTransmission | RejectionReason => {
  for (const name of NEEDED_FOR_SIGNATURE) {
    if (singleHeader(headers, name) === undefined) return reasonWithoutSingle(headers, name);
  }
  const time = singleHeader(headers, TRANSMISSION_TIME);
  if (time === undefined) return headers.has(TRANSMISSION_TIME) ? 'timestamp_malformed' : 'timestamp_missing';
  if (singleHeader(headers, ALGORITHM) !== ALGORITHM_ALLOWED) return 'algorithm_not_allowed';
  if (singleHeader(headers, VERSION) !== VERSION_ALLOWED) return 'algorithm_not_allowed';
  // No age limit: whether a retry gets a new transmission time is not known, so an old one may be genuine.
  if (instantOfText(time) === null) return 'timestamp_malformed';
  const id = singleHeader(headers, TRANSMISSION_ID) ?? '';
  const signature = bytesOfBase64(singleHeader(headers, TRANSMISSION_SIGNATURE) ?? '');
  const count = signature?.byteLength ?? 0;
  const isSignatureShaped = count >= SIGNATURE_BYTES_MIN && count <= SIGNATURE_BYTES_MAX;
  if (signature === null || !isSignatureShaped || !TRANSMISSION_ID_SHAPE.test(id)) return 'signature_malformed';
  return { id, time, signature, certificateUrl: singleHeader(headers, CERTIFICATE_URL) ?? '' };
};

const signedBytes = (id: string, time: string, webhookId: string, checksum: number): Buffer =>
  Buffer.from(`${id}|${time}|${webhookId}|${checksum}`);

const verifySignature = (
  { delivery, secrets, settings }: VerifyInput<PaypalSettings>,
  transmission: SignedTransmission,
  certificate: X509Certificate,
): Verification => {
  const { id, time, signature } = transmission;
  const key = certificate.publicKey;
  const checksum = crc32(delivery.body);
  const isSignedFor = (webhookId: string): boolean =>
    verifyBytes('sha256', signedBytes(id, time, webhookId, checksum), key, signature);

  const verified = (secretId: string, isSimulated: boolean): Verified => ({
    outcome: 'verified',
    secretId,
    isSimulated,
    transmission: { id },
  });
  for (const secret of secrets) {
    const webhookId = secret.value.trim();
    // `checkSecret` refuses the simulator's id; if it is configured all the same it opens nothing.
    if (webhookId !== SIMULATOR_WEBHOOK_ID && isSignedFor(webhookId)) return verified(secret.id, false);
  }
  if (!isSignedFor(SIMULATOR_WEBHOOK_ID)) return rejected('signature_mismatch');
  return settings.isSimulatorAllowed ? verified(SIMULATOR_SECRET_ID, true) : rejected('simulated_not_allowed');
};

/** Nothing is fetched before every header has its shape and the URL is PayPal's. */
const verify = async (input: VerifyInput<PaypalSettings>): Promise<Verification> => {
  const transmission = readTransmission(input.delivery.headers);
  if (typeof transmission === 'string') return rejected(transmission);
  const environment = certificateUrlEnvironment(transmission.certificateUrl);
  if (environment === null) return rejected('certificate_url_not_allowed');
  const result = await input.certificates.fetch(transmission.certificateUrl, input.delivery.sender);
  const certificate = result.outcome === 'found' ? certificateOfPem(result.pem) : null;
  if (certificate === null) return { outcome: 'unavailable', reason: 'certificate_unavailable' };
  const problem = certificateProblem(certificate, environment, input.settings, input.now);
  return problem === null ? verifySignature(input, transmission, certificate) : rejected(problem);
};

/** Of the transmission: a resend has a new one. */
export const signedAt = (delivery: Delivery): EpochMs | null =>
  instantOfText(singleHeader(delivery.headers, TRANSMISSION_TIME) ?? '');

/** By the certificate's host, which `verify` held against the certificate's name. The simulator signs as live: test. */
const modeOf = (delivery: Delivery, verification: Verified): Mode => {
  if (verification.isSimulated) return 'test';
  const url = singleHeader(delivery.headers, CERTIFICATE_URL);
  const environment = url === undefined ? null : certificateUrlEnvironment(url);
  if (environment === null) return 'unknown';
  return environment === 'live' ? 'live' : 'test';
};

const objectIdOf = (resource: JsonObject): string | null =>
  textOf(resource.id) ??
  textOf(resource.dispute_id) ??
  textOf(resource.payout_item_id) ??
  textOf(objectOf(resource.batch_header).payout_batch_id) ??
  textOf(resource.payout_batch_id);

/** A refund names its capture in a link only: `rel: "up"`, `…/v2/payments/captures/{id}`. */
const idsOfUpLinks = (resource: JsonObject): readonly (string | null)[] =>
  objectsOf(resource.links)
    .filter((link) => link.rel === 'up')
    .map((link) => /\/([A-Za-z0-9-]{1,64})$/.exec(textOf(link.href) ?? '')?.[1] ?? null);

const parentIdCandidates = (resource: JsonObject): readonly (string | null)[] => {
  const related = objectOf(objectOf(resource.supplementary_data).related_ids);
  return [
    ...objectsOf(resource.disputed_transactions).map((one) => textOf(one.seller_transaction_id)),
    textOf(resource.capture_id),
    textOf(resource.sale_id),
    ...idsOfUpLinks(resource),
    textOf(related.capture_id),
    textOf(related.authorization_id),
    textOf(related.order_id),
    textOf(resource.parent_payment),
    textOf(resource.billing_agreement_id),
    textOf(resource.payout_batch_id),
  ];
};

/**
 * The event id alone identifies a real event: a resend has a new transmission but the same id, and no real id was ever
 * seen with two event types. The simulator's ids are fixed texts (one is shared by two event types, and every click on
 * one type repeats it), so a simulated event is identified by its transmission.
 */
const dedupeKeyOf = (eventId: string, verification: Verified): string =>
  verification.isSimulated && verification.transmission !== null
    ? `simulated:${verification.transmission.id}`
    : eventId;

/** What it is about. A resend is a new transmission; what stands around the event may be written anew with it. */
const contentOf = ({ id, event_type, create_time, resource_type, resource }: JsonObject): EventContent => ({
  text: JSON.stringify([id, event_type, create_time, resource_type, resource]),
});

const parse = (delivery: Delivery, verification: Verified): ParseOutcome => {
  const read = readEvent(delivery.body, 'id', 'event_type');
  if (read.outcome === 'unparsable') return read;
  const { event, id, eventType } = read;
  const resource = objectOf(event.resource);
  const objectId = objectIdOf(resource);
  // The simulator's `create_time` has month 19: no time then, and never the transmission's, which a resend changes.
  const eventAt = instantOf(event.create_time);
  return {
    outcome: 'parsed',
    events: [
      {
        dedupeKey: dedupeKeyOf(id, verification),
        providerEventId: textOf(id),
        eventType,
        eventAt,
        objectId,
        parentIds: parentIdsOf(parentIdCandidates(resource), objectId),
        account: textOf(objectOf(resource.payee).merchant_id),
        mode: modeOf(delivery, verification),
        isSimulated: verification.isSimulated,
        ordering: orderedByTime(instantOf(resource.update_time) ?? eventAt),
        payload: null,
        content: contentOf(event),
      },
    ],
  };
};

/** Times without fractions, as PayPal's are. */
const sign = ({ body, secret, now, deliveryId, certificate }: SignInput): SignedDelivery => {
  assert(certificate !== null, 'paypal signs with a private key: SignInput.certificate must be set');
  const time = new Date(now).toISOString().replace(/\.\d{3}Z$/, 'Z');
  const signature = signBytes(
    'sha256',
    signedBytes(deliveryId, time, secret.trim(), crc32(body)),
    certificate.privateKeyPem,
  );
  return {
    body,
    headers: {
      'content-type': 'application/json',
      [TRANSMISSION_ID]: deliveryId,
      [TRANSMISSION_TIME]: time,
      [TRANSMISSION_SIGNATURE]: signature.toString('base64'),
      [CERTIFICATE_URL]: certificate.url,
      [ALGORITHM]: ALGORITHM_ALLOWED,
      [VERSION]: VERSION_ALLOWED,
    },
  };
};

/** 17 capitals and digits as far as seen; the reference allows 50 characters. */
const WEBHOOK_ID = /^(?=.*\d)[A-Za-z0-9]{10,50}$/;

const checkSecret = (value: string): string | null => {
  const webhookId = value.trim();
  if (webhookId === '') return 'is empty';
  if (webhookId === SIMULATOR_WEBHOOK_ID) {
    return 'is the id of the PayPal simulator, which signs for everybody: allow the simulator by its own setting instead';
  }
  if (webhookId.startsWith('WH-')) return 'is the id of an event (WH-…), not of a webhook in the developer dashboard';
  const isShaped = WEBHOOK_ID.test(webhookId) && !isPlaceholder(webhookId);
  return isShaped ? null : 'is not a webhook id: 10 to 50 letters and digits, as in the developer dashboard';
};

/** A webhook id has 17 characters. It is no secret, so that some characters come up more often does not matter. */
const generateSecret = (randomBytes: (count: number) => Uint8Array): string => {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  return Array.from(randomBytes(17), (byte) => alphabet.charAt(byte % alphabet.length)).join('');
};

/** Of PayPal's sandbox; real ones are issued for it too, by authorities that PayPal uses. */
const SANDBOX_NAME = 'messageverificationcerts.sandbox.paypal.com';

export const paypal: Provider<PaypalSettings> = {
  name: 'paypal',
  title: 'PayPal',
  secretVariable: 'PAYHOOK_PAYPAL_WEBHOOK_IDS',
  firstEventType: 'PAYMENT.CAPTURE.COMPLETED',
  storedHeaders: [
    TRANSMISSION_ID,
    TRANSMISSION_TIME,
    TRANSMISSION_SIGNATURE,
    CERTIFICATE_URL,
    ALGORITHM,
    VERSION,
    'correlation-id',
    'user-agent',
  ],
  secretHeaders: [TRANSMISSION_SIGNATURE],
  publishedAddresses: {
    addresses: [],
    source: 'PayPal publishes none for webhooks; lists by third parties are incomplete',
    asOf: '2026-09',
  },
  developmentCertificate: {
    commonName: SANDBOX_NAME,
    url: 'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-payhook-development',
    trusting: (settings, rootPem) => ({ ...settings, trustedRoots: [rootPem], intermediates: [] }),
  },
  retrySchedule: {
    waitsMs: [],
    endsAfterMs: 3 * DAY_MS,
    source: 'https://developer.paypal.com/api/rest/webhooks/ (up to 25 times in three days)',
    asOf: '2026-09',
  },
  isConfirmedByApi: ({ isConfirmedByApi }) => isConfirmedByApi,
  presentKinds: ['capture', 'refund', 'dispute'],
  isPresentStateAsked: ({ isPresentStateAsked }) => isPresentStateAsked === true,
  checkSecret,
  generateSecret,
  verify,
  signedAt,
  parse,
  sign,
};
