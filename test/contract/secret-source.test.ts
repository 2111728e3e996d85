import { describe, expect, it } from 'vitest';
import { createMemorySecretSource } from '../../src/adapters/memory/memory-secret-source.ts';
import { describeSecretSource } from './secret-source-contract.ts';

describeSecretSource('memory', async (byProvider) => createMemorySecretSource(byProvider));

describe('createMemorySecretSource', () => {
  it('names secrets by provider and place, counted from 1', async () => {
    const source = createMemorySecretSource(new Map([['stripe', ['new', 'old']]]));

    expect((await source.secretsOf('stripe')).map(({ id }) => id)).toEqual(['stripe#1', 'stripe#2']);
  });
});
