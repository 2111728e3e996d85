/** Factories for provider tests: a delivery, settings and verify inputs with everything irrelevant filled in. */
import { LIMITS } from '../../src/core/limits.ts';
import type { CertificateSource } from '../../src/core/ports/certificate-source.ts';
import type {
  Delivery,
  Provider,
  ProviderEvent,
  SignedDelivery,
  SignInput,
  Verified,
  VerifyInput,
} from '../../src/core/ports/provider.ts';
import { SECOND_MS } from '../../src/core/time.ts';
import type { AdyenSettings } from '../../src/providers/adyen/settings.ts';
import type { PaypalSettings } from '../../src/providers/paypal/settings.ts';
import type { ConfigurableProvider } from '../../src/providers/provider-settings.ts';
import { CONFIGURABLE_PROVIDERS } from '../../src/providers/settings.ts';
import type { SquareSettings } from '../../src/providers/square/settings.ts';
import type { StandardWebhooksSettings } from '../../src/providers/standard-webhooks/settings.ts';
import type { StripeSettings } from '../../src/providers/stripe/settings.ts';

/** Fails where there is none. */
export const configurableNamed = (name: string): ConfigurableProvider => {
  const found = CONFIGURABLE_PROVIDERS.find(({ provider }) => provider.name === name);
  if (found === undefined) throw new Error(`there is no provider ${name}`);
  return found;
};

/** A fixed instant that falls on a whole second: 2026-03-01T12:00:00Z. */
export const NOW = Date.UTC(2026, 2, 1, 12);

export const NOTIFICATION_URL = 'https://pay.example.com/webhook/square';

/** What every provider finds its own in. */
export type TestSettings = StripeSettings & PaypalSettings & SquareSettings & AdyenSettings & StandardWebhooksSettings;

export const settingsWith = (overrides: Partial<TestSettings> = {}): TestSettings => ({
  toleranceSeconds: LIMITS.signatureToleranceMs / SECOND_MS,
  certificateTrust: 'host-pinned',
  trustedRoots: [],
  intermediates: [],
  isSimulatorAllowed: false,
  isConfirmedByApi: false,
  notificationUrl: NOTIFICATION_URL,
  isCaptureAutomatic: false,
  ...overrides,
});

/** Header names are lowered as the edge does it; a list is a repeated header. */
export const deliveryOf = (
  body: Uint8Array | string,
  headers: Readonly<Record<string, string | readonly string[]>>,
): Delivery => ({
  body: Buffer.from(body),
  headers: new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), typeof value === 'string' ? [value] : value]),
  ),
  method: 'POST',
  query: '',
  publicUrl: NOTIFICATION_URL,
});

export const deliveryOfSigned = (signed: SignedDelivery): Delivery => deliveryOf(signed.body, signed.headers);

/** For providers that fetch nothing: a fetch fails the test. */
export const NO_CERTIFICATES: CertificateSource = {
  fetch: () => {
    throw new Error('no certificate may be fetched here');
  },
};

export const certificatesServing = (pem: string): CertificateSource & { readonly urls: string[] } => {
  const urls: string[] = [];
  return {
    urls,
    fetch: async (url) => {
      urls.push(url);
      return { outcome: 'found', pem };
    },
  };
};

export const verifyInput = (
  delivery: Delivery,
  secrets: readonly string[],
  overrides: Partial<VerifyInput<TestSettings>> = {},
): VerifyInput<TestSettings> => ({
  delivery,
  secrets: secrets.map((value, index) => ({ id: `secret#${index + 1}`, value })),
  settings: settingsWith(),
  now: NOW,
  certificates: NO_CERTIFICATES,
  ...overrides,
});

export const signInput = (
  body: Uint8Array | string,
  secret: string,
  overrides: Partial<SignInput<TestSettings>> = {},
): SignInput<TestSettings> => ({
  body: Buffer.from(body),
  secret,
  settings: settingsWith(),
  now: NOW,
  publicUrl: NOTIFICATION_URL,
  deliveryId: '0b6ee6d0-1584-11f1-abf0-6b62a8a99ac4',
  certificate: null,
  ...overrides,
});

export const VERIFIED: Verified = {
  outcome: 'verified',
  secretId: 'secret#1',
  isSimulated: false,
  transmission: null,
};

export const rejectedFor = (reason: string) => ({ outcome: 'rejected', reason });

/** Repeatable bytes in place of chance. */
export const countingBytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, index) => index * 7);

/** The events of a body; fails with the reason when it cannot be parsed. */
export const eventsOf = (
  provider: Provider,
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>> = {},
  verification: Verified = VERIFIED,
): readonly ProviderEvent[] => {
  const result = provider.parse(deliveryOf(body, headers), verification);
  if (result.outcome !== 'parsed') throw new Error(`unparsable: ${result.reason}`);
  return result.events;
};
