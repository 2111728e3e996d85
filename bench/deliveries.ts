/** Makes signed Stripe deliveries before the clock starts, each an event of its own about a payment of its own. */
import { randomBytes } from 'node:crypto';
import { PayhookError } from '../src/core/errors.ts';
import { LIMITS } from '../src/core/limits.ts';
import { SECOND_MS } from '../src/core/time.ts';
import type { StripeSettings } from '../src/providers/stripe/settings.ts';
import { stripe } from '../src/providers/stripe/stripe.ts';
import { sampleBody, sampleNamed } from '../src/samples/samples.ts';
import { STRIPE_ID_CHARS, stripeIdEnd } from './stripe-ids.ts';

/** What server and load generator share in a run; it protects nothing. */
export const SIGNING_SECRET = `whsec_${'benchmark'.repeat(6)}`;

export const STRIPE_SETTINGS: StripeSettings = { toleranceSeconds: LIMITS.signatureToleranceMs / SECOND_MS };

const EVENT_TYPE = 'payment_intent.succeeded';
/** Bodies of one shape and of different content, so that nothing compresses too well. */
const TEMPLATES = 256;
const EVENT_ID = /"id": ?"(evt_1[A-Za-z0-9]{23})"/;
const PAYMENT_ID = /"id": ?"(pi_3[A-Za-z0-9]{23})"/;
const CHARGE_ID = /"latest_charge": ?"(ch_3[A-Za-z0-9]{23})"/;
/** Of one second: the rate that Payhook is made for. */
const IDS_OF_SECOND = 1000;

interface Template {
  readonly body: Buffer;
  /** Where the ends of the ids begin: of the event, and of its payment wherever that is named. */
  readonly idsAt: readonly number[];
}

const placesOfEnd = (text: string, id: string): number[] =>
  [...text.matchAll(new RegExp(id, 'g'))].map(({ index }) => index + id.length - STRIPE_ID_CHARS);

/** Of a body: the least that a payment's event says, what Stripe sends, and one with a long list of what was bought. */
export const BODY_SIZES = ['small', 'usual', 'large'] as const;
export type BodySize = (typeof BODY_SIZES)[number];

/** What the mapping of the event reads. */
const SMALL_FIELDS = new Set([
  ...['id', 'object', 'amount', 'amount_received', 'amount_capturable', 'capture_method', 'currency', 'status'],
  ...['created', 'latest_charge', 'livemode', 'metadata', 'cancellation_reason', 'last_payment_error'],
]);
const LARGE_LINES = 740;

const bodyOfSize = (body: Buffer, size: BodySize): Buffer => {
  if (size === 'usual') return body;
  const event = JSON.parse(body.toString('utf8'));
  const { object } = event.data;
  if (size === 'small') {
    event.data.object = Object.fromEntries(Object.entries(object).filter(([name]) => SMALL_FIELDS.has(name)));
    delete event.request;
    return Buffer.from(JSON.stringify(event));
  }
  // Letters only: digits would be looked at for card numbers one after the other.
  const letters = (): string =>
    randomBytes(24)
      .toString('base64')
      .replace(/[^A-Za-z]/g, '');
  object.lines = Array.from({ length: LARGE_LINES }, () => ({ name: letters(), note: letters() }));
  return Buffer.from(JSON.stringify(event));
};

const createTemplate = (index: number, size: BodySize, at: number): Template => {
  const sample = sampleNamed('stripe', EVENT_TYPE);
  if (sample === undefined) throw new PayhookError('internal', `there is no sample ${EVENT_TYPE}`);
  const randomness = {
    bytes: (count: number) => new Uint8Array(randomBytes(count)),
    fraction: Math.random,
    id: () => randomBytes(16).toString('hex'),
  };
  const sampled = sampleBody('stripe', sample, { eventId: `payment-${index}`, now: at, randomness });
  const body = bodyOfSize(Buffer.from(sampled), size);
  const text = body.toString('latin1');
  const idsAt = [EVENT_ID, PAYMENT_ID, CHARGE_ID].flatMap((pattern) => {
    const id = pattern.exec(text)?.[1];
    if (id === undefined) throw new PayhookError('internal', `the sample ${EVENT_TYPE} has no ${pattern.source}`);
    return placesOfEnd(text, id);
  });
  return { body, idsAt };
};

/** Of the newest ids of this process: they go on where those of the deliveries before ended. */
let idSecond = 0;

export interface SignedBody {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Returns a function that makes the next delivery, never the same event twice, of something that happened `at`. The signature is Stripe's real one and
 * carries the current time: the server takes it for 300 seconds.
 */
export const createDeliveries = (size: BodySize = 'usual', at = Date.now()): (() => SignedBody) => {
  const templates = Array.from({ length: TEMPLATES }, (_, index) => createTemplate(index, size, at));
  let made = 0;
  return () => {
    const { body, idsAt } = templates[made % TEMPLATES] as Template;
    made += 1;
    const own = Buffer.from(body);
    if ((made - 1) % IDS_OF_SECOND === 0) idSecond = Math.max(idSecond + SECOND_MS, at);
    const end = stripeIdEnd(idSecond);
    for (const place of idsAt) own.write(end, place, 'latin1');
    const { headers } = stripe.sign({
      body: own,
      secret: SIGNING_SECRET,
      settings: STRIPE_SETTINGS,
      now: Date.now(),
      publicUrl: null,
      deliveryId: '',
      certificate: null,
    });
    return { body: own, headers };
  };
};
