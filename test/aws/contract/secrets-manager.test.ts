import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { secretIdOf } from '../../../src/core/secret-id.ts';
import { describeSecretSource } from '../../contract/secret-source-contract.ts';
import { SECRETS_MANAGER_SOURCE } from './secrets-manager-sources.ts';

const secretsManager = SECRETS_MANAGER_SOURCE.use();

describeSecretSource(SECRETS_MANAGER_SOURCE.name, secretsManager.open);

const CANARY = 'whsec_canary';

describe('createSecretsManagerSecretSource', () => {
  test('has no secrets of a provider for which nobody has set any, and says so at init', async () => {
    const { source, logger } = await secretsManager.openSecrets('stripe');

    await source.prefetch();

    expect(await source.secretsOf('stripe')).toEqual([]);
    expect(logger.lines).toMatchObject([{ event: 'secrets.missing', fields: { provider: 'stripe' } }]);
  });

  test('sees secrets that were replaced, within five minutes', async () => {
    const { source, secrets, clock } = await secretsManager.openSecrets('stripe');
    await secrets.set('stripe', ['whsec_old']);
    await source.prefetch();
    await secrets.set('stripe', ['whsec_new', 'whsec_old']);

    clock.advance(5 * 60_000);

    expect(await source.secretsOf('stripe')).toEqual([
      { id: secretIdOf('stripe', 'whsec_new'), value: 'whsec_new' },
      { id: secretIdOf('stripe', 'whsec_old'), value: 'whsec_old' },
    ]);
  });

  for (const text of ['', CANARY, `{"secrets":"${CANARY}"}`, `{"secrets":[1]}`, `["${CANARY}"]`, 'null']) {
    test(`says in one sentence without the value that a secret is not right: ${text}`, async () => {
      const { source, secretName } = await secretsManager.openSecrets('stripe');
      // Secrets Manager takes no empty text; what is nearest is a space.
      const value = text === '' ? ' ' : text;
      await secretsManager
        .client()
        .send(new PutSecretValueCommand({ SecretId: secretName('stripe'), SecretString: value }));

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
    const { source, secrets } = await secretsManager.openSecrets('stripe');
    await secrets.set('stripe', [CANARY, 'bad-canary']);

    const error: unknown = await source.secretsOf('stripe').catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      code: 'secrets_unavailable',
      message: expect.stringContaining('value 2 of 2 must not begin with b, a and d'),
    });
    expect(String(error)).not.toContain('canary');
  });

  test('starts with the other providers when the secret of one is not right', async () => {
    const { source, secrets, logger } = await secretsManager.openSecrets('stripe', 'square');
    await secrets.set('stripe', ['bad-canary']);
    await secrets.set('square', ['square-key']);

    await source.prefetch();

    expect(await source.secretsOf('square')).toEqual([{ id: secretIdOf('square', 'square-key'), value: 'square-key' }]);
    expect(logger.lines).toMatchObject([{ event: 'secrets.not_loaded', fields: { provider: 'stripe' } }]);
    expect(JSON.stringify(logger.lines)).not.toContain('canary');
  });
});

describe('createSecretsManagerSecrets', () => {
  test('sums up secrets without showing them', async () => {
    const { secrets } = await secretsManager.openSecrets('stripe');
    await secrets.set('stripe', [CANARY, 'whsec_old']);

    const summary = await secrets.summary('stripe');

    expect(summary).toEqual({
      provider: 'stripe',
      count: 2,
      ids: [secretIdOf('stripe', CANARY), secretIdOf('stripe', 'whsec_old')],
      changedAt: expect.any(Number),
    });
    expect(Math.abs((summary?.changedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(JSON.stringify(summary)).not.toContain('whsec');
  });

  test('says that an empty list was never changed: the stack creates it', async () => {
    const { secrets, source } = await secretsManager.openSecrets('stripe');
    await secrets.set('stripe', []);

    expect(await secrets.summary('stripe')).toEqual({ provider: 'stripe', count: 0, ids: [], changedAt: null });
    expect(await source.secretsOf('stripe')).toEqual([]);
  });

  test('tells a secret that nobody has set from one that is not there', async () => {
    const { secrets } = await secretsManager.openSecrets('stripe');

    expect(await secrets.summary('stripe')).toEqual({ provider: 'stripe', count: 0, ids: [], changedAt: null });
    expect(await secrets.summary('square')).toBeUndefined();
  });

  test('says what to do when the secret is not there', async () => {
    const { secrets, secretName } = await secretsManager.openSecrets();

    const error: unknown = await secrets.set('stripe', [CANARY]).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      code: 'secrets_unavailable',
      message: expect.stringContaining(`secret ${secretName('stripe')} is not there`),
    });
    expect(String(error)).not.toContain(CANARY);
  });
});
