import {
  DeleteItemCommand,
  GetItemCommand,
  type GetItemCommandInput,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apartItemOf, nameKey, ownerAttribute, paymentKey } from '../../../src/adapters/aws/payments/items.ts';
import { createDynamodbPaymentList } from '../../../src/adapters/aws/payments/list.ts';
import { packRecorded } from '../../../src/adapters/aws/payments/pack-events.ts';
import { createDynamodbPaymentStore } from '../../../src/adapters/aws/payments/payment-store.ts';
import { createMemoryPaymentStore } from '../../../src/adapters/memory/memory-payment-store.ts';
import { createSystemRandomness } from '../../../src/adapters/system/system-randomness.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import type { PaymentEvent } from '../../../src/payments/payment-event.ts';
import { recordEvents } from '../../../src/payments/record-events.ts';
import { type EventsOfPayment, paymentOf, summaryOf } from '../../../src/payments/reduce-payment.ts';
import { toldPlan } from '../../payments/told-plans.ts';
import { eventsOf, mapBody, paymentMapping, paypalEvent, stripeEvent } from '../../payments/webhooks.ts';
import { createTestClock, NOW } from '../../support/clock.ts';
import { loseAnswerOf } from './dynamodb-homes.ts';
import { type PaymentsTable, usePaymentsTables } from './payments-table.ts';

const openTable = usePaymentsTables();

const randomness = createSystemRandomness(createTestClock());
const storeOn = ({ client, tableName }: Pick<PaymentsTable, 'client' | 'tableName'>) =>
  createDynamodbPaymentStore({ client, tableName, randomness });

const changeOf = (events: readonly PaymentEvent[]): EventsOfPayment => {
  const [change] = paymentMapping.changesOf(events).payments;
  if (change === undefined) throw new Error('the webhook of a test is about a payment');
  return change;
};

const T0 = 1_772_368_000;
const stripe = (type: string, object: object, overrides: object = {}): EventsOfPayment =>
  changeOf(eventsOf(mapBody('stripe', stripeEvent(type, object, overrides))));
const intent = (type: string, at = T0, overrides: object = {}): EventsOfPayment =>
  stripe(type, { id: 'pi_1', amount: 1000, amount_received: 1000, currency: 'usd' }, { created: at, ...overrides });
const charge = (type: string, fields: object = {}): EventsOfPayment =>
  stripe(type, {
    id: 'ch_1',
    amount: 1000,
    amount_captured: 1000,
    amount_refunded: 0,
    captured: true,
    currency: 'usd',
    payment_intent: 'pi_1',
    ...fields,
  });
const USD = { currency_code: 'USD', value: '10.00' };
const paypal = (type: string, resource: object): EventsOfPayment =>
  changeOf(eventsOf(mapBody('paypal', paypalEvent(type, { amount: USD, ...resource }))));
const capture = (id: string, orderId: string | null): EventsOfPayment =>
  paypal('PAYMENT.CAPTURE.COMPLETED', {
    id,
    status: 'COMPLETED',
    ...(orderId === null ? {} : { supplementary_data: { related_ids: { order_id: orderId } } }),
  });

const itemIds = async ({ client, tableName }: PaymentsTable): Promise<readonly string[]> => {
  const { Items: items = [] } = await client.send(new ScanCommand({ TableName: tableName }));
  return items.map(({ id }) => id?.S ?? '').toSorted();
};

describe('createDynamodbPaymentStore', () => {
  test('reads one item and writes one for a webhook whose names are known: half a read unit, 1 write unit', async () => {
    await using table = await openTable();
    const store = storeOn(table);
    await store.apply(charge('charge.succeeded'), NOW);
    table.takeCalls();

    const applied = await store.apply(intent('payment_intent.succeeded'), NOW + 1);

    expect(table.takeCalls()).toEqual([
      { name: 'GetItem', units: 0.5 },
      { name: 'UpdateItem', units: 1 },
    ]);
    expect(applied).toMatchObject({ outcome: 'applied', payment: { status: 'succeeded', paymentId: 'pi_1' } });
  });

  test('loses nothing when it reads what a payment was a moment ago, or that there was none', async () => {
    await using table = await openTable();
    const store = storeOn(table);
    const itemNow = async () =>
      (await table.client.send(new GetItemCommand({ TableName: table.tableName, Key: { id: { S: nameKey('pi_1') } } })))
        .Item;
    const lagging = (stale: Awaited<ReturnType<typeof itemNow>>) => {
      let staleReads = 0;
      const getItem = (input: GetItemCommandInput) => {
        if (input.ConsistentRead === true) return table.client.getItem(input);
        staleReads += 1;
        return Promise.resolve({ $metadata: {}, ...(stale === undefined ? {} : { Item: stale }) });
      };
      const calls = Object.assign(Object.create(table.client), { getItem });
      return { store: storeOn({ client: calls, tableName: table.tableName }), staleReads: () => staleReads };
    };
    const [created, processing, succeeded, capturable] = [
      intent('payment_intent.created', T0),
      intent('payment_intent.processing', T0 + 1),
      intent('payment_intent.succeeded', T0 + 2),
      intent('payment_intent.amount_capturable_updated', T0 + 3),
    ] as const;
    await store.apply(created, NOW);
    const before = await itemNow();
    await store.apply(processing, NOW + 1);

    for (const [stale, change] of [
      [before, succeeded],
      [undefined, capturable],
    ] as const) {
      const { store: late, staleReads } = lagging(stale);
      await late.apply(change, NOW + 2);
      expect(staleReads()).toBe(1);
    }

    table.takeCalls();
    for (const change of [created, processing, succeeded, capturable]) await store.apply(change, NOW + 3);
    expect(
      table.takeCalls().map(({ name }) => name),
      'all of them are there: nothing is written',
    ).toEqual(Array(4).fill('GetItem'));
  });

  test('stores the first webhook of a payment with one name in one item: 2 write units, with the list', async () => {
    await using table = await openTable();

    await storeOn(table).apply(intent('payment_intent.created'), NOW);

    expect(table.takeCalls()).toEqual([
      { name: 'GetItem', units: expect.any(Number) },
      { name: 'UpdateItem', units: 2 },
    ]);
    expect(await itemIds(table)).toEqual([nameKey('pi_1')]);
  });

  test('adds a name to a payment by a write of its item, before the one of the payment: 1 write unit each', async () => {
    await using table = await openTable();
    const store = storeOn(table);
    await store.apply(intent('payment_intent.created'), NOW);
    table.takeCalls();

    await store.apply(charge('charge.succeeded'), NOW + 1);

    expect(table.takeCalls().filter(({ name }) => name !== 'GetItem' && name !== 'BatchGetItem')).toEqual([
      { name: 'UpdateItem', units: 1 },
      { name: 'UpdateItem', units: 1 },
    ]);
    expect(await itemIds(table)).toEqual([nameKey('ch_1'), nameKey('pi_1')]);
    expect(await store.find('ch_1')).toEqual(await store.find('pi_1'));
  });

  test('stores a payment that begins with several names in one transaction', async () => {
    await using table = await openTable();

    await storeOn(table).apply(charge('charge.succeeded'), NOW);

    expect(table.takeCalls().map(({ name }) => name)).toEqual(['GetItem', 'BatchGetItem', 'TransactWriteItems']);
    expect(await itemIds(table)).toEqual([nameKey('ch_1'), nameKey('pi_1')]);
  });

  test('writes nothing for a webhook that was applied before, and gives the answer of the first time', async () => {
    await using table = await openTable();
    const store = storeOn(table);
    const change = charge('charge.succeeded');
    const first = await store.apply(change, NOW);
    table.takeCalls();

    expect(await store.apply(change, NOW + 1)).toEqual(first);

    expect(table.takeCalls().map(({ name }) => name)).toEqual(['GetItem']);
  });

  test('keeps apart the payments of two accounts that have one id, and finds both', async () => {
    await using table = await openTable();
    const store = storeOn(table);

    await store.apply(intent('payment_intent.succeeded', T0, { account: 'acct_1' }), NOW);
    await store.apply(intent('payment_intent.created', T0, { account: 'acct_2' }), NOW + 1);

    expect((await store.find('pi_1')).map(({ payment }) => [payment.account, payment.status])).toEqual([
      ['acct_2', 'created'],
      ['acct_1', 'succeeded'],
    ]);
    expect((await store.list({ limit: 10 })).items.map(({ payment }) => payment.account)).toEqual(['acct_2', 'acct_1']);
    expect(await itemIds(table)).toEqual(
      [nameKey('pi_1'), paymentKey({ provider: 'stripe', account: 'acct_2' }, 'pi_1')].toSorted(),
    );
  });

  test('joins payments that turn out to be one: the oldest stays, and every name leads to it', async () => {
    await using table = await openTable();
    const store = storeOn(table);
    await store.apply(
      paypal('CHECKOUT.ORDER.APPROVED', { id: 'ORDER-1', intent: 'CAPTURE', purchase_units: [{ amount: USD }] }),
      NOW,
    );
    await store.apply(capture('CAPTURE-1', null), NOW + 1);
    expect(await store.find('CAPTURE-1')).toHaveLength(1);

    await store.apply(capture('CAPTURE-1', 'ORDER-1'), NOW + 2);

    const [payment, ...others] = await store.find('CAPTURE-1');
    expect(others).toEqual([]);
    expect(payment).toMatchObject({ storedAt: NOW, changedAt: NOW + 2, payment: { paymentId: 'ORDER-1' } });
    expect(await store.find('ORDER-1')).toEqual([payment]);
    expect((await store.list({ limit: 10 })).items).toEqual([payment]);
    expect(await itemIds(table)).toEqual([nameKey('CAPTURE-1'), nameKey('ORDER-1')]);
  });

  test('loses nothing of twenty webhooks of one payment that come at the same moment', async () => {
    await using table = await openTable();
    const store = storeOn(table);
    const changes = Array.from({ length: 20 }, (_, index) => intent('payment_intent.payment_failed', T0 + index));

    await Promise.all(changes.map((change) => store.apply(change, NOW)));

    const [payment] = await store.find('pi_1');
    expect(payment?.payment.history).toHaveLength(20);
  });

  test('loses nothing when webhooks with different names of one payment come at the same moment', async () => {
    await using table = await openTable();
    const store = storeOn(table);
    const changes = Array.from({ length: 5 }, (_, index) => [
      capture(`CAPTURE-${index}`, null),
      capture(`CAPTURE-${index}`, 'ORDER-1'),
    ]).flat();

    await Promise.all(changes.map((change, index) => store.apply(change, NOW + index)));

    const [payment, ...others] = await store.find('ORDER-1');
    expect(others).toEqual([]);
    expect(payment?.payment.history).toHaveLength(10);
    for (let index = 0; index < 5; index += 1) expect(await store.find(`CAPTURE-${index}`)).toEqual([payment]);
    expect((await store.list({ limit: 10 })).items).toEqual([payment]);
  });

  test('applies a webhook to the payment that its own was joined to meanwhile', async () => {
    await using table = await openTable();
    const store = storeOn(table);
    await store.apply(capture('CAPTURE-1', null), NOW + 1);
    await store.apply(capture('CAPTURE-2', 'ORDER-1'), NOW);
    table.before('UpdateItem', () => store.apply(capture('CAPTURE-1', 'ORDER-1'), NOW + 2));

    await store.apply(capture('CAPTURE-1', null), NOW + 3);

    const [payment, ...others] = await store.find('CAPTURE-1');
    expect(others).toEqual([]);
    expect(payment?.payment.history).toHaveLength(4);
  });

  for (const [name, count] of [
    ['UpdateItemCommand', 2],
    ['UpdateItemCommand', 1],
  ] as const) {
    for (const isRepeated of [false, true]) {
      const how = isRepeated ? 'is repeated by the client' : 'is not heard of';
      test(`applies once when the answer of ${name} is lost and the call ${how}`, async () => {
        await using table = await openTable();
        const store = storeOn(table);
        if (count === 2) await store.apply(charge('charge.succeeded'), NOW);
        const change = intent('payment_intent.succeeded', T0 + 1000);
        const lost = loseAnswerOf(table.client, name, { isRepeated });

        const first = store.apply(change, NOW + 1);
        if (isRepeated) await first;
        else await expect(first).rejects.toMatchObject({ code: 'store_unavailable' });
        const again = await store.apply(change, NOW + 2);

        expect(lost()).toBe(1);
        expect(again).toMatchObject({ outcome: 'applied', received: [{ news: count === 1 ? 'news' : 'repeated' }] });
        const [payment] = await store.find('pi_1');
        expect(payment).toMatchObject({ changedAt: NOW + 1 });
        expect(payment?.payment.history).toHaveLength(count);
      });
    }
  }

  test('finds a payment by a name whose writer came no further, and adds the name with the next webhook', async () => {
    await using table = await openTable();
    const store = storeOn(table);
    await store.apply(intent('payment_intent.created'), NOW);
    let updates = 0;
    table.client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === 'UpdateItemCommand') updates += 1;
        if (updates === 2) throw Object.assign(new Error('gone'), { name: 'TimeoutError' });
        return next(args);
      },
      { step: 'initialize', name: 'dieBetween' },
    );
    await expect(store.apply(charge('charge.succeeded'), NOW + 1)).rejects.toMatchObject({ code: 'store_unavailable' });
    table.client.middlewareStack.remove('dieBetween');

    expect(await store.find('ch_1')).toEqual(await store.find('pi_1'));
    await store.apply(charge('charge.succeeded', { payment_intent: null }), NOW + 2);

    const [payment, ...others] = await store.find('pi_1');
    expect(others).toEqual([]);
    expect(payment?.payment.history).toHaveLength(2);
    expect((await store.list({ limit: 10 })).items).toEqual([payment]);
  });

  test('follows a name that was added to a payment while it was joined to another', async () => {
    await using table = await openTable();
    const store = storeOn(table);
    await store.apply(capture('CAPTURE-1', null), NOW);
    await store.apply(capture('CAPTURE-2', 'ORDER-1'), NOW - 1);
    await store.apply(capture('CAPTURE-1', 'ORDER-1'), NOW + 1);
    await table.client.send(
      new PutItemCommand({
        TableName: table.tableName,
        Item: {
          id: { S: nameKey('LATE-1') },
          [ownerAttribute({ provider: 'paypal', account: null })]: { S: 'CAPTURE-1' },
        },
      }),
    );

    const [payment] = await store.find('ORDER-1');
    expect(await store.find('LATE-1')).toEqual([payment]);
    await store.apply(capture('LATE-1', null), NOW + 2);

    const [joined, ...others] = await store.find('LATE-1');
    expect(others).toEqual([]);
    expect(joined?.payment.history).toHaveLength(4);
    expect((await store.list({ limit: 10 })).items).toEqual([joined]);
  });

  /** As a release before 0.2 wrote it. */
  const putApart = async ({ client, tableName }: PaymentsTable, change: EventsOfPayment, anchor: string) => {
    const result = recordEvents([], change);
    if (result.outcome === 'too_many_events') throw new Error('one webhook is not too many');
    const names = change.names.map(({ id }) => id);
    const payment = { anchor, names, storedAt: NOW - 1000, changedAt: NOW - 1000, revision: 1 };
    const packed = packRecorded(result.recorded) ?? new Uint8Array();
    const pointers = names.map((name) => ({ id: { S: nameKey(name) }, [ownerAttribute(change)]: { S: anchor } }));
    for (const item of [apartItemOf(change, payment, packed, summaryOf(change.events)), ...pointers]) {
      await client.send(new PutItemCommand({ TableName: tableName, Item: item }));
    }
  };

  test('goes on with a payment that stands apart, where it is', async () => {
    await using table = await openTable();
    const store = storeOn(table);
    await putApart(table, intent('payment_intent.created'), 'pi_1');

    await store.apply(charge('charge.succeeded'), NOW);

    const [payment, ...others] = await store.find('ch_1');
    expect(others).toEqual([]);
    expect(payment).toMatchObject({ storedAt: NOW - 1000, payment: { status: 'succeeded' } });
    expect(payment?.payment.history).toHaveLength(2);
    expect((await store.list({ limit: 10 })).items).toEqual([payment]);
    expect(await itemIds(table)).toEqual(
      [nameKey('ch_1'), nameKey('pi_1'), paymentKey({ provider: 'stripe', account: null }, 'pi_1')].toSorted(),
    );
  });

  test('joins a payment that stands apart and one that does not', async () => {
    await using table = await openTable();
    const store = storeOn(table);
    await putApart(table, capture('CAPTURE-2', 'ORDER-1'), 'ORDER-1');
    await store.apply(capture('CAPTURE-1', null), NOW);

    await store.apply(capture('CAPTURE-1', 'ORDER-1'), NOW + 1);

    const [payment, ...others] = await store.find('CAPTURE-1');
    expect(others).toEqual([]);
    expect(payment?.payment.history).toHaveLength(3);
    for (const name of ['ORDER-1', 'CAPTURE-2']) expect(await store.find(name)).toEqual([payment]);
    expect((await store.list({ limit: 10 })).items).toEqual([payment]);
  });

  test('says store_busy when others change the payment each time', async () => {
    await using table = await openTable();
    const store = createDynamodbPaymentStore({ ...table, randomness: { fraction: () => 0 } });
    await store.apply(intent('payment_intent.created'), NOW);
    table.client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === 'UpdateItemCommand') {
          throw Object.assign(new Error('refused'), { name: 'ConditionalCheckFailedException' });
        }
        return next(args);
      },
      { step: 'initialize', name: 'alwaysLate' },
    );

    await expect(store.apply(intent('payment_intent.succeeded'), NOW)).rejects.toMatchObject({
      code: 'store_busy',
      isRetryable: true,
    });
  });

  test('holds as many events as a payment may have in one item, and refuses the next', async () => {
    await using table = await openTable();
    const store = storeOn(table);
    const change = (index: number): EventsOfPayment =>
      charge('charge.refunded', { amount_refunded: 1, customer: `cus_${index}${randomness.id()}` });
    const changes = Array.from({ length: LIMITS.paymentEventsMax }, (_, index) => change(index));
    const [first, ...others] = changes;
    if (first === undefined) throw new Error('a payment may have events');

    await store.apply({ ...first, events: changes.flatMap(({ events }) => events) }, NOW);

    const [payment] = await store.find('pi_1');
    expect(payment?.payment.history).toHaveLength(LIMITS.paymentEventsMax);
    expect(payment?.payment).toEqual(paymentOf([first, ...others].flatMap(({ events }) => events)).view);
    expect(await store.apply(change(-1), NOW)).toEqual({ outcome: 'too_many_events' });
    expect(await store.find('pi_1')).toEqual([payment]);
    const { Item: item } = await table.client.send(
      new GetItemCommand({ TableName: table.tableName, Key: { id: { S: nameKey('pi_1') } } }),
    );
    expect(item?.events?.B?.length).toBeLessThan(100 * 1024);
  }, 120_000);

  test('says which item something else has written, and what to do', async () => {
    await using table = await openTable();
    const store = storeOn(table);
    const change = charge('charge.succeeded');
    await store.apply(change, NOW);
    const key = nameKey('pi_1');
    const owner = ownerAttribute(change);
    const broken = {
      ...{ id: { S: key }, [owner]: { S: 'pi_1' }, paymentOf: { S: owner } },
      ...{ storedAt: { N: String(NOW) }, events: { S: 'none' } },
    };
    await table.client.send(
      new PutItemCommand({ TableName: table.tableName, Item: { ...broken, listShard: { N: '0' } } }),
    );

    for (const call of [() => store.apply(change, NOW), () => store.find('ch_1'), () => store.list({ limit: 1 })]) {
      await expect(call()).rejects.toMatchObject({
        code: 'store_damaged',
        message: expect.stringContaining(`item ${key} of table ${table.tableName} cannot be read`),
      });
    }
  });

  test('says which name leads to no payment when somebody has removed the payment', async () => {
    await using table = await openTable();
    const store = createDynamodbPaymentStore({ ...table, randomness: { fraction: () => 0 } });
    const change = charge('charge.succeeded');
    await store.apply(change, NOW);
    const Key = { id: { S: nameKey('pi_1') } };
    await table.client.send(new DeleteItemCommand({ TableName: table.tableName, Key }));

    await expect(store.apply(change, NOW)).rejects.toMatchObject({
      code: 'store_damaged',
      message: expect.stringContaining(`item ${nameKey('pi_1')} of table`),
    });
    expect(await store.find('pi_1')).toEqual([]);
  });

  test('lists by provider and status, newest first, beyond one page', async () => {
    await using table = await openTable();
    const store = storeOn(table);
    for (let index = 0; index < 120; index += 1) {
      const type = index === 3 ? 'payment_intent.succeeded' : 'payment_intent.created';
      const object = { id: `pi_${index}`, amount: 1000, amount_received: 1000, currency: 'usd' };
      await store.apply(stripe(type, object), NOW + index);
    }
    await store.apply(capture('CAPTURE-1', null), NOW);

    expect((await store.list({ limit: 1000 })).items.map(({ storedAt }) => storedAt)).toEqual([
      ...Array.from({ length: 120 }, (_, index) => NOW + 119 - index),
      NOW,
    ]);
    expect((await store.list({ limit: 2 })).items.map(({ payment }) => payment.paymentId)).toEqual([
      'pi_119',
      'pi_118',
    ]);
    expect((await store.list({ provider: 'paypal', limit: 10 })).items).toMatchObject([
      { payment: { provider: 'paypal' } },
    ]);
    expect((await store.list({ status: 'succeeded', provider: 'stripe', limit: 1 })).items).toMatchObject([
      { payment: { paymentId: 'pi_3' } },
    ]);
    expect((await store.list({ since: NOW + 5, until: NOW + 7, limit: 10 })).items).toMatchObject([
      { payment: { paymentId: 'pi_6' } },
      { payment: { paymentId: 'pi_5' } },
    ]);
    const looked = await createDynamodbPaymentList(table)({ status: 'reversed', limit: 1, lookAtMax: 50 });
    expect(looked).toMatchObject({ items: [], next: expect.any(String), scannedUntil: expect.any(Number) });
  });
});

describe('createDynamodbPaymentStore and createMemoryPaymentStore', () => {
  test('answer the same for lives of payments, in whatever order and however often webhooks arrive', async () => {
    await using table = await openTable();
    const [stored, remembered] = [storeOn(table), createMemoryPaymentStore()];
    const arrivals = fc
      .array(toldPlan, { minLength: 6, maxLength: 6 })
      .map((lives) => lives.flatMap(({ webhooks }) => webhooks))
      .chain((webhooks) =>
        fc.tuple(fc.shuffledSubarray(webhooks, { minLength: webhooks.length }), fc.shuffledSubarray(webhooks)),
      );
    const changes = fc
      .sample(arrivals, { numRuns: 3, seed: 1 })
      .flatMap(([each, again]) => [...each, ...again])
      .flatMap((events) => paymentMapping.changesOf(events).payments);
    const ids = new Set(changes.flatMap(({ names }) => names.map(({ id }) => id)));
    expect(changes.length).toBeGreaterThan(50);

    for (const [index, change] of changes.entries()) {
      expect(await stored.apply(change, NOW + index)).toEqual(await remembered.apply(change, NOW + index));
    }

    for (const id of ids) expect(await stored.find(id)).toEqual(await remembered.find(id));
    expect((await stored.list({ limit: 1000 })).items).toEqual((await remembered.list({ limit: 1000 })).items);
  });
});
