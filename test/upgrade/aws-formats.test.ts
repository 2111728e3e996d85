/** What a release wrote to SQS and DynamoDB, read by the readers of now. */
import { describe, expect, test } from 'vitest';
import { readDrafts } from '../../src/adapters/aws/audit/sqs-audit-drafts.ts';
import { readDestinationMessage } from '../../src/adapters/aws/destinations/sqs-destination-message.ts';
import type { Item } from '../../src/adapters/aws/dynamodb/values.ts';
import { readPaymentItem, storedPaymentOf } from '../../src/adapters/aws/payments/items.ts';
import { packRecorded, unpackRecorded } from '../../src/adapters/aws/payments/pack-events.ts';
import { readStoredWebhook } from '../../src/adapters/aws/webhooks/read-item.ts';
import { readMessage } from '../../src/adapters/aws/work-queue/message.ts';
import { effectsFromText, FIRST_ROUND } from '../../src/core/effects.ts';
import { AT, DRAFT, EFFECTS, ENTRY, PAYMENT, POINTER, WEBHOOK } from './aws-traffic.ts';
import { type AwsFixture, BEFORE_02, RELEASES, readAwsFixture } from './restore-fixture.ts';

/** What a release keeps of them. */
const effectsOf = (release: string): object => {
  if (release !== BEFORE_02) return EFFECTS;
  return {
    events: EFFECTS.events.map(({ type, paymentId, news }) => ({ type, paymentId, news })),
    handlers: EFFECTS.handlers,
    only: EFFECTS.only,
    round: FIRST_ROUND,
  };
};

const itemOf = (saved: AwsFixture['webhookItem']): Item =>
  Object.fromEntries(
    Object.entries(saved).map(([name, value]) => [
      name,
      value.B === undefined ? value : { B: new Uint8Array(Buffer.from(value.B, 'base64')) },
    ]),
  ) as Item;

describe.each(RELEASES)('release %s', (release) => {
  const written = readAwsFixture(release);

  test('messages of the work queue are understood, a dead letter with its revision', () => {
    expect(readMessage(written.workMessage)).toEqual({
      outcome: 'understood',
      entry: POINTER,
      deadLetteredRevision: null,
      // What a message says that was sent again to rest.
      enqueuedAt: null,
      dueAt: null,
    });
    expect(readMessage(written.deadLetterMessage)).toMatchObject({ entry: POINTER, deadLetteredRevision: 4 });
  });

  test('messages for destinations are understood; one that was no news is taken for repeated', () => {
    const read = (body: string) => readDestinationMessage(body, 'ledger');
    expect(read(written.destinationMessageOfNews)).toEqual({
      outcome: 'understood',
      entry: { ...ENTRY, news: 'news' },
      enqueuedAt: AT,
      dueAt: null,
      failures: 0,
    });
    expect(read(written.destinationMessageOfOther)).toMatchObject({ entry: { ...ENTRY, news: 'repeated' } });
    expect(read(written.givenUpMessage)).toMatchObject({ entry: { ...ENTRY, news: 'news' } });
  });

  test('audit drafts are understood, and keep the name that the event had', () => {
    expect(readDrafts(written.auditDrafts)).toMatchObject({
      outcome: 'understood',
      drafts: [{ ...DRAFT, event: release === BEFORE_02 ? 'REJECTED_AT_EDGE' : DRAFT.event }],
    });
  });

  test('effects are told in the words of now', () => {
    expect(effectsFromText(written.effects)).toEqual(effectsOf(release));
  });

  test('the item of a webhook is read, with its effects', () => {
    const { webhook, head } = readStoredWebhook('PaymentWebhooks', itemOf(written.webhookItem));

    expect(webhook).toMatchObject({ ...POINTER, status: 'dead_lettered', lastError: 'shipOrder: no' });
    expect(webhook.effects).toEqual(effectsOf(release));
    if (release === BEFORE_02) expect(head).toEqual({ seq: 1, hash: 'b'.repeat(64) });
    else expect([webhook, head.seq]).toEqual([expect.objectContaining(WEBHOOK), 2]);
  });

  test('the item of a payment is read: what was stale and news at once is stale', () => {
    const item = itemOf(written.paymentItem);
    const { recorded, ...stored } = readPaymentItem('Payments', item);

    expect(stored).toEqual(
      release === BEFORE_02 ? { ...PAYMENT, revision: 3, isApart: true } : { ...PAYMENT, isApart: false },
    );
    expect(Object.fromEntries(recorded.map(({ event, news }) => [event.id, news]))).toEqual({
      'stripe:evt_news': 'news',
      'stripe:evt_repeated': 'repeated',
      'stripe:evt_stale': 'stale',
    });
    expect(storedPaymentOf('Payments', item).payment).toMatchObject({
      paymentId: 'pi_9',
      status: 'succeeded',
      captured: { minor: 2000n, currency: 'USD', exponent: 2 },
    });
  });

  test('an item of a newer release is not taken for one that something else wrote', () => {
    const effects = { S: '[99,{}]' };
    const read = () => readStoredWebhook('PaymentWebhooks', { ...itemOf(written.webhookItem), effects });

    expect(read).toThrow(
      expect.objectContaining({
        code: 'store_damaged',
        message:
          'item stripe:evt_1 of table PaymentWebhooks: the record of effects has version 99, written by a newer Payhook; this one knows up to 4: update Payhook',
      }),
    );
  });

  test('events that are written again are what they were', () => {
    const { recorded } = readPaymentItem('Payments', itemOf(written.paymentItem));

    expect(unpackRecorded(packRecorded(recorded) ?? new Uint8Array())).toEqual(recorded);
  });
});
