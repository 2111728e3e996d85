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

test('a text that looks like a number in a list does not hide the pages behind it', async () => {
  const clock = createTestClock();
  const details = [{ transaction_info: { transaction_id: 'T1', transaction_note: 'two of them,1.5 each' } }];
  const bodies = [
    { access_token: 'token', expires_in: 3600 },
    { transaction_details: details, total_pages: 3 },
  ];
  const call = async ({ url }: { readonly url: string }) => {
    const body = Buffer.from(JSON.stringify(url.includes('oauth2') ? bodies[0] : bodies[1]));
    return { outcome: 'answered', status: 200, retryAfterMs: null, body } as const;
  };
  const paypal = OBJECTS_APIS.find(({ provider }) => provider === 'paypal');
  const [source] =
    paypal?.open({ credentials: [API_CREDENTIALS.paypal], accounts: [], apiUrl: undefined, call, clock }) ?? [];
  const transactions = source?.lists.find(({ name }) => name === 'transactions');

  const page = await transactions?.list({ since: clock.now() - 1000, until: clock.now(), cursor: null });

  expect(page).toMatchObject({ outcome: 'page', next: expect.stringContaining(' 2 ') });
});
