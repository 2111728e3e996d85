/** Opens the signing secrets of a deployed stack for one command, with the operator's own AWS credentials. */
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { createSecretsManagerSecrets } from '../../adapters/aws/secrets/secrets.ts';
import { awsNames } from '../../config/aws-names.ts';
import { callerOf, OPERATOR_CLIENT_OPTIONS } from './open-operator-home.ts';

export type StackSecrets = ReturnType<typeof createSecretsManagerSecrets>;

export const openStackSecrets = async <Result>(
  environmentSuffix: string,
  work: (secrets: StackSecrets) => Promise<Result>,
): Promise<Result> => {
  await callerOf();
  const client = new SecretsManager(OPERATOR_CLIENT_OPTIONS);
  try {
    return await work(createSecretsManagerSecrets({ client, secretName: awsNames(environmentSuffix).secret }));
  } finally {
    client.destroy();
  }
};
