/**
 * Which certificate may sign for PayPal: where it may come from, what name and validity it must have, and, with `strict`,
 * which chain it must end. PayPal describes none of it fully; the rules are those of its old SDKs, made exact.
 */
import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { PayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import type { RejectionReason } from '../../core/ports/provider.ts';
import type { EpochMs } from '../../core/webhook.ts';
import type { PaypalSettings } from './settings.ts';

export type PaypalEnvironment = 'live' | 'sandbox';

/** `api-m` is the name that PayPal's present documentation uses for the same API. */
const ENVIRONMENT_OF_HOST: ReadonlyMap<string, PaypalEnvironment> = new Map([
  ['api.paypal.com', 'live'],
  ['api-m.paypal.com', 'live'],
  ['api.sandbox.paypal.com', 'sandbox'],
  ['api-m.sandbox.paypal.com', 'sandbox'],
]);

const CERTIFICATE_PATH = /^\/v1\/notifications\/certs\/[A-Za-z0-9_-]{1,128}$/;

/**
 * Outside `/certs/`, but real: the sandbox delivery of 2017-03-30 in PayPal-Java-SDK's `ValidateCertTest` names it. This
 * one address on the sandbox host only, so that it can lead to nothing but a sandbox certificate.
 */
const SANDBOX_TEST_URL = 'https://api.sandbox.paypal.com/v1/notifications/test';

const URL_CHARS_MAX = 256;

/**
 * The environment of a certificate URL, or null when nothing may be fetched from it. The URL is parsed, and must then be
 * spelled exactly as host and path say: no user information, port, query, fragment, dot segments, escapes or upper-case
 * host. A test on the beginning of the text is how such checks get bypassed (`https://api.paypal.com@evil.example/`).
 */
export const certificateUrlEnvironment = (text: string): PaypalEnvironment | null => {
  if (text.length > URL_CHARS_MAX || !URL.canParse(text)) return null;
  const { host, pathname } = new URL(text);
  const environment = ENVIRONMENT_OF_HOST.get(host);
  if (environment === undefined || text !== `https://${host}${pathname}`) return null;
  const isPathAllowed = CERTIFICATE_PATH.test(pathname) || text === SANDBOX_TEST_URL;
  return isPathAllowed ? environment : null;
};

const NAME_OF_ENVIRONMENT: Readonly<Record<PaypalEnvironment, string>> = {
  live: 'messageverificationcerts.paypal.com',
  sandbox: 'messageverificationcerts.sandbox.paypal.com',
};

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Parsed leaf certificates by their text: a pure function remembered, oldest forgotten first. */
const parsedLeaves = new Map<string, X509Certificate>();

/** The first certificate of a PEM text, or null when it is none: an error page at the URL is no verdict on the sender. */
export const certificateOfPem = (pem: string): X509Certificate | null => {
  const known = parsedLeaves.get(pem);
  if (known !== undefined) return known;
  const block = pem.match(PEM_CERTIFICATE)?.[0];
  if (block === undefined) return null;
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(block);
  } catch {
    return null;
  }
  if (parsedLeaves.size >= LIMITS.certificatesCachedMax) {
    for (const oldest of parsedLeaves.keys()) {
      parsedLeaves.delete(oldest);
      break;
    }
  }
  parsedLeaves.set(pem, certificate);
  return certificate;
};

/** Parsed once per list of the configuration, and gone with it. */
const parsedLists = new WeakMap<readonly string[], readonly X509Certificate[]>();

const certificatesOf = (pems: readonly string[]): readonly X509Certificate[] => {
  const known = parsedLists.get(pems);
  if (known !== undefined) return known;
  const certificates = pems.flatMap((pem) => {
    const blocks = pem.match(PEM_CERTIFICATE);
    if (blocks === null) {
      throw new PayhookError('configuration_invalid', 'a trusted certificate for paypal is not PEM text');
    }
    return blocks.map((block) => {
      try {
        return new X509Certificate(block);
      } catch (cause) {
        throw new PayhookError('configuration_invalid', 'a trusted certificate for paypal cannot be read', { cause });
      }
    });
  });
  parsedLists.set(pems, certificates);
  return certificates;
};

const isValidAt = (certificate: X509Certificate, now: EpochMs): boolean =>
  certificate.validFromDate.getTime() <= now && now <= certificate.validToDate.getTime();

/** `checkIssued` compares names, key identifiers and the issuer's right to sign; `verify` the signature. */
const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate, now: EpochMs): boolean =>
  issuer.ca && isValidAt(issuer, now) && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

/** Issuers above the leaf: two intermediates, a cross-signed one and the root are the longest that DigiCert uses. */
const CHAIN_ISSUERS_MAX = 4;

interface Trust {
  readonly roots: readonly X509Certificate[];
  readonly intermediates: readonly X509Certificate[];
  readonly now: EpochMs;
}

/**
 * Roots are anchors: their own signature is not verified, since being on the list is what they are trusted for (PayPal's
 * old root signed itself with SHA-1). Path length and name constraints are not read; every intermediate is one that the
 * operator configured.
 */
const endsInRoot = (certificate: X509Certificate, trust: Trust, issuersLeft: number): boolean => {
  if (issuersLeft === 0) return false;
  if (trust.roots.some((root) => isIssuedBy(certificate, root, trust.now))) return true;
  return trust.intermediates.some(
    (issuer) =>
      issuer !== certificate &&
      isIssuedBy(certificate, issuer, trust.now) &&
      endsInRoot(issuer, trust, issuersLeft - 1),
  );
};

const RSA_BITS_MIN = 2048;

const isRsa = (certificate: X509Certificate): boolean => {
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_BITS_MIN;
};

/**
 * Null when the certificate may sign for PayPal now. `host-pinned`: the name of the URL's environment in the certificate
 * (an exact DNS name, no wildcard), validity, an RSA key of at least 2048 bits; that it came over TLS from PayPal's host
 * is the rest of the trust. `strict` also wants a chain to a root.
 */
export const certificateProblem = (
  certificate: X509Certificate,
  environment: PaypalEnvironment,
  settings: PaypalSettings,
  now: EpochMs,
): RejectionReason | null => {
  const name = NAME_OF_ENVIRONMENT[environment];
  const isNamed = certificate.checkHost(name, { subject: 'never', wildcards: false }) !== undefined;
  if (!isNamed || !isRsa(certificate)) return 'certificate_not_trusted';
  if (now > certificate.validToDate.getTime()) return 'certificate_expired';
  if (!isValidAt(certificate, now)) return 'certificate_not_trusted';
  if (settings.certificateTrust === 'host-pinned') return null;
  const trust: Trust = {
    roots: certificatesOf(settings.trustedRoots.length > 0 ? settings.trustedRoots : rootCertificates),
    intermediates: certificatesOf(settings.intermediates),
    now,
  };
  return endsInRoot(certificate, trust, CHAIN_ISSUERS_MAX) ? null : 'certificate_not_trusted';
};
