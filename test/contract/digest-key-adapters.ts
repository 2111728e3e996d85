/** Signers and anchors that need no server: in memory, and as files. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createFileDigestAnchor } from '../../src/adapters/file/file-digest-anchor.ts';
import { createFileDigestSigner } from '../../src/adapters/file/file-digest-signer.ts';
import { AUDIT_KEY, createKeyFile } from '../../src/adapters/file/key-file.ts';
import { createMemoryDigestAnchor, createMemoryDigestSigner } from '../../src/adapters/memory/memory-digest-keys.ts';
import type { DigestAnchor } from '../../src/audit/digest-anchor.ts';
import type { DigestSigner } from '../../src/audit/digest-signer.ts';
import type { Adapter } from './contract-tests.ts';
import { createTemporaryDirectory, removeDirectory } from './homes.ts';

/** In a directory of its own, which goes when the test that asks for it has ended. */
const freshPath = (): string => {
  const directory = createTemporaryDirectory();
  onTestFinished(() => removeDirectory(directory));
  return join(directory, 'file');
};

export const DIGEST_SIGNERS: readonly Adapter<() => Promise<DigestSigner>>[] = [
  { name: 'memory', open: async () => createMemoryDigestSigner() },
  { name: 'file', open: async () => createFileDigestSigner(createKeyFile(AUDIT_KEY, freshPath)) },
];

export const DIGEST_ANCHORS: readonly Adapter<() => Promise<DigestAnchor>>[] = [
  { name: 'memory', open: async () => createMemoryDigestAnchor() },
  { name: 'file', open: async () => createFileDigestAnchor(freshPath()) },
];
