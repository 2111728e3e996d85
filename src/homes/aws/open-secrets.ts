/** Opens the signing secrets of a deployed stack for one command, with the operator's own AWS credentials. */
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { createSecretsManagerSecretSource } from '../../adapters/aws/secrets/secret-source.ts';
import { createSecretsManagerSecrets } from '../../adapters/aws/secrets/secrets.ts';
import { type AwsNames, awsNames } from '../../config/aws-names.ts';
import type { Settings } from '../../config/load-config.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { SecretSource } from '../../core/ports/secret-source.ts';
import { apiNamed } from '../../providers/events-apis.ts';
import { callerOf, operatorClientOptions } from './open-operator-home.ts';

export type StackSecrets = ReturnType<typeof createSecretsManagerSecrets>;

export const openStackSecrets = async <Result>(
  { region, environmentSuffix }: { readonly region: string; readonly environmentSuffix: string },
  work: (secrets: StackSecrets) => Promise<Result>,
): Promise<Result> => {
  const options = operatorClientOptions(region);
  await callerOf(options);
  const client = new SecretsManager(options);
  try {
    return await work(createSecretsManagerSecrets({ client, secretName: secretNameIn(awsNames(environmentSuffix)) }));
  } finally {
    client.destroy();
  }
};

/** Of a provider, of `destination-{name}`, or `{provider}-api`: what its API is asked with. */
const secretNameIn =
  (names: AwsNames) =>
  (owner: string): string => {
    const api = apiNamed(owner);
    return api === undefined ? names.secret(owner) : names.apiCredentials(api.provider);
  };

/** The secrets themselves, as the receiver has them: to judge with, never to show. */
export const openStackSecretSource = async <Result>(
  { settings, clock }: { readonly settings: Settings; readonly clock: Clock },
  environmentSuffix: string,
  work: (source: SecretSource) => Promise<Result>,
): Promise<Result> => {
  const options = operatorClientOptions(settings.config.aws.region);
  await callerOf(options);
  const client = new SecretsManager(options);
  const names = awsNames(environmentSuffix);
  try {
    return await work(
      createSecretsManagerSecretSource({
        client,
        secretNames: new Map([...settings.secrets.keys()].map((name) => [name, names.secret(name)])),
        checkSecret: () => null,
        clock,
        logger: { info: nothing, warn: nothing, error: nothing },
      }),
    );
  } finally {
    client.destroy();
  }
};

/** A refresh that failed is of no interest to a command that asks once. */
const nothing = (): void => {};
