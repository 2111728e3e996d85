/** Secrets that were read once, at the edge, and stay the same: out of the environment, a file, or a test. */
import type { Secret, SecretSource } from '../../core/ports/secret-source.ts';

/** Ids are `{provider}#{place}`, counted from 1 in the order in which the secrets are tried. */
export const createMemorySecretSource = (byProvider: ReadonlyMap<string, readonly string[]>): SecretSource => {
  const secrets = new Map<string, readonly Secret[]>();
  for (const [provider, values] of byProvider) {
    secrets.set(
      provider,
      values.map((value, index) => ({ id: `${provider}#${index + 1}`, value })),
    );
  }
  return { secretsOf: async (provider) => secrets.get(provider) ?? [] };
};
