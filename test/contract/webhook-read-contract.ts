/** What every webhook store keeps when webhooks are read, found and listed. */

import { describe, expect } from 'vitest';
import { NO_EFFECTS } from '../../src/core/effects.ts';
import type { WebhookFilter } from '../../src/core/ports/webhook-store.ts';
import type { ReceivedWebhook } from '../../src/core/webhook.ts';
import { NOW } from '../support/clock.ts';
import { insertionOf } from '../support/insertion.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';
import { asStored, getStored, type HomeHarness, type OpenHome } from './homes.ts';

const defineReadTests = (test: ContractTest, open: OpenHome): void => {
  test('says undefined for a webhook that is not there, also with the right id and another timestamp', async () => {
    await using home = await open();
    const { webhook } = insertionOf();
    await home.store.insert(insertionOf());

    expect(await home.store.get({ ...webhook, timestamp: webhook.timestamp + 1 })).toBeUndefined();
    expect(await home.store.get({ ...webhook, webhookId: 'stripe:evt_2' })).toBeUndefined();
  });

  test('finds every webhook with an id, newest timestamp first', async () => {
    await using home = await open();
    for (const timestamp of [NOW - 2000, NOW, 0, NOW - 1000]) await home.store.insert(insertionOf({ timestamp }));
    await home.store.insert(insertionOf({ webhookId: 'stripe:evt_10' }));
    await home.settle?.();

    const found = await home.store.find('stripe:evt_1');

    expect(found.map((webhook) => webhook.timestamp)).toEqual([NOW, NOW - 1000, NOW - 2000, 0]);
  });

  test('finds nothing for an id that is not there', async () => {
    await using home = await open();

    expect(await home.store.find('stripe:evt_1')).toEqual([]);
  });

  test('returns copies that a caller may change', async () => {
    await using home = await open();
    const insertion = insertionOf();
    await home.store.insert(insertion);

    (await getStored(home, insertion.webhook)).payload.bytes.fill(0);
    Object.assign((await getStored(home, insertion.webhook)).headers, { 'user-agent': 'changed' });
    Object.assign((await home.store.list({ limit: 1 }))[0] ?? {}, { status: 'processed' });

    expect(await getStored(home, insertion.webhook)).toEqual(asStored(insertion));
    expect((await home.store.list({ limit: 1 }))[0]?.status).toBe('received');
  });
};

/** Five webhooks, one second apart, inserted in another order than received; `evt_2` and `evt_4` are dead letters. */
const insertFive = async (home: HomeHarness): Promise<void> => {
  for (const number of [3, 1, 5, 2, 4]) {
    const webhook: Partial<ReceivedWebhook> = {
      webhookId: `stripe:evt_${number}`,
      provider: number === 5 ? 'square' : 'stripe',
      receivedAt: NOW + number * 1000,
    };
    await home.store.insert(insertionOf(webhook, { status: number % 2 === 0 ? 'dead_lettered' : 'received' }));
  }
  await home.settle?.();
};

const FILTERS: readonly { readonly title: string; readonly filter: WebhookFilter; readonly numbers: number[] }[] = [
  { title: 'everything, newest first', filter: { limit: 10 }, numbers: [5, 4, 3, 2, 1] },
  { title: 'at most as many as the limit, the newest', filter: { limit: 2 }, numbers: [5, 4] },
  { title: 'one status', filter: { status: 'dead_lettered', limit: 10 }, numbers: [4, 2] },
  { title: 'nothing for a status that none has', filter: { status: 'processed', limit: 10 }, numbers: [] },
  { title: 'one provider', filter: { provider: 'stripe', limit: 10 }, numbers: [4, 3, 2, 1] },
  { title: 'since an instant, that instant included', filter: { since: NOW + 3000, limit: 10 }, numbers: [5, 4, 3] },
  { title: 'until an instant, that instant excluded', filter: { until: NOW + 3000, limit: 10 }, numbers: [2, 1] },
  {
    title: 'what all conditions together allow',
    filter: { status: 'received', provider: 'stripe', since: NOW + 1000, until: NOW + 5000, limit: 1 },
    numbers: [3],
  },
];

const defineListTests = (test: ContractTest, open: OpenHome): void => {
  for (const { title, filter, numbers } of FILTERS) {
    test(`lists ${title}`, async () => {
      await using home = await open();
      await insertFive(home);

      const listed = await home.store.list(filter);

      expect(listed.map((summary) => summary.webhookId)).toEqual(numbers.map((number) => `stripe:evt_${number}`));
    });
  }

  test('lists what has one last error as a whole, and nothing that has it in part', async () => {
    await using home = await open();
    const insertIgnored = (id: string, lastError: string) => {
      const { webhook } = insertionOf();
      return home.store.insert(
        insertionOf({ ...webhook, webhookId: `stripe:${id}` }, { status: 'ignored', lastError }),
      );
    };
    await insertIgnored('evt_1', 'unknown_type');
    await insertIgnored('evt_2', 'unknown_type_of_old');
    await home.settle?.();

    const listed = await home.store.list({ status: 'ignored', lastError: 'unknown_type', limit: 10 });
    expect(listed.map(({ webhookId }) => webhookId)).toEqual(['stripe:evt_1']);
  });

  test('lists a processed webhook under its new status only', async () => {
    await using home = await open();
    const { webhook } = insertionOf();
    await home.store.insert(insertionOf());
    await home.settle?.();
    await home.store.change(webhook, 1, {
      status: 'processed',
      attempts: 1,
      lastError: null,
      nextAttemptAt: null,
      effects: NO_EFFECTS,
      changedAt: NOW + 1,
      actor: { type: 'component', id: 'processor' },
      reason: null,
    });
    await home.settle?.();

    expect(await home.store.list({ status: 'received', limit: 10 })).toEqual([]);
    expect(await home.store.list({ status: 'processed', limit: 10 })).toHaveLength(1);
  });

  test('lists all fields of a webhook but payload and headers', async () => {
    await using home = await open();
    const insertion = insertionOf({ cardData: { cardNumbers: 1, securityCodes: 0, trackData: 0 } });
    await home.store.insert(insertion);
    await home.settle?.();

    const { payload: _, headers: __, ...summary } = asStored(insertion);
    expect(await home.store.list({ limit: 10 })).toEqual([summary]);
  });
};

/** Runs the suite against stores that `open` makes, each fresh and empty. */
export const describeWebhookRead = (name: string, open: OpenHome, options: ContractOptions = {}): void => {
  describe(`WebhookStore.get, find and list: ${name}`, () => {
    defineContract(options, (test) => {
      defineReadTests(test, open);
      defineListTests(test, open);
    });
  });
};
