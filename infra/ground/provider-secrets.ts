/** One secret in Secrets Manager for each configured provider, filled by `payhook secrets set`. */
import { RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { StackCommon } from './stack-common.ts';

export interface ProviderSecretsProps extends StackCommon {
  readonly providerNames: readonly string[];
}

/**
 * Never change this value: CloudFormation writes it when it creates the secret and again when it differs from the last
 * deployment, which would wipe out what the operator has set since.
 */
const NO_SECRETS = '{"secrets":[]}';

export interface SecretListInput {
  readonly name: string;
  readonly description: string;
  readonly key: IKey;
}

/** With an empty list in it, which an operator replaces. */
export const createSecretList = (scope: Construct, id: string, input: SecretListInput): Secret =>
  new Secret(scope, id, {
    secretName: input.name,
    description: input.description,
    encryptionKey: input.key,
    // Nothing secret: it says that there is no secret yet.
    secretStringValue: SecretValue.unsafePlainText(NO_SECRETS),
    // The other side has them too: after an accident they are fetched there again.
    removalPolicy: RemovalPolicy.DESTROY,
  });

export class ProviderSecrets extends Construct {
  readonly secrets: readonly Secret[];

  constructor(scope: Construct, id: string, { names, key, providerNames }: ProviderSecretsProps) {
    super(scope, id);
    this.secrets = providerNames.map((name) =>
      createSecretList(this, name, {
        name: names.secret(name),
        description: `Payhook: what ${name} signs its webhooks with; several during rotation`,
        key,
      }),
    );
  }
}
