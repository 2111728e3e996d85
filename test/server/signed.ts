/** Deliveries as each provider signs them, with secrets of our own that a test can look for where they must not be. */
import { issueCertificates } from '../../src/adapters/file/issue-certificates.ts';
import type { CertificateSource } from '../../src/core/ports/certificate-source.ts';
import type { Provider, SignedDelivery } from '../../src/core/ports/provider.ts';
import { providerNamed } from '../../src/providers/providers.ts';

/** Stands in every body and secret of these tests; nothing may print it. */
export const CANARY = 'c4n4ry';

const SQUARE_URL = 'https://shop.example.com/webhook/square';
export const PAYPAL_URL = 'https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270';

export const SECRETS = {
  stripe: `whsec_${CANARY}_stripe`,
  paypal: `${CANARY}webhook01`,
  square: `${CANARY}-square-key`,
  adyen: Buffer.from(`${CANARY} adyen key of 32 bytes len`.padEnd(32)).toString('hex'),
  'standard-webhooks': `whsec_${Buffer.from(`${CANARY} standard webhooks secret`).toString('base64')}`,
} as const;

export type ProviderName = keyof typeof SECRETS;
export const PROVIDER_NAMES = Object.keys(SECRETS) as ProviderName[];

export const SECRET_ENV: Readonly<Record<string, string>> = {
  PAYHOOK_STRIPE_SIGNING_SECRETS: SECRETS.stripe,
  PAYHOOK_PAYPAL_WEBHOOK_IDS: SECRETS.paypal,
  PAYHOOK_SQUARE_SIGNATURE_KEYS: SECRETS.square,
  PAYHOOK_SQUARE_NOTIFICATION_URL: SQUARE_URL,
  PAYHOOK_ADYEN_HMAC_KEYS: SECRETS.adyen,
  PAYHOOK_STANDARD_WEBHOOKS_SECRETS: SECRETS['standard-webhooks'],
};

let deliveries = 0;

export interface SignOptions {
  readonly now: number;
  readonly secret?: string;
  readonly certificateUrl?: string;
}

export type Sign = (provider: ProviderName, body: Uint8Array | string, options: SignOptions) => SignedDelivery;

/** Issues PayPal's certificate once; the source serves it at every address that it is asked for. */
export const createSigner = async (
  now: number,
  commonName = 'messageverificationcerts.paypal.com',
): Promise<{ readonly sign: Sign; readonly leafPem: string }> => {
  const issued = await issueCertificates({
    now,
    commonName,
    daysValid: 30,
  });
  const sign: Sign = (provider, body, options) => {
    deliveries += 1;
    return (providerNamed(provider) as Provider).sign({
      body: Buffer.from(body),
      secret: options.secret ?? SECRETS[provider],
      settings: undefined,
      publicUrl: SQUARE_URL,
      now: options.now,
      deliveryId: `0b6ee6d0-1584-11f1-abf0-${String(deliveries).padStart(12, '0')}`,
      certificate: { url: options.certificateUrl ?? PAYPAL_URL, privateKeyPem: issued.leafPrivateKeyPem },
    });
  };
  return { sign, leafPem: issued.leafPem };
};

export const serving = (pem: string): CertificateSource => ({ fetch: async () => ({ outcome: 'found', pem }) });

/** A small whole Stripe event; the canary stands where a customer's data would. */
export const stripeEvent = (id: string, more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    id,
    object: 'event',
    type: 'payment_intent.succeeded',
    created: 1_795_000_000,
    livemode: false,
    data: {
      object: {
        id: `pi_${id}`,
        object: 'payment_intent',
        amount: 2000,
        amount_received: 2000,
        currency: 'usd',
        description: CANARY,
        ...more,
      },
    },
  });
