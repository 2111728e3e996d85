import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSecretsManagerSecretSource } from '../../../src/adapters/aws/secrets/secret-source.ts';
import { createSecretsManagerSecrets } from '../../../src/adapters/aws/secrets/secrets.ts';
import { createMemoryLogger } from '../../../src/adapters/memory/memory-recorders.ts';
import { describeSecretSource } from '../../contract/secret-source-contract.ts';
import { createTestClock } from '../../support/clock.ts';
import { type Moto, startMoto } from '../servers/moto.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';

let moto: Moto;
let client: SecretsManagerClient;
let opened = 0;

beforeAll(async () => {
  moto = await startMoto();
  client = new SecretsManagerClient(emulatorClientOptions(moto.url));
});

afterAll(async () => {
  client.destroy();
  await moto[Symbol.asyncDispose]();
});

/** Secrets of these providers as the stack makes them: without a value. */
const openSecrets = async (...providers: string[]) => {
  opened += 1;
  const secretName = (provider: string): string => `secret-${provider}-signing-secrets-${opened}`;
  for (const provider of providers) await client.send(new CreateSecretCommand({ Name: secretName(provider) }));
  const logger = createMemoryLogger();
  const clock = createTestClock();
  return {
    clock,
    logger,
    secretName,
    secrets: createSecretsManagerSecrets({ client, secretName }),
    source: createSecretsManagerSecretSource({
      client,
      secretNames: new Map(providers.map((provider) => [provider, secretName(provider)])),
      checkSecret: (_, value) => (value.startsWith('bad') ? 'must not begin with b, a and d' : null),
      clock,
      logger,
    }),
  };
};

describeSecretSource('secrets manager', async (byProvider) => {
  const { secrets, source } = await openSecrets(...byProvider.keys());
  for (const [provider, values] of byProvider) await secrets.set(provider, values);
  return source;
});

const CANARY = 'whsec_canary';

describe('createSecretsManagerSecretSource', () => {
  test('has no secrets of a provider for which nobody has set any, and says so at init', async () => {
    const { source, logger } = await openSecrets('stripe');

    await source.prefetch();

    expect(await source.secretsOf('stripe')).toEqual([]);
    expect(logger.lines).toMatchObject([{ event: 'secrets.missing', fields: { provider: 'stripe' } }]);
  });

  test('sees secrets that were replaced, within five minutes', async () => {
    const { source, secrets, clock } = await openSecrets('stripe');
    await secrets.set('stripe', ['whsec_old']);
    await source.prefetch();
    await secrets.set('stripe', ['whsec_new', 'whsec_old']);

    clock.advance(5 * 60_000);

    expect(await source.secretsOf('stripe')).toEqual([
      { id: 'stripe#1', value: 'whsec_new' },
      { id: 'stripe#2', value: 'whsec_old' },
    ]);
  });

  for (const text of ['', CANARY, `{"secrets":"${CANARY}"}`, `{"secrets":[1]}`, `["${CANARY}"]`, 'null']) {
    test(`says in one sentence without the value that a secret is not right: ${text}`, async () => {
      const { source, secretName } = await openSecrets('stripe');
      // Secrets Manager takes no empty text; what is nearest is a space.
      const value = text === '' ? ' ' : text;
      await client.send(new PutSecretValueCommand({ SecretId: secretName('stripe'), SecretString: value }));

      const error: unknown = await source.secretsOf('stripe').catch((thrown: unknown) => thrown);

      expect(error).toMatchObject({
        code: 'secrets_unavailable',
        message: expect.stringContaining(`secret ${secretName('stripe')} cannot be used: does not hold {"secrets"`),
      });
      expect(error).not.toHaveProperty('cause');
      expect(String(error)).not.toContain(CANARY);
    });
  }

  test('says which of the secrets is not right, and not what it is', async () => {
    const { source, secrets } = await openSecrets('stripe');
    await secrets.set('stripe', [CANARY, 'bad-canary']);

    const error: unknown = await source.secretsOf('stripe').catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      code: 'secrets_unavailable',
      message: expect.stringContaining('value 2 of 2 must not begin with b, a and d'),
    });
    expect(String(error)).not.toContain('canary');
  });

  test('starts with the other providers when the secret of one is not right', async () => {
    const { source, secrets, logger } = await openSecrets('stripe', 'square');
    await secrets.set('stripe', ['bad-canary']);
    await secrets.set('square', ['square-key']);

    await source.prefetch();

    expect(await source.secretsOf('square')).toEqual([{ id: 'square#1', value: 'square-key' }]);
    expect(logger.lines).toMatchObject([{ event: 'secrets.not_loaded', fields: { provider: 'stripe' } }]);
    expect(JSON.stringify(logger.lines)).not.toContain('canary');
  });
});

describe('createSecretsManagerSecrets', () => {
  test('sums up secrets without showing them', async () => {
    const { secrets } = await openSecrets('stripe');
    await secrets.set('stripe', [CANARY, 'whsec_old']);

    const summary = await secrets.summary('stripe');

    expect(summary).toEqual({
      provider: 'stripe',
      count: 2,
      ids: ['stripe#1', 'stripe#2'],
      changedAt: expect.any(Number),
    });
    expect(Math.abs((summary?.changedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(JSON.stringify(summary)).not.toContain('whsec');
  });

  test('says that an empty list was never changed: the stack creates it', async () => {
    const { secrets, source } = await openSecrets('stripe');
    await secrets.set('stripe', []);

    expect(await secrets.summary('stripe')).toEqual({ provider: 'stripe', count: 0, ids: [], changedAt: null });
    expect(await source.secretsOf('stripe')).toEqual([]);
  });

  test('tells a secret that nobody has set from one that is not there', async () => {
    const { secrets } = await openSecrets('stripe');

    expect(await secrets.summary('stripe')).toEqual({ provider: 'stripe', count: 0, ids: [], changedAt: null });
    expect(await secrets.summary('square')).toBeUndefined();
  });

  test('says what to do when the secret is not there', async () => {
    const { secrets, secretName } = await openSecrets();

    const error: unknown = await secrets.set('stripe', [CANARY]).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      code: 'secrets_unavailable',
      message: expect.stringContaining(`secret ${secretName('stripe')} is not there`),
    });
    expect(String(error)).not.toContain(CANARY);
  });
});
