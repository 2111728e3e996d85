/** What a webhook costs a server that tells nobody of it: counted, and so the same on any machine. */
import { expect, test } from 'vitest';
import { createTestFolder, post, readStored, startLocalServer } from '../support/running-server.ts';
import { createSigner, SECRET_ENV, stripeEvent } from './signed.ts';

/** That the database thread was asked for and made durable so far. */
const committedOperations = async (operationsUrl: string): Promise<number> => {
  const text = await (await fetch(`${operationsUrl}/metrics`)).text();
  return Number(/^payhook_store_commit_operations_sum (\d+)$/m.exec(text)?.[1]);
};

test('without handlers and destinations a webhook is processed when it is acknowledged, and one write does both', async () => {
  using folder = createTestFolder();
  await using server = await startLocalServer({ folder, env: SECRET_ENV });
  const { sign } = await createSigner(Date.now());
  const count = 100;
  const startedAt = performance.now();
  const before = await committedOperations(server.operationsUrl);

  for (let number = 0; number < count; number += 1) {
    const answer = await post(server.url, 'stripe', sign('stripe', stripeEvent(`evt_${number}`), { now: Date.now() }));
    expect(answer.json.status).toBe('accepted');
  }

  const stored = readStored(folder.data);
  expect(stored.webhooks.map(({ status }) => status)).toEqual(Array(count).fill('processed'));
  expect(stored.queued).toBe(0);
  // Beside them is what the server does by the second: nobody looks on the queue after each of them.
  const operations = (await committedOperations(server.operationsUrl)) - before;
  const seconds = (performance.now() - startedAt) / 1000;
  expect(operations).toBeLessThan(count + 20 * (1 + seconds));
});
