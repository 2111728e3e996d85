import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../core/time.ts';
import { issueCertificates } from './issue-certificates.ts';

const NOW = Date.UTC(2026, 2, 1, 12);
const COMMON_NAME = 'messageverificationcerts.sandbox.paypal.com';

describe('issueCertificates', () => {
  test('issues an RSA leaf of that name and time under a root of its own, with the matching key', async () => {
    const issued = await issueCertificates({ now: NOW, commonName: COMMON_NAME, daysValid: 90 });
    const leaf = new X509Certificate(issued.leafPem);
    const root = new X509Certificate(issued.rootPem);

    expect(leaf.subject).toBe(`CN=${COMMON_NAME}`);
    expect(leaf.subjectAltName).toBe(`DNS:${COMMON_NAME}`);
    expect(leaf.validToDate.getTime()).toBe(NOW + 90 * DAY_MS);
    expect(leaf.ca).toBe(false);
    expect(root.ca).toBe(true);
    expect(leaf.checkIssued(root) && leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkPrivateKey(createPrivateKey(issued.leafPrivateKeyPem))).toBe(true);
    expect(issued.intermediatePem).toBeNull();
  });

  test('puts an intermediate in between when asked', async () => {
    const input = { now: NOW, commonName: COMMON_NAME, daysValid: 90, hasIntermediate: true };
    const issued = await issueCertificates(input);
    const leaf = new X509Certificate(issued.leafPem);
    const intermediate = new X509Certificate(issued.intermediatePem ?? '');
    const root = new X509Certificate(issued.rootPem);

    expect(leaf.verify(intermediate.publicKey)).toBe(true);
    expect(intermediate.verify(root.publicKey)).toBe(true);
    expect(leaf.verify(root.publicKey)).toBe(false);
  });

  test('makes an expired leaf for a negative number of days', async () => {
    const issued = await issueCertificates({ now: NOW, commonName: COMMON_NAME, daysValid: -2 });
    const leaf = new X509Certificate(issued.leafPem);

    expect(leaf.validToDate.getTime()).toBe(NOW - 2 * DAY_MS);
    expect(leaf.validFromDate.getTime()).toBeLessThan(leaf.validToDate.getTime());
  });
});
