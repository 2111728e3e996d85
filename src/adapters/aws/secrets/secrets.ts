/** Signing secrets in Secrets Manager as an operator's commands need them: values go in, and come out to sign with alone. */

import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { secretIdOf } from '../../../core/secret-id.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import { awsError, isAwsError } from '../errors.ts';
import { readSecretValues, writeSecretValues } from './values.ts';

export interface SecretsSummary {
  readonly provider: string;
  readonly count: number;
  /** As in the log of a verified delivery: `stripe#3f9a02bc`. */
  readonly ids: readonly string[];
  /** Null while there are none. */
  readonly changedAt: EpochMs | null;
}

export interface SecretsManagerSecrets {
  /** Replaces all secrets of the provider at once. The caller has checked each value. */
  set(provider: string, values: readonly string[]): Promise<void>;
  /** Undefined when the stack has no secret for this provider. */
  summary(provider: string): Promise<SecretsSummary | undefined>;
  /** The newest one, to sign with; undefined while there is none. */
  signingSecret(provider: string): Promise<string | undefined>;
}

export const createSecretsManagerSecrets = (deps: {
  readonly client: SecretsManager;
  readonly secretName: (provider: string) => string;
}): SecretsManagerSecrets => {
  const { client, secretName } = deps;

  /** Undefined where the service says that there is no such thing. */
  const ask = async <Answer>(name: string, call: () => Promise<Answer>): Promise<Answer | undefined> => {
    try {
      return await call();
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
      throw awsError(error, 'secrets_unavailable', `secret ${name}`);
    }
  };

  const readCurrent = async (provider: string) => {
    const name = secretName(provider);
    const current = await ask(name, () => client.getSecretValue({ SecretId: name }));
    if (current === undefined) return undefined;
    return { values: readSecretValues(name, current.SecretString, () => null), createdAt: current.CreatedDate };
  };

  return {
    async set(provider, values) {
      const name = secretName(provider);
      try {
        await client.putSecretValue({ SecretId: name, SecretString: writeSecretValues(values) });
      } catch (error) {
        throw awsError(error, 'secrets_unavailable', `secret ${name}`);
      }
    },
    async summary(provider) {
      const name = secretName(provider);
      const current = await readCurrent(provider);
      if (current !== undefined) {
        const { values, createdAt } = current;
        const ids = values.map((value) => secretIdOf(provider, value));
        // The stack creates the secret with an empty list: that is not a change of anybody's.
        const changedAt = values.length === 0 ? null : (createdAt?.getTime() ?? null);
        return { provider, count: values.length, ids, changedAt };
      }
      const secret = await ask(name, () => client.describeSecret({ SecretId: name }));
      return secret === undefined ? undefined : { provider, count: 0, ids: [], changedAt: null };
    },
    signingSecret: async (provider) => (await readCurrent(provider))?.values[0],
  };
};
