/** What every digest signer keeps: the sentences of the port, as tests. */
import { createPublicKey, verify } from 'node:crypto';
import { describe, expect } from 'vitest';
import { digestBytes } from '../../src/audit/audit.ts';
import type { DigestSigner } from '../../src/audit/digest-signer.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';

const BYTES = digestBytes('a'.repeat(64));
const OTHER_BYTES = digestBytes('b'.repeat(64));

const defineTests = (test: ContractTest, open: () => Promise<DigestSigner>): void => {
  test('verifies what it signed', async () => {
    const signer = await open();

    const signature = await signer.sign(BYTES);

    expect(signature).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
    expect(await signer.verify(signer.keyId, BYTES, signature)).toBe(true);
  });

  test('hands out the public half of its key, and of no other', async () => {
    const signer = await open();
    const key = createPublicKey((await signer.publicKey(signer.keyId)) ?? '');
    const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';

    expect(verify(hash, BYTES, key, Buffer.from(await signer.sign(BYTES), 'base64'))).toBe(true);
    expect(await signer.publicKey('unknown-key')).toBeUndefined();
  });

  test('refuses a signature of other bytes', async () => {
    const signer = await open();

    expect(await signer.verify(signer.keyId, OTHER_BYTES, await signer.sign(BYTES))).toBe(false);
  });

  test('refuses a signature with one changed bit', async () => {
    const signer = await open();
    const signature = Buffer.from(await signer.sign(BYTES), 'base64');
    for (const index of [0, 31, signature.length - 1]) {
      const changed = Buffer.from(signature);
      changed[index] = (changed[index] ?? 0) ^ 1;

      expect(await signer.verify(signer.keyId, BYTES, changed.toString('base64'))).toBe(false);
    }
  });

  for (const signature of ['', 'no base64 at all!', 'AAAA', 'A'.repeat(10_000)]) {
    test(`says false, and does not throw, for the signature “${signature.slice(0, 20)}”`, async () => {
      const signer = await open();

      expect(await signer.verify(signer.keyId, BYTES, signature)).toBe(false);
    });
  }

  test('says false for a key that nobody knows', async () => {
    const signer = await open();

    expect(await signer.verify('unknown-key', BYTES, await signer.sign(BYTES))).toBe(false);
  });

  test('refuses what another key signed, also under its own key id', async () => {
    const signer = await open();
    const other = await open();

    expect(await signer.verify(signer.keyId, BYTES, await other.sign(BYTES))).toBe(false);
  });
};

/** Runs the suite against signers that `open` makes, each with a key of its own. */
export const describeDigestSigner = (
  name: string,
  open: () => Promise<DigestSigner>,
  options: ContractOptions = {},
): void => {
  describe(`DigestSigner: ${name}`, () => {
    defineContract(options, (test) => defineTests(test, open));
  });
};
