import type { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { certificateFor, ecParty, type Party, rsaParty } from '../../../test/providers/issue-certificate.ts';
import { NOW, settingsWith } from '../../../test/providers/provider-inputs.ts';
import { type IssuedCertificates, issueCertificates } from '../../adapters/file/issue-certificates.ts';
import { LIMITS } from '../../core/limits.ts';
import { DAY_MS } from '../../core/time.ts';
import { certificateOfPem, certificateProblem, certificateUrlEnvironment } from './certificate.ts';

const LIVE_NAME = 'messageverificationcerts.paypal.com';
const SANDBOX_NAME = 'messageverificationcerts.sandbox.paypal.com';
const parsed = (pem: string): X509Certificate => {
  const certificate = certificateOfPem(pem);
  if (certificate === null) throw new Error('not a certificate');
  return certificate;
};

describe('certificateUrlEnvironment', () => {
  test.each([
    ['https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1a5f47cb', 'live'],
    ['https://api-m.paypal.com/v1/notifications/certs/CERT-1', 'live'],
    ['https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77', 'sandbox'],
    ['https://api-m.sandbox.paypal.com/v1/notifications/certs/CERT-1', 'sandbox'],
    ['https://api.sandbox.paypal.com/v1/notifications/test', 'sandbox'],
  ])('allows %s', (url, environment) => {
    expect(certificateUrlEnvironment(url)).toBe(environment);
  });

  test.each([
    'http://api.paypal.com/v1/notifications/certs/CERT-1',
    'https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1',
    'https://api.paypal.com@evil.example/v1/notifications/certs/CERT-1',
    'https://evil.example/https://api.paypal.com/v1/notifications/certs/CERT-1',
    'https://evil.example#api.paypal.com/v1/notifications/certs/CERT-1',
    'https://user:pw@api.paypal.com/v1/notifications/certs/CERT-1',
    'https://api.paypal.com:8443/v1/notifications/certs/CERT-1',
    'https://API.PAYPAL.COM/v1/notifications/certs/CERT-1',
    'https://api.paypal.com./v1/notifications/certs/CERT-1',
    'https:\\\\api.paypal.com/v1/notifications/certs/CERT-1',
    ' https://api.paypal.com/v1/notifications/certs/CERT-1',
    'https://api.paypal.com/v1/notifications/certs/CERT-1?x=1',
    'https://api.paypal.com/v1/notifications/certs/CERT-1?',
    'https://api.paypal.com/v1/notifications/certs/CERT-1#x',
    'https://api.paypal.com/v1/notifications/certs/../../oauth2/token',
    'https://api.paypal.com/v1/notifications/certs/%2e%2e/x',
    'https://api.paypal.com/v1/notifications/certs/a/b',
    'https://api.paypal.com/v1/notifications/certs/',
    'https://api.paypal.com/v1/notifications/certsX/CERT-1',
    'https://api.paypal.com/v1/notifications/test',
    'https://api-m.sandbox.paypal.com/v1/notifications/test',
    'https://api.sandbox.paypal.com/v1/notifications/test/',
    'https://www.paypal.com/v1/notifications/certs/CERT-1',
    'https://paypal.com/v1/notifications/certs/CERT-1',
    `https://api.paypal.com/v1/notifications/certs/${'A'.repeat(300)}`,
    'data:text/plain,-----BEGIN CERTIFICATE-----',
    'not a url',
    '',
  ])('allows nothing to be fetched from %j', (url) => {
    expect(certificateUrlEnvironment(url)).toBeNull();
  });
});

describe('certificateOfPem', () => {
  test('is null for an error page, broken PEM and empty text', () => {
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';

    for (const text of ['<html>502 Bad Gateway</html>', broken, '']) expect(certificateOfPem(text)).toBeNull();
  });
});

describe('certificateProblem', () => {
  let direct: IssuedCertificates;
  let chained: IssuedCertificates;
  let live: IssuedCertificates;

  beforeAll(async () => {
    const input = { now: NOW, daysValid: 30 };
    direct = await issueCertificates({ ...input, commonName: SANDBOX_NAME });
    chained = await issueCertificates({ ...input, commonName: SANDBOX_NAME, hasIntermediate: true });
    live = await issueCertificates({ ...input, commonName: LIVE_NAME });
  });

  const problemOf = (pem: string, overrides: Parameters<typeof settingsWith>[0] = {}, now = NOW) =>
    certificateProblem(parsed(pem), 'sandbox', settingsWith(overrides), now);
  const strictWith = (trustedRoots: string[], intermediates: string[] = []) => ({
    certificateTrust: 'strict' as const,
    trustedRoots,
    intermediates,
  });

  test('accepts the name of the environment within the validity, host-pinned', () => {
    expect(problemOf(direct.leafPem)).toBeNull();
    expect(certificateProblem(parsed(live.leafPem), 'live', settingsWith(), NOW)).toBeNull();
  });

  test('does not trust the certificate of the other environment', () => {
    expect(problemOf(live.leafPem)).toBe('certificate_not_trusted');
    expect(certificateProblem(parsed(direct.leafPem), 'live', settingsWith(), NOW)).toBe('certificate_not_trusted');
  });

  test.each(['evil.example', `x.${SANDBOX_NAME}`, '*.sandbox.paypal.com', 'sandbox.paypal.com'])(
    'does not trust a certificate for %s',
    async (commonName) => {
      const { leafPem } = await issueCertificates({ now: NOW, commonName, daysValid: 30 });

      expect(problemOf(leafPem)).toBe('certificate_not_trusted');
    },
  );

  test('says expired after the validity and not trusted before it', () => {
    expect(problemOf(direct.leafPem, {}, NOW + 30 * DAY_MS)).toBeNull();
    expect(problemOf(direct.leafPem, {}, NOW + 30 * DAY_MS + 1000)).toBe('certificate_expired');
    expect(problemOf(direct.leafPem, {}, NOW - DAY_MS)).toBe('certificate_not_trusted');
  });

  test('does not trust a key that is not RSA, such as the one of a root', () => {
    expect(problemOf(direct.rootPem)).toBe('certificate_not_trusted');
  });

  test('accepts a chain to a trusted root, strict', () => {
    expect(problemOf(direct.leafPem, strictWith([direct.rootPem]))).toBeNull();
    expect(problemOf(chained.leafPem, strictWith([chained.rootPem], [chained.intermediatePem ?? '']))).toBeNull();
  });

  test('finds the way among several roots and intermediates, also when one PEM text holds several', () => {
    const roots = [`${direct.rootPem}\n${chained.rootPem}`];
    const intermediates = [live.rootPem, chained.intermediatePem ?? ''];

    expect(problemOf(chained.leafPem, strictWith(roots, intermediates))).toBeNull();
  });

  test('does not trust another root, a missing intermediate, or the roots that come with Node', () => {
    expect(problemOf(direct.leafPem, strictWith([chained.rootPem]))).toBe('certificate_not_trusted');
    expect(problemOf(chained.leafPem, strictWith([chained.rootPem]))).toBe('certificate_not_trusted');
    expect(problemOf(direct.leafPem, strictWith([]))).toBe('certificate_not_trusted');
  });

  test('does not trust an issuer that is no authority', async () => {
    const [root, middle, leaf] = [await ecParty('root'), await ecParty('middle'), await rsaParty(SANDBOX_NAME, 2048)];
    const rootPem = await certificateFor(root, root, true);
    const leafPem = await certificateFor(leaf, middle, false);
    const problemBelow = async (isAuthority: boolean) =>
      problemOf(leafPem, strictWith([rootPem], [await certificateFor(middle, root, isAuthority)]));

    expect(await problemBelow(true)).toBeNull();
    expect(await problemBelow(false)).toBe('certificate_not_trusted');
  });

  test('does not trust a leaf that names the right issuer and was signed by another key', async () => {
    const [root, impostor, leaf] = [await ecParty('root'), await ecParty('root'), await rsaParty(SANDBOX_NAME, 2048)];
    const rootPem = await certificateFor(root, root, true);

    expect(problemOf(await certificateFor(leaf, root, false), strictWith([rootPem]))).toBeNull();
    expect(problemOf(await certificateFor(leaf, impostor, false), strictWith([rootPem]))).toBe(
      'certificate_not_trusted',
    );
  });

  test('does not trust a short RSA key or another kind of key under the right name', async () => {
    const root = await ecParty('root');

    for (const leaf of [await rsaParty(SANDBOX_NAME, 1024), await ecParty(SANDBOX_NAME)]) {
      expect(problemOf(await certificateFor(leaf, root, false))).toBe('certificate_not_trusted');
    }
  });

  test('ends on authorities that issued each other, and follows four issuers at the most', async () => {
    const parties = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => ecParty(name)));
    const [a, b, c, d, e] = parties as [Party, Party, Party, Party, Party];
    const leaf = await rsaParty(SANDBOX_NAME, 2048);
    const leafPem = await certificateFor(leaf, a, false);
    const links = await Promise.all([
      certificateFor(a, b, true),
      certificateFor(b, c, true),
      certificateFor(c, d, true),
    ]);
    const circle = [await certificateFor(a, b, true), await certificateFor(b, a, true)];

    expect(problemOf(leafPem, strictWith([direct.rootPem], circle))).toBe('certificate_not_trusted');
    expect(problemOf(leafPem, strictWith([await certificateFor(d, d, true)], links))).toBeNull();
    expect(
      problemOf(leafPem, strictWith([await certificateFor(e, e, true)], [...links, await certificateFor(d, e, true)])),
    ).toBe('certificate_not_trusted');
  });

  test('does not trust a chain whose authority is not valid at that time', async () => {
    const old = await issueCertificates({ now: NOW, commonName: SANDBOX_NAME, daysValid: 5000 });

    expect(problemOf(old.leafPem, strictWith([old.rootPem]), NOW + 3000 * DAY_MS)).toBeNull();
    expect(problemOf(old.leafPem, strictWith([old.rootPem]), NOW + 4000 * DAY_MS)).toBe('certificate_not_trusted');
  });

  test('calls a trusted certificate that is none a wrong configuration', () => {
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';

    for (const root of ['nonsense', broken]) {
      expect(() => problemOf(direct.leafPem, strictWith([root]))).toThrowError(
        expect.objectContaining({ code: 'configuration_invalid' }),
      );
    }
  });

  test('remembers a bounded number of leaf certificates', () => {
    const first = certificateOfPem(direct.leafPem);
    expect(certificateOfPem(direct.leafPem)).toBe(first);

    for (let index = 0; index < LIMITS.certificatesCachedMax; index += 1) {
      certificateOfPem(`${'\n'.repeat(index + 1)}${live.leafPem}`);
    }

    expect(certificateOfPem(direct.leafPem)).not.toBe(first);
  });
});
