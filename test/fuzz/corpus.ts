/** What was really signed: samples of every provider, each with what a verifier that takes it must have read in it. */
import { createHash } from 'node:crypto';
import { issueCertificates } from '../../src/adapters/file/issue-certificates.ts';
import type { CertificateOutcome, CertificateSource } from '../../src/core/ports/certificate-source.ts';
import type { Delivery, Provider } from '../../src/core/ports/provider.ts';
import { PROVIDERS } from '../../src/providers/providers.ts';
import { bodyBytes, samplesOf } from '../../src/samples/samples.ts';
import { countingBytes, deliveryOfSigned, NOW, settingsWith, signInput } from '../providers/provider-inputs.ts';
import { createTestRandomness } from '../support/randomness.ts';

const CERTIFICATE_URL = 'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1';

export interface Signed {
  readonly provider: Provider;
  readonly delivery: Delivery;
}

export interface Corpus {
  readonly signed: readonly Signed[];
  readonly secrets: ReadonlyMap<string, readonly string[]>;
  readonly certificates: CertificateSource;
}

export const FUZZ_SETTINGS = settingsWith({ isSimulatorAllowed: true });

/** Two of each, as while one is rolled. */
const secretsOf = ({ generateSecret }: Provider): readonly string[] => [
  generateSecret(countingBytes),
  generateSecret((count) => Uint8Array.from({ length: count }, (_, index) => index * 11 + 3)),
];

const BANKING = JSON.stringify({
  data: { balancePlatform: 'BP1', accountHolder: { id: 'AH1', description: 'a:b:c:d:e:f:g:h' } },
  environment: 'test',
  timestamp: '2026-02-15T15:42:03+01:00',
  type: 'balancePlatform.accountHolder.created',
});

/** Names and references that invite a colon to be moved. */
const COLONS = {
  NotificationRequestItem: {
    pspReference: 'ZVWN7D3WSMK2WN82',
    originalReference: '',
    merchantAccountCode: 'ShopEU',
    merchantReference: 'a:1:EUR:REFUND:true:b:c',
    amount: { currency: 'EUR', value: 1000 },
    eventCode: 'AUTHORISATION',
    eventDate: '2026-02-15T15:42:03+01:00',
    success: 'true',
    additionalData: {},
  },
};
const REPORT = {
  NotificationRequestItem: {
    pspReference: 'merchant_report_2026-01-01T00:00:00_2026-01-31T23:59:59.csv',
    merchantAccountCode: 'ShopEU',
    merchantReference: 'x:y',
    amount: { currency: 'EUR', value: 0 },
    eventCode: 'REPORT_AVAILABLE',
    eventDate: '2026-02-15T15:42:03+01:00',
    reason: 'https://example.com/report.csv',
    success: 'true',
    additionalData: {},
  },
};

const bodiesOf = ({ name }: Provider): readonly Uint8Array[] => {
  const bodies = samplesOf(name).map((sample, index) =>
    bodyBytes(name, sample.build({ eventId: `fuzz-${name}-${index}`, now: NOW, randomness: createTestRandomness() })),
  );
  if (name !== 'adyen') return bodies;
  const notification = (items: readonly object[]) =>
    Buffer.from(JSON.stringify({ live: 'false', notificationItems: items }));
  return [
    ...bodies,
    Buffer.from(BANKING),
    notification([COLONS]),
    notification([REPORT]),
    notification([COLONS, REPORT]),
  ];
};

export const createCorpus = async (): Promise<Corpus> => {
  const commonName = 'messageverificationcerts.sandbox.paypal.com';
  const issued = await issueCertificates({ now: NOW, commonName, daysValid: 30 });
  const found: CertificateOutcome = { outcome: 'found', pem: issued.leafPem };
  const certificate = { url: CERTIFICATE_URL, privateKeyPem: issued.leafPrivateKeyPem };
  const secrets = new Map(PROVIDERS.map((provider) => [provider.name, secretsOf(provider)]));
  const signed = PROVIDERS.flatMap((provider) =>
    bodiesOf(provider).map((body, index) => {
      const secret = secrets.get(provider.name)?.[index % 2] ?? '';
      // Each at a time of its own, so that a time cannot be taken from another unnoticed.
      const input = signInput(body, secret, { now: NOW - index * 1000, settings: FUZZ_SETTINGS, certificate });
      const deliveryId = `${createHash('sha256').update(body).digest('hex').slice(0, 32)}`;
      return { provider, delivery: deliveryOfSigned(provider.sign({ ...input, deliveryId })) };
    }),
  );
  return { signed, secrets, certificates: { fetch: async () => found } };
};
