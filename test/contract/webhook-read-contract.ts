/** What every webhook store keeps when webhooks are read, found and listed. */

import { describe, expect } from 'vitest';
import { NO_EFFECTS } from '../../src/core/effects.ts';
import { cursorOf } from '../../src/core/page.ts';
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
    Object.assign((await home.store.list({ limit: 1 })).items[0] ?? {}, { status: 'processed' });

    expect(await getStored(home, insertion.webhook)).toEqual(asStored(insertion));
    expect((await home.store.list({ limit: 1 })).items[0]?.status).toBe('received');
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

      const listed = (await home.store.list(filter)).items;

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

    const listed = (await home.store.list({ status: 'ignored', lastError: 'unknown_type', limit: 10 })).items;
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

    expect((await home.store.list({ status: 'received', limit: 10 })).items).toEqual([]);
    expect((await home.store.list({ status: 'processed', limit: 10 })).items).toHaveLength(1);
  });

  test('lists all fields of a webhook but payload and headers', async () => {
    await using home = await open();
    const insertion = insertionOf({ cardData: { cardNumbers: 1, securityCodes: 0, trackData: 0 } });
    await home.store.insert(insertion);
    await home.settle?.();

    const { payload: _, headers: __, ...summary } = asStored(insertion);
    expect((await home.store.list({ limit: 10 })).items).toEqual([summary]);
  });
};

const webhookOf = (number: number, more: Partial<ReceivedWebhook> = {}) =>
  insertionOf(
    { webhookId: `stripe:evt_${number}`, receivedAt: NOW + number, ...more },
    { status: number % 4 === 0 ? 'dead_lettered' : number % 4 === 1 ? 'ignored' : 'received' },
  );

/** All webhooks of pages that follow each other, the oldest last; `between` is called before each but the first. */
const walk = async (
  home: HomeHarness,
  filter: WebhookFilter,
  between: () => Promise<void> = async () => {},
): Promise<readonly string[]> => {
  const ids: string[] = [];
  let { items, next } = await home.store.list(filter);
  for (let pages = 1; ; pages += 1) {
    ids.push(...items.map(({ webhookId }) => webhookId));
    if (next === null) return ids;
    if (pages > 100) throw new Error('the pages have no end');
    await between();
    ({ items, next } = await home.store.list({ ...filter, after: next }));
  }
};

const definePageTests = (test: ContractTest, open: OpenHome): void => {
  test('hands out each webhook once over pages, whatever comes meanwhile and many in one millisecond', async () => {
    await using home = await open();
    for (let number = 1; number <= 20; number += 1)
      await home.store.insert(webhookOf(number, { receivedAt: NOW + (number % 3) }));
    await home.settle?.();
    const all = (await home.store.list({ limit: 100 })).items.map(({ webhookId }) => webhookId);
    let newer = 100;

    const walked = await walk(home, { limit: 3 }, async () => {
      newer += 1;
      await home.store.insert(webhookOf(newer, { receivedAt: NOW + 3 }));
      await home.settle?.();
    });

    expect(all).toHaveLength(20);
    expect(walked).toEqual(all);
  });

  test('goes on behind any row, in each filter', async () => {
    await using home = await open();
    for (let number = 1; number <= 12; number += 1) await home.store.insert(webhookOf(number));
    await home.settle?.();
    const filters: Partial<WebhookFilter>[] = [
      {},
      { status: 'dead_lettered' },
      { status: ['dead_lettered', 'ignored'] },
      { status: ['received', 'processed'] },
      { since: NOW + 3, until: NOW + 10 },
      { provider: 'stripe', eventType: 'payment_intent.*' },
    ];

    for (const filter of filters) {
      const all = await home.store.list({ ...filter, limit: 100 });
      expect(all.items.length, JSON.stringify(filter)).toBeGreaterThan(1);
      for (const [index, after] of all.cursors.entries()) {
        expect((await home.store.list({ ...filter, limit: 100, after })).items).toEqual(all.items.slice(index + 1));
      }
    }
  });

  test('says that there is more when there is, and that there is none when there is none', async () => {
    await using home = await open();
    for (const number of [1, 2, 3]) await home.store.insert(webhookOf(number));
    await home.settle?.();

    const first = await home.store.list({ limit: 2 });
    expect(first).toMatchObject({ next: first.cursors[1], scannedUntil: null });
    expect(await home.store.list({ limit: 2, after: first.next ?? '' })).toMatchObject({
      next: null,
      scannedUntil: null,
    });
    expect(await home.store.list({ limit: 3 })).toMatchObject({ next: null, scannedUntil: null });
  });

  test('looks at no more than it may for what no index knows, says how far it came, and goes on from there', async () => {
    await using home = await open();
    for (let number = 1; number <= 9; number += 1) {
      await home.store.insert(
        webhookOf(number, { eventType: number === 2 ? 'charge.refunded' : 'payment_intent.created' }),
      );
    }
    await home.settle?.();
    const filter = { eventType: 'charge.refunded', limit: 5, lookAtMax: 4 };

    const first = await home.store.list(filter);
    const second = await home.store.list({ ...filter, after: first.next ?? '' });

    expect(first).toMatchObject({ items: [], scannedUntil: NOW + 6 });
    expect(second).toMatchObject({ items: [{ webhookId: 'stripe:evt_2' }], scannedUntil: NOW + 2 });
    expect(await walk(home, filter)).toEqual(['stripe:evt_2']);
  });

  test('lists by type, mode, account and object, each alone and together', async () => {
    await using home = await open();
    const dispute = { eventType: 'charge.dispute.created', mode: 'live', account: 'acct_1', objectId: 'dp_1' } as const;
    const refund = {
      eventType: 'charge.refunded',
      mode: 'test',
      account: 'acct_1',
      objectId: 'ch_9',
      parentIds: ['cus_1', 'pi_"1'],
    } as const;
    const other = { eventType: 'chargeback', mode: 'test', account: null, objectId: null } as const;
    for (const [index, one] of [dispute, refund, other].entries()) await home.store.insert(webhookOf(index + 1, one));
    await home.settle?.();
    const listed = (filter: Partial<WebhookFilter>) =>
      home.store.list({ limit: 9, ...filter }).then(({ items }) => items.map(({ webhookId }) => webhookId.slice(-1)));

    expect(await listed({ eventType: 'charge.*' })).toEqual(['2', '1']);
    expect(await listed({ eventType: 'charge.dispute.*' })).toEqual(['1']);
    expect(await listed({ eventType: 'charge.refunded' })).toEqual(['2']);
    expect(await listed({ mode: 'test' })).toEqual(['3', '2']);
    expect(await listed({ account: 'acct_1' })).toEqual(['2', '1']);
    expect(await listed({ objectId: 'ch_9' })).toEqual(['2']);
    expect(await listed({ objectId: 'cus_1' })).toEqual(['2']);
    expect(await listed({ objectId: 'pi_"1' })).toEqual(['2']);
    expect(await listed({ objectId: 'cus_' })).toEqual([]);
    expect(await listed({ account: 'acct_1', mode: 'live', objectId: 'dp_1', eventType: 'charge.*' })).toEqual(['1']);
  });

  test('lists by the secret that verified it, and by whether card data was masked in it', async () => {
    await using home = await open();
    const masked = { cardNumbers: 0, securityCodes: 2, trackData: 0 };
    await home.store.insert(webhookOf(1, { secretId: 'stripe#"old"' }));
    await home.store.insert(webhookOf(2, { secretId: 'stripe#new', cardData: masked }));
    await home.store.insert(webhookOf(3, { secretId: 'stripe#new' }));
    await home.settle?.();
    const listed = (filter: Partial<WebhookFilter>) =>
      home.store.list({ limit: 9, ...filter }).then(({ items }) => items.map(({ webhookId }) => webhookId.slice(-1)));

    expect(await listed({ secretId: 'stripe#new' })).toEqual(['3', '2']);
    expect(await listed({ secretId: 'stripe#"old"' })).toEqual(['1']);
    expect(await listed({ secretId: 'stripe#' })).toEqual([]);
    expect(await listed({ cardData: 'found' })).toEqual(['2']);
    expect(await listed({ cardData: 'none', secretId: 'stripe#new' })).toEqual(['3']);
    expect((await home.store.list({ cardData: 'found', limit: 9, lookAtMax: 1 })).scannedUntil).toEqual(
      expect.any(Number),
    );
  });

  test('lists by whether a delivery brought it or reconciling found it', async () => {
    await using home = await open();
    await home.store.insert(webhookOf(1));
    await home.store.insert(webhookOf(2, { origin: 'reconciliation' }));
    await home.store.insert(webhookOf(3));
    await home.settle?.();
    const listed = (filter: Partial<WebhookFilter>) =>
      home.store.list({ limit: 9, ...filter }).then(({ items }) => items.map(({ webhookId }) => webhookId.slice(-1)));

    expect(await listed({ origin: 'delivery' })).toEqual(['3', '1']);
    expect(await listed({ origin: 'reconciliation' })).toEqual(['2']);
    expect((await home.store.list({ origin: 'reconciliation', limit: 9, lookAtMax: 1 })).scannedUntil).toEqual(
      expect.any(Number),
    );
  });

  test('lists by a handler that was called, and by what it came to', async () => {
    await using home = await open();
    for (const [number, outcome] of [
      [1, 'failed'],
      [2, 'done'],
    ] as const) {
      const insertion = webhookOf(number + 1);
      await home.store.insert(insertion);
      await home.store.change(insertion.webhook, 1, {
        status: outcome === 'failed' ? 'dead_lettered' : 'processed',
        attempts: 1,
        lastError: null,
        nextAttemptAt: null,
        effects: { ...NO_EFFECTS, handlers: [{ handler: 'shipOrder', event: 0, outcome, attempts: 1 }] },
        changedAt: NOW + 1,
        actor: { type: 'component', id: 'processor' },
        reason: null,
      });
    }
    await home.settle?.();
    const count = (name: string, outcome?: 'failed' | 'done') =>
      home.store.list({ handler: { name, outcome }, limit: 9 }).then(({ items }) => items.length);

    expect([await count('shipOrder'), await count('shipOrder', 'failed'), await count('bookSale')]).toEqual([2, 1, 0]);
  });

  test('lists by a destination that an event was put for, and not by how its name begins', async () => {
    await using home = await open();
    for (const [number, destinations] of [
      [2, ['ledger']],
      [3, ['ledger-2', 'bus']],
      [6, undefined],
    ] as const) {
      const insertion = webhookOf(number);
      await home.store.insert(insertion);
      const event = { type: 'payment.succeeded', paymentId: 'pi_1', news: 'news' } as const;
      await home.store.change(insertion.webhook, 1, {
        status: 'processed',
        attempts: 1,
        lastError: null,
        nextAttemptAt: null,
        effects: { ...NO_EFFECTS, events: [destinations === undefined ? event : { ...event, destinations }] },
        changedAt: NOW + 1,
        actor: { type: 'component', id: 'processor' },
        reason: null,
      });
    }
    await home.settle?.();
    const listed = async (destination: string) =>
      (await home.store.list({ destination, limit: 9 })).items.map(({ webhookId }) => webhookId);

    expect([await listed('ledger'), await listed('bus'), await listed('ship')]).toEqual([
      ['stripe:evt_2'],
      ['stripe:evt_3'],
      [],
    ]);
  });

  test('lists by cause, as a whole and by how it begins, and briefly what is listed at length', async () => {
    await using home = await open();
    for (const [number, error] of [
      [1, 'ship: Error: warehouse 7 is down'],
      [2, 'ship: Error: out of stock'],
    ] as const) {
      const insertion = webhookOf(number + 1);
      await home.store.insert(insertion);
      const failed = {
        at: NOW,
        outcome: 'retrying',
        durationMs: 1,
        reason: 'handler_failed',
        handler: 'ship',
        error,
      } as const;
      await home.store.change(insertion.webhook, 1, {
        status: 'retrying',
        attempts: 1,
        lastError: error,
        nextAttemptAt: NOW,
        effects: { ...NO_EFFECTS, history: [failed] },
        changedAt: NOW + 1,
        actor: { type: 'component', id: 'processor' },
        reason: null,
      });
    }
    await home.store.insert(webhookOf(6));
    await home.settle?.();
    const listed = (cause: string) =>
      home.store.list({ cause, limit: 9 }).then(({ items }) => items.map(({ webhookId }) => webhookId.slice(-1)));

    expect(await listed('handler_failed')).toEqual(['3', '2']);
    expect(await listed('handler_failed:ship:warehouse-is-down')).toEqual(['2']);
    expect(await listed('handler_failed:sh')).toEqual([]);
    const [atLength, brief] = await Promise.all([home.store.list({ limit: 9 }), home.store.listBrief({ limit: 9 })]);
    expect(atLength).toMatchObject(brief);
    expect(brief.items).toHaveLength(3);
    for (const filter of [{}, { status: 'retrying' }, { cause: 'handler_failed', lookAtMax: 1 }] as const) {
      for (let after: string | undefined, pages = 0; pages < 3; pages += 1) {
        const asked = { ...filter, limit: 1, after };
        const [page, inBrief] = await Promise.all([home.store.list(asked), home.store.listBrief(asked)]);
        expect(page).toMatchObject(inBrief);
        if (inBrief.next === null) break;
        after = inBrief.next;
      }
    }
  });

  test('refuses a cursor of another list', async () => {
    await using home = await open();

    for (const after of ['', 'cursor', cursorOf('payments', 1, 2), cursorOf('webhooks', 'one')]) {
      await expect(home.store.list({ limit: 1, after })).rejects.toMatchObject({ code: 'usage_wrong' });
    }
  });
};

/** Runs the suite against stores that `open` makes, each fresh and empty. */
export const describeWebhookRead = (name: string, open: OpenHome, options: ContractOptions = {}): void => {
  describe(`WebhookStore.get, find and list: ${name}`, () => {
    defineContract(options, (test) => {
      defineReadTests(test, open);
      defineListTests(test, open);
      definePageTests(test, open);
    });
  });
};
