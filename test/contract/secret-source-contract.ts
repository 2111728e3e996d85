/** What every secret source keeps: the sentences of the port, as tests. */
import { describe, expect } from 'vitest';
import type { SecretSource } from '../../src/core/ports/secret-source.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';

/** Opens a source that holds these secrets, by provider, in the order in which they are to be tried. */
export type OpenSecrets = (byProvider: ReadonlyMap<string, readonly string[]>) => Promise<SecretSource>;

const CANARY = 'whsec_canary';
const SECRETS = new Map([
  ['stripe', [CANARY, 'whsec_old', 'whsec_older']],
  ['square', ['square-key, with a comma = and "quotes"']],
  ['paypal', []],
]);

const defineTests = (test: ContractTest, open: OpenSecrets): void => {
  test('returns all secrets of a provider in the order in which they are tried, byte for byte', async () => {
    const source = await open(SECRETS);

    for (const provider of ['stripe', 'square']) {
      expect((await source.secretsOf(provider)).map(({ value }) => value)).toEqual(SECRETS.get(provider));
    }
  });

  test('says that there is none for a provider without secrets and for one that it does not know', async () => {
    const source = await open(SECRETS);

    for (const provider of ['paypal', 'unknown', '__proto__', 'constructor', '']) {
      expect(await source.secretsOf(provider)).toEqual([]);
    }
  });

  test('names each secret differently, the same way each time, without saying what it is', async () => {
    const source = await open(SECRETS);

    const ids = (await source.secretsOf('stripe')).map(({ id }) => id);

    expect(new Set(ids).size).toBe(3);
    expect((await source.secretsOf('stripe')).map(({ id }) => id)).toEqual(ids);
    expect(ids.join()).not.toContain('whsec');
  });
};

/** Runs the suite against sources that `open` makes. */
export const describeSecretSource = (name: string, open: OpenSecrets, options: ContractOptions = {}): void => {
  describe(`SecretSource: ${name}`, () => {
    defineContract(options, (test) => defineTests(test, open));
  });
};
