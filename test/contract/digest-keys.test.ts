import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFileDigestAnchor } from '../../src/adapters/file/file-digest-anchor.ts';
import { openFileDigestSigner } from '../../src/adapters/file/file-digest-signer.ts';
import { describeDigestAnchor } from './digest-anchor-contract.ts';
import { DIGEST_ANCHORS, DIGEST_SIGNERS } from './digest-key-adapters.ts';
import { describeDigestSigner } from './digest-signer-contract.ts';
import { createTemporaryDirectory, removeDirectory } from './homes.ts';

let directory: string;
let opened = 0;

beforeEach(() => {
  directory = createTemporaryDirectory();
});

afterEach(() => removeDirectory(directory));

const freshPath = (): string => {
  opened += 1;
  return join(directory, `file-${opened}`);
};

for (const { name, open } of DIGEST_SIGNERS) describeDigestSigner(name, open);
for (const { name, open } of DIGEST_ANCHORS) describeDigestAnchor(name, open);

const BYTES = Buffer.from('digest');

describe('openFileDigestSigner', () => {
  test('uses the key of the file again after a restart', async () => {
    const path = freshPath();
    const first = openFileDigestSigner(path);
    const signature = await first.sign(BYTES);

    const second = openFileDigestSigner(path);

    expect(second.keyId).toBe(first.keyId);
    expect(await second.verify(first.keyId, BYTES, signature)).toBe(true);
  });

  test('makes a key file that only its owner may read, and leaves no draft behind', () => {
    const path = freshPath();

    openFileDigestSigner(path);

    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  test('names the key by its public half, so that another file has another id', () => {
    const ids = [freshPath(), freshPath()].map((path) => openFileDigestSigner(path).keyId);

    expect(new Set(ids).size).toBe(2);
  });

  test('refuses a key file that others may read', () => {
    const path = freshPath();
    openFileDigestSigner(path);
    chmodSync(path, 0o644);

    expect(() => openFileDigestSigner(path)).toThrow(expect.objectContaining({ code: 'configuration_invalid' }));
  });

  test('refuses a file without a key, and does not show what is in it', () => {
    const path = freshPath();
    writeFileSync(path, 'canary-secret', { mode: 0o600 });

    const open = () => openFileDigestSigner(path);

    expect(open).toThrow(expect.objectContaining({ code: 'configuration_invalid' }));
    expect(open).not.toThrow(/canary-secret/);
  });

  test('says store_unavailable when the folder is not there', () => {
    expect(() => openFileDigestSigner(join(directory, 'missing', 'key'))).toThrow(
      expect.objectContaining({ code: 'store_unavailable' }),
    );
  });
});

describe('createFileDigestAnchor', () => {
  test('still knows the anchor after a restart', async () => {
    const path = freshPath();
    await createFileDigestAnchor(path).write({ number: 5, hash: 'c'.repeat(64) });

    expect(await createFileDigestAnchor(path).read()).toEqual({ number: 5, hash: 'c'.repeat(64) });
  });

  test('replaces the file as a whole, so that a write that was cut off leaves the old anchor', async () => {
    const path = freshPath();
    const anchor = createFileDigestAnchor(path);
    await anchor.write({ number: 1, hash: 'a'.repeat(64) });
    writeFileSync(`${path}.new`, '{"number":2,"ha');

    expect(await anchor.read()).toEqual({ number: 1, hash: 'a'.repeat(64) });
    await anchor.write({ number: 3, hash: 'b'.repeat(64) });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ number: 3, hash: 'b'.repeat(64) });
  });

  test.each(['', '{"number":1', '[]', 'null', '{"number":"1","hash":"a"}', '{"hash":"a"}'])(
    'says audit_unavailable for a file that holds “%s”: an anchor that was removed must not pass for none',
    async (text) => {
      const path = freshPath();
      writeFileSync(path, text);

      await expect(createFileDigestAnchor(path).read()).rejects.toMatchObject({ code: 'audit_unavailable' });
    },
  );

  test('says audit_unavailable when the folder is not there', async () => {
    const anchor = createFileDigestAnchor(join(directory, 'missing', 'anchor'));

    await expect(anchor.write({ number: 1, hash: 'a' })).rejects.toMatchObject({ code: 'audit_unavailable' });
  });
});
