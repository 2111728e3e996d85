import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFileDigestAnchor } from '../../src/adapters/file/file-digest-anchor.ts';
import { createFileDigestSigner } from '../../src/adapters/file/file-digest-signer.ts';
import { AUDIT_KEY, createKeyFile } from '../../src/adapters/file/key-file.ts';
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

describe('createFileDigestSigner', () => {
  test('verifies what an older key has signed, and signs with the newest', async () => {
    const [older, newest, stranger] = [1, 2, 3].map(() => createKeyFile(AUDIT_KEY, freshPath));
    if (older === undefined || newest === undefined || stranger === undefined) throw new Error('three were made');
    const signature = await createFileDigestSigner(older).sign(BYTES);

    const signer = createFileDigestSigner(newest, [older]);

    expect(signer.keyId).toBe(newest.fingerprint);
    expect(await signer.verify(older.fingerprint, BYTES, signature)).toBe(true);
    expect(await signer.verify(newest.fingerprint, BYTES, signature)).toBe(false);
    expect(await signer.verify(stranger.fingerprint, BYTES, signature)).toBe(false);
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
