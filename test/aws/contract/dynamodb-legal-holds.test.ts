import { deflateRawSync } from 'node:zlib';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { readRecord, webhookChain } from '../../../src/audit/audit.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { DAY_MS } from '../../../src/core/time.ts';
import { changeTo, describeLegalHolds, insertProcessed } from '../../contract/legal-holds-contract.ts';
import { NOW } from '../../support/clock.ts';
import { insertionOf } from '../../support/insertion.ts';
import { DYNAMODB_LEGAL_HOLDS } from './dynamodb-legal-holds.ts';

const { name } = DYNAMODB_LEGAL_HOLDS;
const { open } = DYNAMODB_LEGAL_HOLDS.use();

describeLegalHolds(name, open);

const { webhook } = insertionOf();
const KEY = { webhookId: { S: webhook.webhookId }, timestamp: { N: String(webhook.timestamp) } };
const HOLD = {
  kind: 'webhook',
  id: webhook.webhookId,
  reason: 'dispute 4711',
  heldAt: NOW,
  heldBy: 'arn:aws:sts::123456789012:assumed-role/on-call/alice',
} as const;

type Home = Awaited<ReturnType<typeof open>>;

const itemOf = async ({ client, webhookTable }: Home) =>
  (await client.getItem({ TableName: webhookTable, Key: KEY, ConsistentRead: true })).Item ?? {};

/** The list of holds, written by whoever came no further. */
const putList = ({ client, webhookTable }: Home, holds: readonly object[]) =>
  client.putItem({
    TableName: webhookTable,
    Item: {
      webhookId: { S: 'legal-holds:all' },
      timestamp: { N: '0' },
      holds: { B: deflateRawSync(JSON.stringify(holds)) },
      writes: { N: '7' },
    },
  });

const eventsOf = async (home: Home) => {
  await home.settle();
  const chain = await home.auditLog.chain(webhookChain(webhook.webhookId, webhook.timestamp), 50);
  return chain.map(readRecord);
};

describe('a legal hold on DynamoDB', () => {
  test('takes the time to live off the item, and puts it back as it was', async () => {
    await using home = await open();
    await insertProcessed(home, 'evt_1', 'pi_1');
    const before = await itemOf(home);

    await home.legalHolds.add(HOLD);
    expect(await itemOf(home)).not.toHaveProperty('expiresAt');
    await home.settle();
    home.clock.advance(DAY_MS);
    const removal = { id: HOLD.id, reason: 'settled', removedAt: home.clock.now(), removedBy: HOLD.heldBy };
    await home.legalHolds.remove(removal);

    expect((await itemOf(home)).expiresAt).toEqual(before.expiresAt);
    const actor = { type: 'operator', id: HOLD.heldBy };
    expect((await eventsOf(home)).slice(2)).toMatchObject([
      { event: 'LEGAL_HOLD_ADDED', actor, reason: 'webhook stripe:evt_1: dispute 4711', change: null },
      { event: 'LEGAL_HOLD_REMOVED', actor, reason: 'settled', change: null },
    ]);
    expect(home.unexplained).toEqual([]);
  });

  test.each([
    ['takes time to live away', 'REMOVE expiresAt', {}],
    ['ends a hold', 'SET expiresAt = :soon REMOVE #hold.expiresAt', { ':soon': { N: '1' } }],
    ['edits a hold', 'SET #hold.reason = :soon', { ':soon': { S: 'another one' } }],
  ])('made by hand is found: somebody %s', async (_, UpdateExpression, values) => {
    await using home = await open();
    await insertProcessed(home, 'evt_1', 'pi_1');
    if (UpdateExpression.includes('#hold')) await home.legalHolds.add(HOLD);
    await home.settle();
    expect(home.unexplained).toEqual([]);

    await home.client.send(
      new UpdateItemCommand({
        TableName: home.webhookTable,
        Key: KEY,
        UpdateExpression,
        ...(UpdateExpression.includes('#hold') ? { ExpressionAttributeNames: { '#hold': 'hold' } } : {}),
        ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
      }),
    );
    await home.settle();

    expect(home.unexplained).toMatchObject([{ event: 'UNEXPLAINED_CHANGE', resource: { id: webhook.webhookId } }]);
  });

  test('and a change at the same time are both in the trail, whichever came first', async () => {
    await using home = await open();
    await insertProcessed(home, 'evt_1', 'pi_1');
    for (let round = 0; round < 10; round += 1) {
      const { revision = 0 } = (await home.store.get(webhook)) ?? {};
      const isHeld = round % 2 === 0;
      const removal = { id: HOLD.id, reason: 'settled', removedAt: NOW + round, removedBy: 'bob' };
      const [changed] = await Promise.all([
        home.store.change(webhook, revision, changeTo(round % 2 === 0 ? 'received' : 'processed', NOW + round)),
        isHeld ? home.legalHolds.add(HOLD) : home.legalHolds.remove(removal),
      ]);
      expect(changed).toMatchObject({ outcome: 'changed' });
    }

    const records = await eventsOf(home);
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 1));
    expect(records).toHaveLength(2 + 20);
    expect(home.unexplained).toEqual([]);
  });

  test('that died between its list and its webhooks is finished by whoever asks again, and within the hour', async () => {
    await using home = await open();
    await insertProcessed(home, 'evt_1', 'pi_1');
    await putList(home, [HOLD]);
    expect(await itemOf(home)).toHaveProperty('expiresAt');

    await home.passAnHour();
    expect(await itemOf(home)).not.toHaveProperty('expiresAt');
    expect(await home.legalHolds.add(HOLD)).toBe('there');
    expect((await eventsOf(home)).at(-1)).toMatchObject({ actor: { type: 'component', id: 'legal-holds' } });
  });

  test('of which there are as many as there may be is refused, and the list of all of them fits into its item', async () => {
    await using home = await open();
    const holds = Array.from({ length: LIMITS.legalHoldsMax }, (_, index) => ({
      ...HOLD,
      id: `stripe:evt_held_${index}`,
    }));
    await putList(home, holds);

    expect(await home.legalHolds.add(HOLD)).toBe('full');
    expect(await home.legalHolds.list()).toHaveLength(LIMITS.legalHoldsMax);
    await home.settle();
    expect([home.unexplained, (await home.store.list({ limit: 5 })).items]).toEqual([[], []]);
  });
});
