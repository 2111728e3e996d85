/**
 * Certificates that stand in for a provider's own, where it signs with a certificate's key and its secrets were generated
 * here: nothing real can be signed with them. Issued once, kept in the data directory.
 */
import { parseSecretFile, readOrCreateSecretFile, readSecretFile } from '../../adapters/file/secret-file.ts';
import type { CertificateSource } from '../../core/ports/certificate-source.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { DevelopmentCertificate } from '../../core/ports/provider.ts';
import { type DataDirectory, developmentCertificateFile } from './data-directory.ts';

export interface IssuedCertificate {
  readonly rootPem: string;
  readonly leafPem: string;
  readonly leafPrivateKeyPem: string;
}

const VALID_DAYS = 3650;

const isCertificate = (value: unknown): value is IssuedCertificate =>
  typeof value === 'object' &&
  value !== null &&
  'leafPem' in value &&
  'leafPrivateKeyPem' in value &&
  'rootPem' in value;

/** Reads the provider's certificate out of the data directory; issues it when there is none. */
export const readDevelopmentCertificate = async (
  directory: DataDirectory,
  provider: string,
  certificate: DevelopmentCertificate,
  clock: Clock,
): Promise<IssuedCertificate> => {
  const path = developmentCertificateFile(directory, provider);
  const text = readSecretFile(path) ?? (await issueInto(path, certificate, clock));
  return parseSecretFile(path, text, isCertificate, 'delete it to have a new one made');
};

const issueInto = async (path: string, { commonName }: DevelopmentCertificate, clock: Clock): Promise<string> => {
  // Loaded only now: issuing certificates needs a library that nothing else needs, and happens once.
  const { issueCertificates } = await import('../../adapters/file/issue-certificates.ts');
  const issued = await issueCertificates({ now: clock.now(), commonName, daysValid: VALID_DAYS });
  const { rootPem, leafPem, leafPrivateKeyPem } = issued;
  return readOrCreateSecretFile(path, () => `${JSON.stringify({ rootPem, leafPem, leafPrivateKeyPem }, null, 2)}\n`);
};

/** Serves these certificates, each under the one URL that its provider keeps for it, and asks `next` for every other one. */
export const createLocalCertificateSource = (
  pemByUrl: ReadonlyMap<string, string>,
  next: CertificateSource,
): CertificateSource => ({
  fetch: (url, sender) => {
    const pem = pemByUrl.get(url);
    return pem === undefined ? next.fetch(url, sender) : Promise.resolve({ outcome: 'found', pem });
  },
});
