/**
 * Serves the development certificate that stands in for PayPal's, under one URL of its own, and asks `next` for every
 * other one. Only in use where the PayPal webhook id was generated here: nothing real can be signed with it.
 */

import { parseSecretFile, readOrCreateSecretFile, readSecretFile } from '../../adapters/file/secret-file.ts';
import type { CertificateSource } from '../../core/ports/certificate-source.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { DataDirectory } from './data-directory.ts';

export interface DevelopmentCertificate {
  readonly rootPem: string;
  readonly leafPem: string;
  readonly leafPrivateKeyPem: string;
}

/** Has the shape of PayPal's own certificate URLs and an id that none of theirs has. */
export const DEVELOPMENT_CERTIFICATE_URL =
  'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-payhook-development';

const SANDBOX_NAME = 'messageverificationcerts.sandbox.paypal.com';
const VALID_DAYS = 3650;

const isCertificate = (value: unknown): value is DevelopmentCertificate =>
  typeof value === 'object' &&
  value !== null &&
  'leafPem' in value &&
  'leafPrivateKeyPem' in value &&
  'rootPem' in value;

/** Reads the certificate out of the data directory; issues it when there is none. */
export const readDevelopmentCertificate = async (
  directory: DataDirectory,
  clock: Clock,
): Promise<DevelopmentCertificate> => {
  const path = directory.paypalCertificateFile;
  const text = readSecretFile(path) ?? (await issueInto(path, clock));
  return parseSecretFile(path, text, isCertificate, 'delete it to have a new one made');
};

const issueInto = async (path: string, clock: Clock): Promise<string> => {
  // Loaded only now: issuing certificates needs a library that nothing else needs, and happens once.
  const { issuePaypalTestCertificates } = await import('../../adapters/file/issue-paypal-certificate.ts');
  const issued = await issuePaypalTestCertificates({
    now: clock.now(),
    commonName: SANDBOX_NAME,
    daysValid: VALID_DAYS,
  });
  const { rootPem, leafPem, leafPrivateKeyPem } = issued;
  return readOrCreateSecretFile(path, () => `${JSON.stringify({ rootPem, leafPem, leafPrivateKeyPem }, null, 2)}\n`);
};

export const createLocalCertificateSource = (leafPem: string, next: CertificateSource): CertificateSource => ({
  fetch: (url) =>
    url === DEVELOPMENT_CERTIFICATE_URL ? Promise.resolve({ outcome: 'found', pem: leafPem }) : next.fetch(url),
});
