import { CreateSecretCommand, PutSecretValueCommand, SecretsManager } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ATTEMPTS_MAX } from '../../../src/adapters/aws/clients.ts';
import { createSecretsManagerSecretSource } from '../../../src/adapters/aws/secrets/secret-source.ts';
import { writeSecretValues } from '../../../src/adapters/aws/secrets/values.ts';
import type { SecretsManagerCalls } from '../../../src/adapters/aws/service-calls.ts';
import { createMemoryLogger } from '../../../src/adapters/memory/memory-recorders.ts';
import { MINUTE_MS } from '../../../src/core/time.ts';
import { createTestClock } from '../../support/clock.ts';
import { waitUntil } from '../../support/running-server.ts';
import { type FaultProxy, startFaultProxy } from '../servers/fault-proxy.ts';
import type { Fault } from '../servers/fault-proxy-rules.ts';
import { type Moto, startMoto } from '../servers/moto.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { signedCalls } from '../tools/signed-clients.ts';

let moto: Moto;
let proxy: FaultProxy;
let client: SecretsManagerCalls;
let operator: SecretsManager;
let opened = 0;

/** As the functions make it, but with less patience. */
const REQUEST_MS_MAX = 1_500;
beforeAll(async () => {
  moto = await startMoto();
  proxy = await startFaultProxy(moto.url);
  operator = new SecretsManager(emulatorClientOptions(moto.url));
  client = signedCalls(proxy.url, { attemptsMax: ATTEMPTS_MAX, requestMsMax: REQUEST_MS_MAX }).secretsManager;
});

afterEach(() => {
  proxy.clearRules();
  proxy.forgetCalls();
});

afterAll(async () => {
  operator.destroy();
  await proxy[Symbol.asyncDispose]();
  await moto[Symbol.asyncDispose]();
});

/** A source whose provider has the secret `old`, which is loaded; `set` replaces it. */
const openLoaded = async () => {
  opened += 1;
  const name = `secret-stripe-signing-secrets-${opened}`;
  await operator.send(new CreateSecretCommand({ Name: name, SecretString: writeSecretValues(['old']) }));
  const clock = createTestClock();
  const logger = createMemoryLogger();
  const source = createSecretsManagerSecretSource({
    client,
    secretNames: new Map([['stripe', name]]),
    checkSecret: () => null,
    clock,
    logger,
  });
  const values = async (): Promise<readonly string[]> => (await source.secretsOf('stripe')).map(({ value }) => value);
  await source.prefetch();
  expect(await values()).toEqual(['old']);
  proxy.forgetCalls();
  return {
    clock,
    logger,
    source,
    values,
    set: async (value: string): Promise<void> => {
      await operator.send(new PutSecretValueCommand({ SecretId: name, SecretString: writeSecretValues([value]) }));
    },
  };
};

const calls = (): number => proxy.calls({ operation: 'GetSecretValue' }).length;
const breakSecrets = (fault: Fault) => proxy.inject({ match: { operation: 'GetSecretValue' }, fault });

describe('createSecretsManagerSecretSource, as time goes by', () => {
  test('asks once and then not for four minutes', async () => {
    const { values, clock } = await openLoaded();

    for (let minute = 0; minute < 4; minute += 1) {
      for (let time = 0; time < 10; time += 1) expect(await values()).toEqual(['old']);
      clock.advance(MINUTE_MS - 1);
    }

    expect(calls()).toBe(0);
  });

  test('replaces a list of four minutes behind the back of whoever asks, with one call', async () => {
    const { values, clock, set } = await openLoaded();
    await set('new');
    clock.advance(4 * MINUTE_MS);

    const asked = await Promise.all(Array.from({ length: 10 }, values));

    expect(new Set(asked.flat())).toEqual(new Set(['old']));
    await waitUntil('the list is replaced', async () => (await values())[0] === 'new');
    expect(calls()).toBe(1);
  });

  test('makes everybody wait for one call when the list is five minutes old', async () => {
    const { values, clock, set } = await openLoaded();
    await set('new');
    clock.advance(5 * MINUTE_MS);

    const asked = await Promise.all(Array.from({ length: 10 }, values));

    expect(new Set(asked.flat())).toEqual(new Set(['new']));
    expect(calls()).toBe(1);
  });

  test('keeps the old list while it cannot be replaced, tries again now and then, and says so', async () => {
    const { values, clock, logger } = await openLoaded();
    breakSecrets({ kind: 'error', code: 'InternalServiceError', status: 400 });
    clock.advance(4 * MINUTE_MS);

    for (let round = 1; round <= 3; round += 1) {
      for (let time = 0; time < 10; time += 1) expect(await values()).toEqual(['old']);
      await waitUntil('the failure is logged', () => logger.lines.length === round);
      clock.advance(10_000);
    }

    expect(calls()).toBe(3);
    expect(logger.lines[0]).toMatchObject({
      level: 'warn',
      event: 'secrets.not_refreshed',
      fields: { provider: 'stripe', code: 'secrets_unavailable' },
    });
  });

  test('throws once the old list is five minutes old, and is well again as soon as Secrets Manager is', async () => {
    const { values, clock, set } = await openLoaded();
    await set('new');
    const broken = breakSecrets({ kind: 'throttle' });
    clock.advance(5 * MINUTE_MS);

    await expect(values()).rejects.toMatchObject({ code: 'secrets_unavailable', isRetryable: true });

    broken.remove();
    expect(await values()).toEqual(['new']);
  });

  test('does not trust a list from before the clock was set back', async () => {
    const { values, clock, set } = await openLoaded();
    await set('new');

    clock.advance(-1);

    expect(await values()).toEqual(['new']);
    expect(await values()).toEqual(['new']);
    expect(calls()).toBe(1);
  });

  test('does not wait for a call that was under way when the function was frozen', async () => {
    const { values, clock, set } = await openLoaded();
    await set('new');
    const frozen = proxy.inject({ match: { operation: 'GetSecretValue' }, when: { nth: 1 }, fault: { kind: 'hang' } });
    clock.advance(4 * MINUTE_MS);
    expect(await values()).toEqual(['old']);
    await waitUntil('the call is under way', () => frozen.fired() === 1);

    clock.advance(60 * MINUTE_MS);

    expect(await values()).toEqual(['new']);
    await set('newest');
    // The client tries the frozen call again when the function thaws: what it says is older than what is known.
    await waitUntil('the call has ended', () => calls() === 3);
    expect(await values()).toEqual(['new']);
  });
});

describe('createSecretsManagerSecretSource, when Secrets Manager is in trouble', () => {
  for (const fault of [
    { kind: 'hang' },
    { kind: 'throttle' },
    { kind: 'server_error' },
    { kind: 'error', code: 'DecryptionFailure', status: 400 },
    { kind: 'error', code: 'AccessDeniedException', status: 400 },
  ] satisfies Fault[]) {
    test(`says secrets_unavailable after at most three tries: ${'code' in fault ? fault.code : fault.kind}`, async () => {
      const { values, clock } = await openLoaded();
      breakSecrets(fault);
      clock.advance(5 * MINUTE_MS);

      await expect(values()).rejects.toMatchObject({
        code: 'secrets_unavailable',
        message: expect.stringMatching(/^secret secret-stripe-signing-secrets-\d+ /),
      });

      expect(calls()).toBeLessThanOrEqual(3);
    });
  }
});
