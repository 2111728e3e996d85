/** What this checkout writes to SQS and DynamoDB, made by its own writers. Bytes are base64, as in DynamoDB's JSON. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { writeDrafts } from '../../src/adapters/aws/audit/sqs-audit-drafts.ts';
import { writeDestinationMessage, writeGivenUp } from '../../src/adapters/aws/destinations/sqs-destination-message.ts';
import { type Item, text } from '../../src/adapters/aws/dynamodb/values.ts';
import { attributesInName, nameKey } from '../../src/adapters/aws/payments/items.ts';
import { packRecorded } from '../../src/adapters/aws/payments/pack-events.ts';
import { changeableOf, itemChangeOf } from '../../src/adapters/aws/webhooks/changes.ts';
import { storedWebhookOf } from '../../src/adapters/aws/webhooks/read-item.ts';
import { insertedItem } from '../../src/adapters/aws/webhooks/write-item.ts';
import { writeDeadLetter, writeMessage } from '../../src/adapters/aws/work-queue/message.ts';
import { effectsToText, type News } from '../../src/core/effects.ts';
import { paymentEventsFromJson } from '../../src/payments/event-json.ts';
import type { PaymentChangeEvent } from '../../src/payments/payment-event.ts';
import { AT, CHANGE, DRAFT, EFFECTS, ENTRY, OWNER, PAYMENT, POINTER, WEBHOOK } from './aws-traffic.ts';
import type { AwsFixture, SavedItem } from './restore-fixture.ts';

/** `database` is a snapshot of the local home of the same checkout: its payment becomes an item. */
export const makeAwsFixture = (database: string): AwsFixture => {
  const effects = effectsToText(EFFECTS);
  assert(effects !== null, 'the effects say something');
  return {
    workMessage: writeMessage(POINTER),
    deadLetterMessage: writeDeadLetter(POINTER, 4),
    destinationMessageOfNews: writeDestinationMessage({ ...ENTRY, news: 'news' }, AT),
    destinationMessageOfOther: writeDestinationMessage({ ...ENTRY, news: 'repeated' }, AT),
    givenUpMessage: writeGivenUp({ ...ENTRY, news: 'news' }, AT),
    auditDrafts: writeDrafts([DRAFT]),
    effects,
    webhookItem: savedOf(webhookItem()),
    paymentItem: savedOf(paymentItem(database)),
  };
};

const webhookItem = (): Item => {
  const insertion = {
    webhook: WEBHOOK,
    status: 'received',
    lastError: null,
    actor: { type: 'provider', id: 'stripe' },
    transmission: null,
  } as const;
  const inserted = insertedItem(insertion, { seq: 1, hash: 'b'.repeat(64) });
  const { set, removed } = itemChangeOf(changeableOf(storedWebhookOf(inserted)), CHANGE);
  const kept = Object.entries({ ...inserted, ...set }).filter(([name]) => !removed.includes(name));
  return Object.fromEntries(kept);
};

const paymentItem = (database: string): Item => {
  const db = new DatabaseSync(database, { readOnly: true });
  const rows = db
    .prepare(`SELECT e.event, e.news FROM payments p JOIN payment_events e ON e.payment_position = p.position
      WHERE p.payment_id = 'pi_9'`)
    .all() as { readonly event: string; readonly news: News }[];
  db.close();
  const packed = packRecorded(
    rows.flatMap(({ event, news }) =>
      paymentEventsFromJson<PaymentChangeEvent>(`[${event}]`).map((one) => ({ event: one, news })),
    ),
  );
  assert(packed !== null, 'an item holds three events');
  return {
    id: text(nameKey(PAYMENT.anchor)),
    ...attributesInName(OWNER, PAYMENT, packed, { status: 'succeeded' }),
  };
};

const savedOf = (item: Item): SavedItem =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      value.B === undefined ? value : { B: Buffer.from(value.B).toString('base64') },
    ]),
  ) as SavedItem;
