import { expect, test } from 'vitest';
import { OBJECTS_APIS } from '../../src/providers/objects-apis.ts';
import { createTestClock } from '../support/clock.ts';
import { API_CREDENTIALS } from '../support/fake-apis.ts';
import { PROVIDER_OBJECTS } from './provider-objects-adapters.ts';
import { describeProviderObjects } from './provider-objects-contract.ts';

for (const { name, open, skip } of PROVIDER_OBJECTS) describeProviderObjects(name, open, { skip });

test('every list of objects is in the suite', () => {
  const clock = createTestClock();
  const call = async () => ({ outcome: 'failed', reason: 'no_network' }) as const;
  const lists = OBJECTS_APIS.flatMap(({ provider, open }) => {
    const credentials = [API_CREDENTIALS[provider as keyof typeof API_CREDENTIALS]];
    const [source] = open({ credentials, accounts: [], apiUrl: undefined, call, clock });
    return (source?.lists ?? []).map(({ name }) => `${name} of ${provider}`);
  });

  expect(PROVIDER_OBJECTS.map(({ name }) => name).sort()).toEqual(lists.sort());
});
