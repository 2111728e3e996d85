/** The local home reads its secrets once, at its start, and keeps them in memory. */
import { createMemorySecretSource } from '../../src/adapters/memory/memory-secret-source.ts';
import type { Adapter } from './contract-tests.ts';
import type { OpenSecrets } from './secret-source-contract.ts';

export const SECRET_SOURCES: readonly Adapter<OpenSecrets>[] = [
  { name: 'memory', open: async (byProvider) => createMemorySecretSource(byProvider) },
];
