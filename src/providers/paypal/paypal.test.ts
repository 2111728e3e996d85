import { sign as signBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  certificatesServing,
  countingBytes,
  deliveryOf,
  NO_CERTIFICATES,
  NOW,
  rejectedFor,
  settingsWith,
  signInput,
  verifyInput,
} from '../../../test/providers/provider-inputs.ts';
import { type IssuedCertificates, issueCertificates } from '../../adapters/file/issue-certificates.ts';
import type { CertificateSource } from '../../core/ports/certificate-source.ts';
import type { Verification } from '../../core/ports/provider.ts';
import { DAY_MS } from '../../core/time.ts';
import { paypal } from './paypal.ts';
import type { PaypalSettings } from './settings.ts';

const WEBHOOK_ID = '40L71081MK3756722';
const OTHER_WEBHOOK_ID = '3RN13029J36659323';
const SANDBOX_NAME = 'messageverificationcerts.sandbox.paypal.com';
const SANDBOX_URL = 'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-0000test';
const LIVE_URL = SANDBOX_URL.replace('.sandbox', '');
const BODY = '{"id":"WH-1-2","event_type":"PAYMENT.CAPTURE.COMPLETED","note":"€"}';
const TRANSMISSION_ID = '0b6ee6d0-1584-11f1-abf0-6b62a8a99ac4';
let sandbox: IssuedCertificates;
let live: IssuedCertificates;

beforeAll(async () => {
  const input = { now: NOW, daysValid: 30 };
  sandbox = await issueCertificates({ ...input, commonName: SANDBOX_NAME });
  live = await issueCertificates({ ...input, commonName: SANDBOX_NAME.replace('.sandbox', '') });
});

const signedHeaders = (webhookId = WEBHOOK_ID, url = SANDBOX_URL, body = BODY): Record<string, string> => {
  const privateKeyPem = (url === LIVE_URL ? live : sandbox).leafPrivateKeyPem;
  return { ...paypal.sign(signInput(body, webhookId, { certificate: { url, privateKeyPem } })).headers };
};

interface Options {
  readonly body?: string;
  readonly webhookIds?: readonly string[];
  readonly settings?: Partial<PaypalSettings>;
  readonly certificates?: CertificateSource;
  readonly now?: number;
}

test('whether its API confirms what is delivered is what the settings say', () => {
  expect(
    [true, false].map((isConfirmedByApi) => paypal.isConfirmedByApi?.(settingsWith({ isConfirmedByApi }))),
  ).toEqual([true, false]);
});

const verifyWith = async (
  headers: Record<string, string | readonly string[]>,
  { body = BODY, webhookIds = [WEBHOOK_ID], settings = {}, certificates, now = NOW }: Options = {},
): Promise<Verification> =>
  paypal.verify(
    verifyInput(deliveryOf(body, headers), webhookIds, {
      settings: settingsWith(settings),
      certificates: certificates ?? certificatesServing(sandbox.leafPem),
      now,
    }),
  );

const verifiedAs = (secretId = 'secret#1', isSimulated = false) => ({
  outcome: 'verified',
  secretId,
  isSimulated,
  transmission: { id: TRANSMISSION_ID },
});

describe('paypal.verify', () => {
  test('accepts a signature over id, time, webhook id and unsigned decimal CRC-32, told by its transmission id', async () => {
    const time = '2026-03-01T12:00:00Z';
    // A body whose CRC-32 has the highest bit set: a signed number would be printed with a minus.
    const bodies = Array.from({ length: 64 }, (_, index) => `{"number":${index}}`);
    const body = bodies.find((text) => crc32(text) > 0x7fffffff) ?? '';
    const text = `${TRANSMISSION_ID}|${time}|${WEBHOOK_ID}|${crc32(body)}`;
    const signature = signBytes('sha256', Buffer.from(text), sandbox.leafPrivateKeyPem).toString('base64');

    const verification = await verifyWith(
      {
        'PAYPAL-TRANSMISSION-ID': TRANSMISSION_ID,
        'PAYPAL-TRANSMISSION-TIME': time,
        'PAYPAL-TRANSMISSION-SIG': signature,
        'PAYPAL-CERT-URL': SANDBOX_URL,
        'PAYPAL-AUTH-ALGO': 'SHA256withRSA',
        'PAYPAL-AUTH-VERSION': 'v2',
      },
      { body },
    );

    expect(body).not.toBe('');
    expect(verification).toEqual(verifiedAs());
    expect(signedHeaders(WEBHOOK_ID, SANDBOX_URL, body)['paypal-transmission-sig']).toBe(signature);
  });

  test('tries every configured webhook id', async () => {
    const webhookIds = [OTHER_WEBHOOK_ID, ` ${WEBHOOK_ID} `];

    expect(await verifyWith(signedHeaders(), { webhookIds })).toEqual(verifiedAs('secret#2'));
  });

  test('fetches the certificate once, from the address in the header', async () => {
    const certificates = certificatesServing(sandbox.leafPem);

    await verifyWith(signedHeaders(), { certificates });

    expect(certificates.urls).toEqual([SANDBOX_URL]);
  });

  test('never refuses on age alone', async () => {
    expect(await verifyWith(signedHeaders(), { now: NOW + 20 * DAY_MS })).toEqual(verifiedAs());
  });

  test.each([
    ['another webhook id', {}, { webhookIds: [OTHER_WEBHOOK_ID] }],
    ['another body', {}, { body: BODY.replace('€', '$') }],
    ['a body written again', {}, { body: JSON.stringify(JSON.parse(BODY), null, 2) }],
    ['another transmission time', { 'paypal-transmission-time': '2026-03-01T12:00:01Z' }, {}],
    ['another transmission id', { 'paypal-transmission-id': '1b6ee6d0-1584-11f1-abf0-6b62a8a99ac4' }, {}],
  ])('rejects %s', async (_, headers, options) => {
    expect(await verifyWith({ ...signedHeaders(), ...headers }, options)).toEqual(rejectedFor('signature_mismatch'));
  });

  test.each([
    ['paypal-transmission-id', 'signature_missing', 'signature_malformed'],
    ['paypal-transmission-sig', 'signature_missing', 'signature_malformed'],
    ['paypal-cert-url', 'signature_missing', 'signature_malformed'],
    ['paypal-auth-algo', 'signature_missing', 'signature_malformed'],
    ['paypal-auth-version', 'signature_missing', 'signature_malformed'],
    ['paypal-transmission-time', 'timestamp_missing', 'timestamp_malformed'],
  ])('rejects a missing and a repeated %s', async (name, reasonMissing, reasonRepeated) => {
    const { [name]: value = '', ...others } = signedHeaders();

    expect(await verifyWith(others)).toEqual(rejectedFor(reasonMissing));
    expect(await verifyWith({ ...others, [name]: [value, value] })).toEqual(rejectedFor(reasonRepeated));
  });

  test.each([
    ['SHA-1', { 'paypal-auth-algo': 'SHA1withRSA' }, 'algorithm_not_allowed'],
    ['another spelling of the algorithm', { 'paypal-auth-algo': 'sha256WITHRSA' }, 'algorithm_not_allowed'],
    ['another version', { 'paypal-auth-version': 'v1' }, 'algorithm_not_allowed'],
    ['a time that does not exist', { 'paypal-transmission-time': '2026-19-01T12:00:00Z' }, 'timestamp_malformed'],
    ['a time in seconds', { 'paypal-transmission-time': '1772366400' }, 'timestamp_malformed'],
    ['a transmission id that holds the separator', { 'paypal-transmission-id': 'a|b|cccccc' }, 'signature_malformed'],
    ['a short signature', { 'paypal-transmission-sig': 'AAAA' }, 'signature_malformed'],
    ['a signature that is no base64', { 'paypal-transmission-sig': '*'.repeat(344) }, 'signature_malformed'],
    ['a certificate elsewhere', { 'paypal-cert-url': 'https://evil.example/c' }, 'certificate_url_not_allowed'],
  ])('rejects %s before anything is fetched', async (_, headers, reason) => {
    const verification = await verifyWith({ ...signedHeaders(), ...headers }, { certificates: NO_CERTIFICATES });

    expect(verification).toEqual(rejectedFor(reason));
  });

  test('rejects a certificate that has expired or has the name of the other environment', async () => {
    expect(await verifyWith(signedHeaders(), { now: NOW + 31 * DAY_MS })).toEqual(rejectedFor('certificate_expired'));
    expect(await verifyWith(signedHeaders(WEBHOOK_ID, LIVE_URL))).toEqual(rejectedFor('certificate_not_trusted'));
  });

  test('wants a chain to a trusted root only when it is strict', async () => {
    const strict = { certificateTrust: 'strict' as const };

    expect(await verifyWith(signedHeaders(), { settings: { ...strict, trustedRoots: [sandbox.rootPem] } })).toEqual(
      verifiedAs(),
    );
    expect(await verifyWith(signedHeaders(), { settings: { ...strict, trustedRoots: [live.rootPem] } })).toEqual(
      rejectedFor('certificate_not_trusted'),
    );
  });

  test('cannot decide while the certificate cannot be had, or the answer is none', async () => {
    const unavailable = { outcome: 'unavailable', reason: 'certificate_unavailable' };
    const down: CertificateSource = { fetch: async () => ({ outcome: 'unavailable', reason: 'timed out' }) };

    expect(await verifyWith(signedHeaders(), { certificates: down })).toEqual(unavailable);
    expect(await verifyWith(signedHeaders(), { certificates: certificatesServing('<html>') })).toEqual(unavailable);
  });

  test('accepts the simulator only behind its switch, whatever is configured as webhook id', async () => {
    const headers = signedHeaders('WEBHOOK_ID', LIVE_URL);
    const certificates = certificatesServing(live.leafPem);
    const webhookIds = ['WEBHOOK_ID', WEBHOOK_ID];

    expect(await verifyWith(headers, { certificates, webhookIds })).toEqual(rejectedFor('simulated_not_allowed'));
    expect(await verifyWith(headers, { certificates, webhookIds, settings: { isSimulatorAllowed: true } })).toEqual(
      verifiedAs('paypal#simulator', true),
    );
  });

  test('verifies another body of equal CRC-32, as the scheme does, and hands out the transmission by which to tell', async () => {
    // These two words have the same CRC-32, and with it all texts around them.
    const genuine = '{"amount":"plumless"}';
    const forged = '{"amount":"buckeroo"}';
    const headers = signedHeaders(WEBHOOK_ID, SANDBOX_URL, genuine);

    expect(await verifyWith(headers, { body: genuine })).toEqual(verifiedAs());
    expect(await verifyWith(headers, { body: forged })).toEqual(verifiedAs());
  });
});

describe('paypal.sign', () => {
  test('needs a private key', () => {
    expect(() => paypal.sign(signInput(BODY, WEBHOOK_ID))).toThrow('SignInput.certificate');
  });
});

describe('paypal.signedAt', () => {
  test('is the time of the transmission, which is signed: a resend of an old event is fresh', () => {
    const headers = { 'paypal-transmission-time': '2019-05-18T15:45:13Z' };

    expect(paypal.signedAt?.(deliveryOf('{"create_time":"2026-01-01T00:00:00Z"}', headers))).toBe(
      Date.UTC(2019, 4, 18, 15, 45, 13),
    );
    expect(paypal.signedAt?.(deliveryOf('{}', {}))).toBeNull();
  });
});

describe('paypal.checkSecret', () => {
  test('accepts webhook ids, generated ones too', () => {
    expect(paypal.checkSecret(` ${WEBHOOK_ID}\n`)).toBeNull();
    expect(paypal.generateSecret(countingBytes)).toMatch(/^[0-9A-Z]{17}$/);
    expect(paypal.checkSecret(paypal.generateSecret(countingBytes))).toBeNull();
  });

  test.each([
    ['', 'is empty'],
    ['WEBHOOK_ID', 'simulator'],
    ['WH-82L71649W50323023-5WC64761VS637831A', 'id of an event'],
    ['4JH8 6294', 'is not a webhook id'],
    ['"4JH86294D6297924G"', 'is not a webhook id'],
    ['abcdef', 'is not a webhook id'],
    ['YOURWEBHOOKID', 'is not a webhook id'],
    ['00000000000000000', 'is not a webhook id'],
  ])('names what is wrong with %j', (secret, problem) => {
    expect(paypal.checkSecret(secret)).toContain(problem);
  });
});
