/** One certificate at a time, right or wrong in any way that a chain check has to notice. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { DAY_MS } from '../../src/core/time.ts';
import { NOW } from './provider-inputs.ts';

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface Party {
  readonly name: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

export const ecParty = async (name: string): Promise<Party> => ({
  name: `CN=${name}`,
  keys: await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']),
});

export const rsaParty = async (name: string, modulusLength: number): Promise<Party> => ({
  name: `CN=${name}`,
  keys: await webcrypto.subtle.generateKey(
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  ),
});

export const certificateFor = async (subject: Party, issuer: Party, isAuthority: boolean): Promise<string> => {
  const certificate = await X509CertificateGenerator.create({
    subject: subject.name,
    issuer: issuer.name,
    publicKey: subject.keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: EC,
    notBefore: new Date(NOW - DAY_MS),
    notAfter: new Date(NOW + DAY_MS),
    extensions: [
      new BasicConstraintsExtension(isAuthority, undefined, true),
      new SubjectAlternativeNameExtension([{ type: 'dns', value: subject.name.slice('CN='.length) }]),
    ],
  });
  return certificate.toString('pem');
};
