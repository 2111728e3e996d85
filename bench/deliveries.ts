/** Makes signed Stripe deliveries before the clock starts, each an event of its own about a payment of its own. */
import { randomBytes } from 'node:crypto';
import { PayhookError } from '../src/core/errors.ts';
import { LIMITS } from '../src/core/limits.ts';
import { SECOND_MS } from '../src/core/time.ts';
import type { StripeSettings } from '../src/providers/stripe/settings.ts';
import { stripe } from '../src/providers/stripe/stripe.ts';
import { sampleBody, sampleNamed } from '../src/samples/samples.ts';

/** What server and load generator share in a run; it protects nothing. */
export const SIGNING_SECRET = `whsec_${'benchmark'.repeat(6)}`;

export const STRIPE_SETTINGS: StripeSettings = { toleranceSeconds: LIMITS.signatureToleranceMs / SECOND_MS };

const EVENT_TYPE = 'payment_intent.succeeded';
/** Bodies of one shape and of different content, so that nothing compresses too well. */
const TEMPLATES = 256;
const EVENT_ID = /"id": "(evt_1[A-Za-z0-9]{23})"/;
const PAYMENT_ID = /"id": "(pi_3[A-Za-z0-9]{23})"/;
const CHARGE_ID = /"latest_charge": "(ch_3[A-Za-z0-9]{23})"/;
const BASE62 = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789');
const DRAWN_CHARS = 23;

interface Template {
  readonly body: Buffer;
  /** Where the 23 drawn characters of the ids begin: of the event, and of its payment wherever that is named. */
  readonly idsAt: readonly number[];
}

const placesOfDrawn = (text: string, id: string): number[] =>
  [...text.matchAll(new RegExp(id, 'g'))].map(({ index }) => index + id.length - DRAWN_CHARS);

const createTemplate = (index: number): Template => {
  const sample = sampleNamed('stripe', EVENT_TYPE);
  if (sample === undefined) throw new PayhookError('internal', `there is no sample ${EVENT_TYPE}`);
  const randomness = {
    bytes: (count: number) => new Uint8Array(randomBytes(count)),
    fraction: Math.random,
    id: () => randomBytes(16).toString('hex'),
  };
  const body = Buffer.from(sampleBody('stripe', sample, { eventId: `payment-${index}`, now: Date.now(), randomness }));
  const text = body.toString('latin1');
  const idsAt = [EVENT_ID, PAYMENT_ID, CHARGE_ID].flatMap((pattern) => {
    const id = pattern.exec(text)?.[1];
    if (id === undefined) throw new PayhookError('internal', `the sample ${EVENT_TYPE} has no ${pattern.source}`);
    return placesOfDrawn(text, id);
  });
  return { body, idsAt };
};

export interface SignedBody {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Returns a function that makes the next delivery, never the same event twice. The signature is Stripe's real one and
 * carries the current time: the server takes it for 300 seconds.
 */
export const createDeliveries = (): (() => SignedBody) => {
  const templates = Array.from({ length: TEMPLATES }, (_, index) => createTemplate(index));
  let made = 0;
  return () => {
    const { body, idsAt } = templates[made % TEMPLATES] as Template;
    made += 1;
    const own = Buffer.from(body);
    const drawn = randomBytes(DRAWN_CHARS);
    const chars = drawn.map((byte) => BASE62[byte % BASE62.length] as number);
    for (const at of idsAt) own.set(chars, at);
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
