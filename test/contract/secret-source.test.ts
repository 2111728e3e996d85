import { describe, expect, test } from 'vitest';
import { createMemorySecretSource } from '../../src/adapters/memory/memory-secret-source.ts';
import { secretIdOf } from '../../src/core/secret-id.ts';
import { SECRET_SOURCES } from './secret-source-adapters.ts';
import { describeSecretSource } from './secret-source-contract.ts';

for (const { name, open } of SECRET_SOURCES) describeSecretSource(name, open);

describe('createMemorySecretSource', () => {
  test('names secrets by provider and fingerprint', async () => {
    const source = createMemorySecretSource(new Map([['stripe', ['new', 'old']]]));

    expect((await source.secretsOf('stripe')).map(({ id }) => id)).toEqual(
      ['new', 'old'].map((value) => secretIdOf('stripe', value)),
    );
  });
});
