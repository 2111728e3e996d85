/** Write and read units that DynamoDB charges for one webhook, as DynamoDB Local counts them on the real adapters. */

import { DynamoDB } from '@aws-sdk/client-dynamodb';
import type { WarmUnits } from '../infra/peak/size-peak.ts';
import { createDynamodbAuditLog } from '../src/adapters/aws/audit/audit-log.ts';
import { readChange, type StreamRecord } from '../src/adapters/aws/audit/change-feed.ts';
import { createDynamodbPaymentStore } from '../src/adapters/aws/payments/payment-store.ts';
import { createDynamodbWebhookStore } from '../src/adapters/aws/webhooks/webhook-store.ts';
import { insertedItem } from '../src/adapters/aws/webhooks/write-item.ts';
import { createMemoryDataKeySource } from '../src/adapters/memory/memory-data-key-source.ts';
import { createMemoryDigestAnchor, createMemoryDigestSigner } from '../src/adapters/memory/memory-digest-keys.ts';
import { createMemoryLogger } from '../src/adapters/memory/memory-recorders.ts';
import { systemClock } from '../src/adapters/system/system-clock.ts';
import { createSystemRandomness } from '../src/adapters/system/system-randomness.ts';
import type { LinkedEntry } from '../src/audit/audit.ts';
import { createCloseDigests } from '../src/audit/digests.ts';
import { FIRST_ROUND } from '../src/core/effects.ts';
import type { Randomness } from '../src/core/ports/randomness.ts';
import type { Insertion } from '../src/core/ports/webhook-store.ts';
import { createEncryptPayload, createSeal } from '../src/core/seal.ts';
import { secretIdOf } from '../src/core/secret-id.ts';
import { createPaymentMapping } from '../src/payments/map-webhook.ts';
import { MAPPINGS } from '../src/providers/mappings.ts';
import { stripe } from '../src/providers/stripe/stripe.ts';
import { createReceive } from '../src/receive/receive.ts';
import { createStreamReader, createTables } from '../test/aws/contract/dynamodb-homes.ts';
import { createPaymentsTable } from '../test/aws/contract/payments-table.ts';
import { startDynamodbLocal } from '../test/aws/servers/dynamodb-local.ts';
import { emulatorClientOptions } from '../test/aws/tools/emulator-clients.ts';
import { createDeliveries, SIGNING_SECRET, STRIPE_SETTINGS } from './deliveries.ts';
import { createLives } from './payment-costs.ts';

export interface TableUnits {
  /** Of a webhook that is received, processed, audited and covered by a digest, without its payment. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Of applying a webhook to its payment, on average over the lives of payments. */
  readonly paymentWriteUnits: number;
  readonly paymentReadUnits: number;
  /** The same by table, and by index as `table/index`: each has throughput of its own. */
  readonly byTable: Readonly<Record<string, WarmUnits>>;
  readonly payloadBytes: number;
  /** Of the item, names included. */
  readonly storedBytes: number;
}

/** Records that one call of the audit-logger gets at most. */
const STREAM_BATCH = 100;
/** Lives of payments: all kinds of the scenario ten times. */
const LIVES = 70;
const RETENTION_MS = 400 * 24 * 60 * 60 * 1000;

/** Receives, processes and audits `count` webhooks with the real store and trail; units are per webhook. */
export const measureTableUnits = async (count: number): Promise<TableUnits> => {
  await using server = await startDynamodbLocal();
  const client = new DynamoDB(emulatorClientOptions(server.url));
  const streamArn = await createTables(client, 'webhooks', 'audit');
  const units = countUnits(client);
  const randomness = createSystemRandomness(systemClock);
  const store = createDynamodbWebhookStore({ client, tableName: 'webhooks', randomness });
  const auditLog = createDynamodbAuditLog({
    client,
    auditTable: 'audit',
    webhookTable: 'webhooks',
    clock: systemClock,
    randomness,
  });
  const insertions: Insertion[] = [];
  const receive = createReceive({
    providers: new Map([['stripe', { provider: stripe, settings: STRIPE_SETTINGS }]]),
    secrets: { secretsOf: async () => [{ id: secretIdOf('stripe', SIGNING_SECRET), value: SIGNING_SECRET }] },
    certificates: { fetch: async () => ({ outcome: 'unavailable', reason: 'not asked for' }) },
    seal: createSeal({
      dataKeys: createMemoryDataKeySource(randomness),
      clock: systemClock,
      encrypt: createEncryptPayload(randomness, { withDictionary: true }),
    }),
    store: {
      ...store,
      insert: (insertion) => {
        insertions.push(insertion);
        return store.insert(insertion);
      },
    },
    queue: { enqueue: async () => undefined },
    clock: systemClock,
    alerts: { raise: () => undefined },
    retentionMs: RETENTION_MS,
  });

  const next = createDeliveries();
  for (let index = 0; index < count; index += 1) {
    const { body, headers } = next();
    await receive({
      providerName: 'stripe',
      delivery: {
        body,
        headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]])),
        method: 'POST',
        query: '',
        publicUrl: null,
      },
      receivedAt: Date.now(),
      traceId: '1-67a2f2b1-0123456789abcdef01234567',
    });
  }
  for (const { webhook } of insertions) {
    const stored = await store.get(webhook);
    if (stored === undefined) throw new Error('a webhook was not stored');
    await store.change(stored, stored.revision, {
      status: 'processed',
      attempts: 1,
      lastError: null,
      nextAttemptAt: null,
      effects: {
        events: [{ type: 'payment.succeeded', paymentId: webhook.objectId, news: 'news' }],
        handlers: [{ handler: 'shipOrder', event: 0, outcome: 'done', attempts: 1 }],
        only: null,
        round: FIRST_ROUND,
      },
      changedAt: Date.now(),
      actor: { type: 'component', id: 'processor' },
      reason: null,
    });
  }
  await appendInBatches(auditLog, await readStream(server.url, streamArn));
  await createCloseDigests({
    auditLog,
    signer: createMemoryDigestSigner(),
    anchor: createMemoryDigestAnchor(),
    clock: systemClock,
    logger: createMemoryLogger(),
  })();
  const ofWebhooks = { ...units };
  const applied = await applyLives(client, randomness);
  client.destroy();
  const average = (sum: number): number => sum / count;
  const byTable = [...units.byTable].map(([name, { write, read }]) => {
    const webhooks = name.startsWith('payments') ? applied : count;
    return [name, { write: write / webhooks, read: read / webhooks }] as const;
  });
  return {
    writeUnits: average(ofWebhooks.write),
    readUnits: average(ofWebhooks.read),
    paymentWriteUnits: (units.write - ofWebhooks.write) / applied,
    paymentReadUnits: (units.read - ofWebhooks.read) / applied,
    byTable: Object.fromEntries(byTable),
    payloadBytes: average(insertions.reduce((sum, { webhook }) => sum + webhook.payloadBytes, 0)),
    storedBytes: average(insertions.reduce((sum, insertion) => sum + itemBytes(insertion), 0)),
  };
};

/** Adds the webhooks of whole lives to their payments, in order; returns how many there were. */
const applyLives = async (client: DynamoDB, randomness: Pick<Randomness, 'fraction'>): Promise<number> => {
  await createPaymentsTable(client, 'payments');
  const payments = createDynamodbPaymentStore({ client, tableName: 'payments', randomness });
  const mapping = createPaymentMapping(MAPPINGS, () => undefined);
  let count = 0;
  for (const { webhook, json } of createLives(LIVES).flat()) {
    const mapped = mapping.map(webhook, json);
    count += 1;
    for (const change of mapped.outcome === 'events' ? mapping.changesOf(mapped.events).payments : []) {
      await payments.apply(change, systemClock.now());
    }
  }
  return count;
};

const readStream = async (url: string, streamArn: string): Promise<readonly LinkedEntry[]> => {
  const records = await createStreamReader(url, streamArn)();
  return records.flatMap((record) => {
    const change = readChange(record as StreamRecord);
    return change.outcome === 'entries' ? change.entries : [];
  });
};

const appendInBatches = async (
  auditLog: ReturnType<typeof createDynamodbAuditLog>,
  entries: readonly LinkedEntry[],
): Promise<void> => {
  for (let from = 0; from < entries.length; from += STREAM_BATCH) {
    await auditLog.appendLinked(entries.slice(from, from + STREAM_BATCH));
  }
};

interface Consumed {
  readonly TableName?: string;
  readonly CapacityUnits?: number;
  readonly Table?: { readonly CapacityUnits?: number };
  readonly GlobalSecondaryIndexes?: Readonly<Record<string, { readonly CapacityUnits?: number }>>;
}

interface Counted {
  write: number;
  read: number;
}

const READS: ReadonlySet<string> = new Set(['GetItemCommand', 'BatchGetItemCommand', 'QueryCommand']);

/** Asks DynamoDB for the units of every call, indexes included, and adds them up. */
const countUnits = (client: DynamoDB): Counted & { readonly byTable: ReadonlyMap<string, Counted> } => {
  const byTable = new Map<string, Counted>();
  const units = { write: 0, read: 0, byTable };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      Object.assign(args.input, { ReturnConsumedCapacity: 'INDEXES' });
      const answer = await next(args);
      const { ConsumedCapacity: consumed } = answer.output as { ConsumedCapacity?: Consumed | readonly Consumed[] };
      const kind = READS.has(context.commandName ?? '') ? 'read' : 'write';
      const add = (name: string, count = 0): void => {
        const counted = byTable.get(name) ?? { write: 0, read: 0 };
        byTable.set(name, counted);
        counted[kind] += count;
      };
      // Of a batch or a transaction: one for each table.
      for (const { TableName: table = '', CapacityUnits: count = 0, ...parts } of [consumed ?? []].flat()) {
        units[kind] += count;
        add(table, parts.Table?.CapacityUnits);
        for (const [index, { CapacityUnits: ofIndex }] of Object.entries(parts.GlobalSecondaryIndexes ?? {})) {
          add(`${table}/${index}`, ofIndex);
        }
      }
      return answer;
    },
    { step: 'initialize', name: 'countUnits' },
  );
  return units;
};

/** What DynamoDB counts: names and values. Numbers take about half a byte a digit, and one more. */
const itemBytes = (insertion: Insertion): number => {
  const item = insertedItem(insertion, { seq: 1, hash: '0'.repeat(64) });
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) {
    bytes += Buffer.byteLength(name);
    if (value.S !== undefined) bytes += Buffer.byteLength(value.S);
    else if (value.N !== undefined) bytes += Math.ceil(value.N.length / 2) + 1;
    else if (value.B !== undefined) bytes += value.B.length;
    else bytes += Buffer.byteLength(JSON.stringify(value));
  }
  return bytes;
};
