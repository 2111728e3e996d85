/** Opens the signing secrets of a deployed stack for one command, with the operator's own AWS credentials. */
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { createSecretsManagerSecrets } from '../../adapters/aws/secrets/secrets.ts';
import { awsNames } from '../../config/aws-names.ts';
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
    return await work(createSecretsManagerSecrets({ client, secretName: awsNames(environmentSuffix).secret }));
  } finally {
    client.destroy();
  }
};
