import { isIPv4 } from 'node:net';
import { describe, expect, test } from 'vitest';
import { MAPPINGS } from './mappings.ts';
import { PROVIDERS, providerNamed } from './providers.ts';
import { CONFIGURABLE_PROVIDERS } from './settings.ts';

describe('PROVIDERS', () => {
  test('have names that fit into URLs, each once, and are found by them', () => {
    const names = PROVIDERS.map((provider) => provider.name);

    expect(names).toEqual(['stripe', 'paypal', 'square', 'adyen', 'standard-webhooks']);
    for (const provider of PROVIDERS) {
      expect(provider.name).toMatch(/^[a-z0-9-]+$/);
      expect(providerNamed(provider.name)).toBe(provider);
    }
    expect(providerNamed('constructor')).toBeUndefined();
    expect(providerNamed('Stripe')).toBeUndefined();
  });

  test('keep no header that could carry a password', () => {
    for (const provider of PROVIDERS) {
      for (const header of provider.storedHeaders) {
        expect(header).toBe(header.toLowerCase());
        expect(['authorization', 'cookie', 'proxy-authorization']).not.toContain(header);
      }
    }
  });
});

describe('the three lists of providers', () => {
  test('have the same providers in the same order, so that none is known to one stage and not to another', () => {
    expect(CONFIGURABLE_PROVIDERS.map(({ provider }) => provider)).toEqual(PROVIDERS);
    expect(MAPPINGS.map(({ provider }) => provider)).toEqual(PROVIDERS.map(({ name }) => name));
  });

  test('name each variable of the environment once', () => {
    const names = CONFIGURABLE_PROVIDERS.flatMap(({ provider, variables = {} }) => [
      provider.secretVariable,
      ...Object.keys(variables),
    ]);

    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^PAYHOOK_[A-Z_]+$/);
  });
});

describe('published addresses', () => {
  test('are 15 of Stripe, four of Square, and none where none are published', () => {
    const counts = PROVIDERS.map(({ name, publishedAddresses }) => [name, publishedAddresses.addresses.length]);

    expect(Object.fromEntries(counts)).toEqual({ stripe: 15, paypal: 0, square: 4, adyen: 0, 'standard-webhooks': 0 });
  });

  test('say something dated about every provider, and exist', () => {
    for (const { publishedAddresses } of PROVIDERS) {
      expect(publishedAddresses.asOf).toMatch(/^\d{4}-\d\d$/);
      expect(publishedAddresses.source.length).toBeGreaterThan(10);
      expect(new Set(publishedAddresses.addresses).size).toBe(publishedAddresses.addresses.length);
      expect(publishedAddresses.addresses.every((address) => isIPv4(address))).toBe(true);
    }
  });
});
