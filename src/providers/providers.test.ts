import { isIPv4 } from 'node:net';
import { describe, expect, it } from 'vitest';
import { PROVIDERS, providerNamed } from './providers.ts';
import { PUBLISHED_ADDRESSES, publishedAddressesOf } from './published-addresses.ts';

describe('PROVIDERS', () => {
  it('have names that fit into URLs, each once, and are found by them', () => {
    const names = PROVIDERS.map((provider) => provider.name);

    expect(names).toEqual(['stripe', 'paypal', 'square', 'adyen', 'standard-webhooks']);
    for (const provider of PROVIDERS) {
      expect(provider.name).toMatch(/^[a-z0-9-]+$/);
      expect(providerNamed(provider.name)).toBe(provider);
    }
    expect(providerNamed('constructor')).toBeUndefined();
    expect(providerNamed('Stripe')).toBeUndefined();
  });

  it('keep no header that could carry a password', () => {
    for (const provider of PROVIDERS) {
      for (const header of provider.storedHeaders) {
        expect(header).toBe(header.toLowerCase());
        expect(['authorization', 'cookie', 'proxy-authorization']).not.toContain(header);
      }
    }
  });
});

describe('publishedAddressesOf', () => {
  it('has 15 addresses of Stripe, four of Square, and none where none are published', () => {
    expect(publishedAddressesOf('stripe')).toHaveLength(15);
    expect(publishedAddressesOf('square')).toHaveLength(4);
    expect(publishedAddressesOf('paypal')).toEqual([]);
    expect(publishedAddressesOf('nobody')).toEqual([]);
  });

  it('says something dated about every provider, and lists addresses that exist', () => {
    expect(PUBLISHED_ADDRESSES.map((entry) => entry.provider).sort()).toEqual(
      PROVIDERS.map((provider) => provider.name).sort(),
    );
    for (const entry of PUBLISHED_ADDRESSES) {
      expect(entry.asOf).toMatch(/^\d{4}-\d\d$/);
      expect(new Set(entry.addresses).size).toBe(entry.addresses.length);
      expect(entry.addresses.every((address) => isIPv4(address))).toBe(true);
    }
  });
});
