/** Secrets in Secrets Manager as the stack makes them: without a value. */
import { CreateSecretCommand, SecretsManager } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll } from 'vitest';
import { createSecretsManagerSecretSource } from '../../../src/adapters/aws/secrets/secret-source.ts';
import { createSecretsManagerSecrets } from '../../../src/adapters/aws/secrets/secrets.ts';
import { createMemoryLogger } from '../../../src/adapters/memory/memory-recorders.ts';
import type { OpenSecrets } from '../../contract/secret-source-contract.ts';
import { createTestClock } from '../../support/clock.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { signedCalls } from '../tools/signed-clients.ts';
import { emulated } from './emulated-adapter.ts';
import { useMoto } from './use-moto.ts';

const useSecretsManager = () => {
  const moto = useMoto();
  let client: SecretsManager;
  let opened = 0;
  beforeAll(() => {
    client = new SecretsManager(emulatorClientOptions(moto().url));
  });
  afterAll(() => client.destroy());

  const openSecrets = async (...providers: string[]) => {
    opened += 1;
    const number = opened;
    const secretName = (provider: string): string => `secret-${provider}-signing-secrets-${number}`;
    for (const provider of providers) await client.send(new CreateSecretCommand({ Name: secretName(provider) }));
    const logger = createMemoryLogger();
    const clock = createTestClock();
    return {
      clock,
      logger,
      secretName,
      secrets: createSecretsManagerSecrets({ client, secretName }),
      source: createSecretsManagerSecretSource({
        client: signedCalls(moto().url).secretsManager,
        secretNames: new Map(providers.map((provider) => [provider, secretName(provider)])),
        checkSecret: (_, value) => (value.startsWith('bad') ? 'must not begin with b, a and d' : null),
        clock,
        logger,
      }),
    };
  };
  const open: OpenSecrets = async (byProvider) => {
    const { secrets, source } = await openSecrets(...byProvider.keys());
    for (const [provider, values] of byProvider) await secrets.set(provider, values);
    return source;
  };
  return { open, openSecrets, client: () => client };
};

export const SECRETS_MANAGER_SOURCE = emulated('Secrets Manager', useSecretsManager);
