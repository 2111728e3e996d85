/**
 * Certificates of our own making that look like a provider's, for local development and tests: nobody but the provider can
 * sign with the real ones. A receiver trusts them only where its settings name the root.
 */
import 'reflect-metadata';
import { KeyObject, randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { DAY_MS, HOUR_MS } from '../../core/time.ts';
import type { EpochMs } from '../../core/webhook.ts';

const CA_DAYS_VALID = 3650;

export interface IssueInput {
  /** The certificates are valid from an hour before, so that a clock a little behind accepts them. */
  readonly now: EpochMs;
  /** The one DNS name of the leaf. */
  readonly commonName: string;
  /** Of the leaf, counted from `now`; negative for one that has already expired. */
  readonly daysValid: number;
  /**
   * Puts an intermediate between root and leaf.
   * @default false
   */
  readonly hasIntermediate?: boolean;
}

export interface IssuedCertificates {
  readonly rootPem: string;
  /** Null unless `hasIntermediate`. */
  readonly intermediatePem: string | null;
  readonly leafPem: string;
  /** PKCS #8. A real secret wherever the root is trusted: keep it with mode 0600. */
  readonly leafPrivateKeyPem: string;
}

const CA_KEY = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const LEAF_KEY = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;

const generateKeys = (algorithm: typeof CA_KEY | typeof LEAF_KEY): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

/** A first byte below 0x80 keeps the number positive in DER; one above 0 keeps its length. */
const serialNumber = (): string => `4f${randomBytes(15).toString('hex')}`;

interface Issuer {
  readonly name: string;
  readonly privateKey: webcrypto.CryptoKey;
}

interface Subject {
  readonly name: string;
  readonly publicKey: webcrypto.CryptoKey;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: Extension[];
}

const issue = async (subject: Subject, issuer: Issuer): Promise<string> => {
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: subject.name,
    issuer: issuer.name,
    notBefore: subject.notBefore,
    notAfter: subject.notAfter,
    publicKey: subject.publicKey,
    signingKey: issuer.privateKey,
    signingAlgorithm: CA_KEY,
    extensions: subject.extensions,
  });
  return certificate.toString('pem');
};

const caExtensions = (): Extension[] => [
  new BasicConstraintsExtension(true, undefined, true),
  new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
];

/** Makes a new root each time: two calls give chains that do not trust each other. Takes a few tenths of a second. */
export const issueCertificates = async (input: IssueInput): Promise<IssuedCertificates> => {
  const { now, commonName, daysValid, hasIntermediate = false } = input;
  const caDates = {
    notBefore: new Date(now - CA_DAYS_VALID * DAY_MS),
    notAfter: new Date(now + CA_DAYS_VALID * DAY_MS),
  };
  const rootKeys = await generateKeys(CA_KEY);
  const root: Issuer = { name: `CN=Payhook test root ${serialNumber().slice(0, 8)}`, privateKey: rootKeys.privateKey };
  const rootPem = await issue(
    { name: root.name, publicKey: rootKeys.publicKey, ...caDates, extensions: caExtensions() },
    root,
  );

  let issuer = root;
  let intermediatePem: string | null = null;
  if (hasIntermediate) {
    const keys = await generateKeys(CA_KEY);
    const name = 'CN=Payhook test intermediate';
    intermediatePem = await issue({ name, publicKey: keys.publicKey, ...caDates, extensions: caExtensions() }, root);
    issuer = { name, privateKey: keys.privateKey };
  }

  const leafKeys = await generateKeys(LEAF_KEY);
  const notAfter = now + daysValid * DAY_MS;
  const leafPem = await issue(
    {
      name: `CN=${commonName}`,
      publicKey: leafKeys.publicKey,
      notBefore: new Date(Math.min(now, notAfter) - HOUR_MS),
      notAfter: new Date(notAfter),
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new SubjectAlternativeNameExtension([{ type: 'dns', value: commonName }]),
      ],
    },
    issuer,
  );
  const leafPrivateKeyPem = KeyObject.from(leafKeys.privateKey).export({ format: 'pem', type: 'pkcs8' }).toString();
  return { rootPem, intermediatePem, leafPem, leafPrivateKeyPem };
};
