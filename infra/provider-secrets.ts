/** One secret in Secrets Manager for each configured provider, filled by `payhook secrets set`. */
import { RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { StackNames } from './stack-names.ts';

export interface ProviderSecretsProps {
  readonly names: StackNames;
  readonly key: IKey;
  readonly providerNames: readonly string[];
}

/**
 * Never change this value: CloudFormation writes it when it creates the secret and again when it differs from the last
 * deployment, which would wipe out what the operator has set since.
 */
const NO_SECRETS = '{"secrets":[]}';

export class ProviderSecrets extends Construct {
  readonly secrets: readonly Secret[];

  constructor(scope: Construct, id: string, { names, key, providerNames }: ProviderSecretsProps) {
    super(scope, id);
    this.secrets = providerNames.map(
      (name) =>
        new Secret(this, name, {
          secretName: names.secret(name),
          description: `Payhook: what ${name} signs its webhooks with; several during rotation`,
          encryptionKey: key,
          // Nothing secret: it says that there is no secret yet.
          secretStringValue: SecretValue.unsafePlainText(NO_SECRETS),
          // The provider has them too: after an accident they are fetched there again.
          removalPolicy: RemovalPolicy.DESTROY,
        }),
    );
  }
}
