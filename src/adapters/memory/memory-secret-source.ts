/** Secrets that were read once, at the edge, and stay the same: out of the environment, a file, or a test. */
import type { Secret, SecretSource } from '../../core/ports/secret-source.ts';
import { secretIdOf } from '../../core/secret-id.ts';

export const createMemorySecretSource = (byProvider: ReadonlyMap<string, readonly string[]>): SecretSource => {
  const secrets = new Map<string, readonly Secret[]>();
  for (const [provider, values] of byProvider) {
    secrets.set(
      provider,
      values.map((value) => ({ id: secretIdOf(provider, value), value })),
    );
  }
  return { secretsOf: async (provider) => secrets.get(provider) ?? [] };
};
