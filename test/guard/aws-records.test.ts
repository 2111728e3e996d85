/** What AWS keeps of a webhook with card numbers in it: the item, the messages and the audit entries hold none of them. */
import { describe, expect, test } from 'vitest';
import type { Item } from '../../src/adapters/aws/dynamodb/values.ts';
import { unpackedItem } from '../../src/adapters/aws/webhooks/read-item.ts';
import { insertedItem, TRANSMISSION_PREFIX } from '../../src/adapters/aws/webhooks/write-item.ts';
import { writeMessage } from '../../src/adapters/aws/work-queue/message.ts';
import { createMemoryDataKeySource } from '../../src/adapters/memory/memory-data-key-source.ts';
import { createMemoryHome } from '../../src/adapters/memory/memory-home.ts';
import { createMemoryAlerts } from '../../src/adapters/memory/memory-recorders.ts';
import { createMemorySecretSource } from '../../src/adapters/memory/memory-secret-source.ts';
import { NO_HASH } from '../../src/audit/audit.ts';
import { entriesForInsert } from '../../src/audit/entries.ts';
import type { Provider, ProviderEvent } from '../../src/core/ports/provider.ts';
import type { QueueEntry } from '../../src/core/ports/queue.ts';
import type { Insertion } from '../../src/core/ports/webhook-store.ts';
import { createEncryptPayload, createSeal } from '../../src/core/seal.ts';
import { DAY_MS } from '../../src/core/time.ts';
import { answerOf } from '../../src/receive/answer.ts';
import { createReceive } from '../../src/receive/receive.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import { createTestRandomness } from '../support/randomness.ts';
import { createScriptedProvider, providerEvent, verifiedBy } from '../support/scripted-provider.ts';
import { FORMS, NUMBERS, numbersIn } from './planted-numbers.ts';

const [NUMBER = ''] = NUMBERS;

/** Says of every field what stands in the body under its name. */
const provider = (text: string): Provider =>
  createScriptedProvider({
    verify: () => verifiedBy({ transmission: { id: text } }),
    parse: ({ body, headers }) => {
      const fields: Partial<ProviderEvent> = JSON.parse(Buffer.from(body).toString());
      return {
        outcome: 'parsed',
        events: [providerEvent({ ...fields, dedupeKey: headers.get('acme-id')?.[0] ?? '' })],
      };
    },
  });

const storedOf = async (text: string): Promise<string> => {
  const clock = createTestClock();
  const memory = createMemoryHome(clock);
  const alerts = createMemoryAlerts();
  const randomness = createTestRandomness();
  const insertions: Insertion[] = [];
  const enqueued: QueueEntry[] = [];
  const receive = createReceive({
    providers: new Map([['acme', { provider: provider(text), settings: {} }]]),
    secrets: createMemorySecretSource(new Map([['acme', ['secret']]])),
    certificates: { fetch: async () => ({ outcome: 'unavailable', reason: 'no network in tests' }) },
    seal: createSeal({
      dataKeys: createMemoryDataKeySource(randomness),
      clock,
      encrypt: createEncryptPayload(randomness),
    }),
    store: {
      ...memory.store,
      insert: async (insertion) => {
        insertions.push(insertion);
        return { outcome: 'inserted', isQueued: false };
      },
    },
    queue: { enqueue: async (entry) => void enqueued.push(entry) },
    clock,
    alerts,
    retentionMs: 400 * DAY_MS,
  });
  const body = { providerEventId: text, eventType: text, objectId: text, account: text, parentIds: [text, 'order_1'] };
  const outcome = await receive({
    providerName: 'acme',
    delivery: {
      body: Buffer.from(JSON.stringify(body)),
      headers: new Map([
        ['acme-id', [text]],
        ['user-agent', [text]],
      ]),
      method: 'POST',
      query: '',
      publicUrl: null,
    },
    receivedAt: NOW,
    traceId: 'trace-1',
  });
  const records = insertions.flatMap((insertion) => {
    const { payload: _, ...item }: Item = unpackedItem(insertedItem(insertion, { seq: 1, hash: NO_HASH }));
    return [item, entriesForInsert(insertion), `${TRANSMISSION_PREFIX}${insertion.transmission?.id}`];
  });
  expect(records).toHaveLength(3);
  return JSON.stringify([records, enqueued.map(writeMessage), alerts.raised, outcome, answerOf(outcome)]);
};

describe('what is kept on AWS of a webhook whose every field is a card number', () => {
  test.each(Object.entries(FORMS))('holds none, written %s', async (_, write) => {
    const kept = await storedOf(write(NUMBER));

    expect(numbersIn(kept)).toEqual([]);
    expect(kept).toContain('acme:sha256-');
    expect(kept).toContain('card_data_found');
  });
});
