/**
 * Legal holds on DynamoDB, where time to live removes items by itself: what is held has none. One item of the table lists the
 * holds; each webhook that one of them holds says so itself. Webhooks that come later, of a payment that is held, are held by
 * `createRenewLegalHolds`, long before their time ends.
 */
import assert from 'node:assert/strict';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { AuditAppend } from '../../../audit/audit-log.ts';
import { entryForHold, entryForRemovedHold } from '../../../audit/hold-entries.ts';
import { PayhookError } from '../../../core/errors.ts';
import { LIMITS } from '../../../core/limits.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { LegalHold, LegalHolds } from '../../../core/ports/legal-holds.ts';
import type { WebhookStore } from '../../../core/ports/webhook-store.ts';
import { MINUTE_MS } from '../../../core/time.ts';
import type { Actor, Webhook } from '../../../core/webhook.ts';
import type { PaymentStore } from '../../../payments/payment-store.ts';
import { webhookIdsOf } from '../../../payments/webhooks-of-payment.ts';
import { storeError, unreadableItem } from '../dynamodb/errors.ts';
import { bytes, number, requiredBytes, requiredNumber } from '../dynamodb/values.ts';
import { isAwsError } from '../errors.ts';
import { pauseAfter, TRIES_MAX } from '../payments/if-unchanged.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { type HoldWebhookDeps, holdWebhook } from './hold-webhook.ts';
import { keyItem, LEGAL_HOLDS_ID } from './write-item.ts';

export interface DynamodbHeldDeps extends HoldWebhookDeps {
  readonly store: Pick<WebhookStore, 'find'>;
  readonly payments: Pick<PaymentStore, 'find'>;
  readonly clock: Pick<Clock, 'now'>;
}

export interface DynamodbLegalHoldsDeps extends DynamodbHeldDeps {
  readonly client: Pick<DynamodbCalls, 'getItem' | 'updateItem' | 'putItem'>;
  readonly auditLog: AuditAppend;
}

export const createDynamodbLegalHolds = (deps: DynamodbLegalHoldsDeps): LegalHolds => ({
  list: async () => (await readList(deps)).holds,
  async add(hold) {
    const { holds } = await readList(deps);
    const there = holds.find(({ id }) => id === hold.id);
    if (there === undefined) {
      if (holds.length >= LIMITS.legalHoldsMax) return 'full';
      await deps.auditLog.append([entryForHold(hold)]);
      await changeList(deps, (before) => [hold, ...before.filter(({ id }) => id !== hold.id)]);
    }
    // Also what an earlier call did not come to.
    await holdAll(deps, there ?? hold, { type: 'operator', id: (there ?? hold).heldBy });
    return there === undefined ? 'added' : 'there';
  },
  async remove(removal) {
    const { id, reason, removedAt, removedBy } = removal;
    const { holds } = await readList(deps);
    const isThere = holds.some((hold) => hold.id === id);
    if (isThere) {
      await deps.auditLog.append([entryForRemovedHold(removal)]);
      await changeList(deps, (before) => before.filter((hold) => hold.id !== id));
    }
    // Also what an earlier call did not come to.
    const others = holds.filter((hold) => hold.id !== id);
    let released = 0;
    for (const webhook of [...(await deps.store.find(id)), ...(await webhooksOfPayment(deps, id))]) {
      if (await isHeldBy(deps, webhook, others)) continue;
      const hold = { isHeld: false, at: removedAt, actor: { type: 'operator', id: removedBy }, reason } as const;
      if (await holdWebhook(deps, webhook, hold)) released += 1;
    }
    return isThere || released > 0;
  },
});

/** Parts that the list is gone through in, one a minute. */
const PARTS = 60;

/**
 * Returns `renew()`: holds what is not held yet of the holds whose turn it is at this minute, so that in an hour all had
 * theirs. Resolves to how many webhooks that were. Throws store codes; the next hour does what this one did not come to.
 */
export const createRenewLegalHolds = (deps: DynamodbHeldDeps) => async (): Promise<number> => {
  const { holds } = await readList(deps);
  const turn = Math.floor(deps.clock.now() / MINUTE_MS) % PARTS;
  let count = 0;
  for (const hold of holds.filter((_, index) => index % PARTS === turn)) {
    count += await holdAll(deps, hold, { type: 'component', id: 'legal-holds' });
  }
  return count;
};

const holdAll = async (deps: DynamodbHeldDeps, hold: LegalHold, actor: Actor): Promise<number> => {
  const webhooks = hold.kind === 'webhook' ? await deps.store.find(hold.id) : await webhooksOfPayment(deps, hold.id);
  let count = 0;
  for (const webhook of webhooks) {
    const asked = { isHeld: true, at: deps.clock.now(), actor, reason: `${hold.kind} ${hold.id}: ${hold.reason}` };
    if (await holdWebhook(deps, webhook, asked)) count += 1;
  }
  return count;
};

/** Of the payments that have this name, each webhook once. */
const webhooksOfPayment = async ({ store, payments }: DynamodbHeldDeps, name: string): Promise<readonly Webhook[]> => {
  const found = await payments.find(name);
  const webhooks: Webhook[] = [];
  for (const id of new Set(found.flatMap(({ payment }) => webhookIdsOf(payment)))) {
    webhooks.push(...(await store.find(id)));
  }
  return webhooks;
};

const isHeldBy = async (deps: DynamodbHeldDeps, webhook: Webhook, holds: readonly LegalHold[]): Promise<boolean> => {
  if (holds.some(({ kind, id }) => kind === 'webhook' && id === webhook.webhookId)) return true;
  const held = new Set(holds.flatMap(({ kind, id }) => (kind === 'payment' ? [id] : [])));
  if (held.size === 0) return false;
  for (const { paymentId } of webhook.effects.events) {
    const found = paymentId === null ? [] : await deps.payments.find(paymentId);
    if (found.some(({ payment: { names } }) => names.some(({ id }) => held.has(id)))) return true;
  }
  return false;
};

const LIST_KEY = keyItem({ webhookId: LEGAL_HOLDS_ID, timestamp: 0 });
/** An item holds 400 KB. */
const LIST_BYTES_MAX = 4 * 1024 * 1024;

interface HoldList {
  readonly holds: readonly LegalHold[];
  /** Counts writes, from 1; 0 while there is no list. */
  readonly writes: number;
}

const readList = async ({ client, tableName }: Pick<DynamodbHeldDeps, 'client' | 'tableName'>): Promise<HoldList> => {
  const { Item: item } = await client
    .getItem({ TableName: tableName, Key: LIST_KEY, ConsistentRead: true })
    .catch(storeError(tableName));
  if (item === undefined) return { holds: [], writes: 0 };
  try {
    const text = inflateRawSync(requiredBytes(item, 'holds'), { maxOutputLength: LIST_BYTES_MAX }).toString('utf8');
    const holds: unknown = JSON.parse(text);
    assert(Array.isArray(holds), 'the holds are a list');
    return { holds, writes: requiredNumber(item, 'writes') };
  } catch (cause) {
    throw unreadableItem(tableName, LEGAL_HOLDS_ID, cause, 'take it from a restored copy of the table');
  }
};

const changeList = async (
  { client, tableName, randomness }: DynamodbLegalHoldsDeps,
  change: (holds: readonly LegalHold[]) => readonly LegalHold[],
): Promise<void> => {
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    const { holds, writes } = await readList({ client, tableName });
    try {
      await client.putItem({
        TableName: tableName,
        Item: {
          ...LIST_KEY,
          holds: bytes(deflateRawSync(JSON.stringify(change(holds)))),
          writes: number(writes + 1),
        },
        ConditionExpression: writes === 0 ? 'attribute_not_exists(webhookId)' : 'writes = :writes',
        ...(writes === 0 ? {} : { ExpressionAttributeValues: { ':writes': number(writes) } }),
      });
      return;
    } catch (error) {
      if (!isAwsError(error, 'ConditionalCheckFailedException')) storeError(tableName)(error);
    }
    await pauseAfter(tries, randomness);
  }
  throw new PayhookError(
    'store_busy',
    `the legal holds in table ${tableName} were changed by others each of ${TRIES_MAX} times: try again later`,
  );
};
