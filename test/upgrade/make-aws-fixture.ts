/** What the release writes to SQS and DynamoDB, made by its own writers. Bytes are base64, as in DynamoDB's JSON. */
import { DatabaseSync } from 'node:sqlite';
import { loadOfRelease } from './release-checkout.ts';

type Item = Readonly<Record<string, { readonly B?: Uint8Array }>>;

interface Messages {
  writeMessage(entry: object): string;
  writeDeadLetter(entry: object, revision: number): string;
}
interface DestinationMessages {
  writeDestinationMessage(entry: object, enqueuedAt: number): string;
  writeGivenUp(entry: object, enqueuedAt: number): string;
}
interface AuditDrafts {
  writeDrafts(drafts: readonly object[]): string;
}
interface Effects {
  effectsToText(effects: object): string;
}
interface EventJson {
  paymentEventsFromJson(json: string): readonly object[];
}
interface PaymentItems {
  packRecorded(recorded: readonly object[]): Uint8Array;
  paymentItemOf(owner: object, payment: object, packed: Uint8Array, view: object): Item;
}
interface WebhookItems {
  insertedItem(insertion: object, head: object): Item;
}

const AT = Date.UTC(2026, 10, 23, 12, 0, 0);
const POINTER = { webhookId: 'stripe:evt_1', timestamp: AT, provider: 'stripe', traceId: 'trace-1' };
const ENTRY = { ...POINTER, destination: 'ledger', eventId: 'stripe:evt_1#2' };
const DRAFT = {
  chainId: 'rejections',
  at: AT,
  actor: { type: 'component', id: 'webhook-receiver' },
  event: 'REJECTED_AT_EDGE',
  outcome: 'failure',
  reason: 'body_too_large',
  origin: { sourceAddress: '192.0.2.7', requestId: 'request-1', traceId: 'trace-1' },
  resource: { type: 'delivery', id: 'stripe' },
  change: null,
  count: 3,
};
const EFFECTS = {
  events: [
    { type: 'payment.succeeded', paymentId: 'pi_1', outcome: 'news' },
    { type: 'payment.succeeded', paymentId: 'pi_1', outcome: 'repeated' },
    { type: 'payout.paid', paymentId: null, outcome: 'stale' },
  ],
  handlers: [
    { handler: 'shipOrder', event: 0, outcome: 'rejected', attempts: 1 },
    { handler: 'handle', event: null, outcome: 'done', attempts: 2 },
  ],
  only: 'shipOrder',
};
const WEBHOOK = {
  ...POINTER,
  providerEventId: 'evt_1',
  eventType: 'payment_intent.succeeded',
  mode: 'test',
  isSimulated: false,
  account: null,
  objectId: 'pi_1',
  parentIds: [],
  ordering: null,
  payload: { keyId: 'key-1', bytes: new Uint8Array([1, 2, 3]) },
  payloadBytes: 3,
  bodySha256: 'a'.repeat(64),
  headers: {},
  secretId: 'stripe#1',
  cardData: { cardNumbers: 0, securityCodes: 0, trackData: 0 },
  receivedAt: AT,
  expiresAt: AT + 1000,
};

/** `database` is a snapshot of the release's local home: its payments become items. */
export const makeAwsFixture = async (database: string): Promise<object> => {
  const folder = 'src/adapters/aws';
  const { writeMessage, writeDeadLetter } = await loadOfRelease<Messages>(`${folder}/sqs-message.ts`);
  const destination = await loadOfRelease<DestinationMessages>(`${folder}/sqs-destination-message.ts`);
  const { writeDrafts } = await loadOfRelease<AuditDrafts>(`${folder}/sqs-audit-drafts.ts`);
  const { effectsToText } = await loadOfRelease<Effects>('src/core/effects.ts');
  const { insertedItem } = await loadOfRelease<WebhookItems>(`${folder}/dynamodb-webhook-items.ts`);
  const effects = effectsToText(EFFECTS);
  const insertion = {
    webhook: WEBHOOK,
    status: 'dead_lettered',
    lastError: 'shipOrder: no',
    actor: { type: 'provider', id: 'stripe' },
  };
  return {
    workMessage: writeMessage(POINTER),
    deadLetterMessage: writeDeadLetter(POINTER, 4),
    destinationMessageOfNews: destination.writeDestinationMessage({ ...ENTRY, isNews: true }, AT),
    destinationMessageOfOther: destination.writeDestinationMessage({ ...ENTRY, isNews: false }, AT),
    givenUpMessage: destination.writeGivenUp({ ...ENTRY, isNews: true }, AT),
    auditDrafts: writeDrafts([DRAFT]),
    effects,
    webhookItem: {
      ...jsonOf(insertedItem(insertion, { seq: 1, hash: 'b'.repeat(64) })),
      effects: { S: effects },
    },
    paymentItem: await paymentItem(database),
  };
};

const paymentItem = async (database: string): Promise<object> => {
  const { packRecorded, paymentItemOf } = await loadOfRelease<PaymentItems>(
    'src/adapters/aws/dynamodb-payment-items.ts',
  );
  const { paymentEventsFromJson } = await loadOfRelease<EventJson>('src/payments/event-json.ts');
  const db = new DatabaseSync(database, { readOnly: true });
  const rows = db
    .prepare(`SELECT e.event, e.is_stale AS isStale, e.is_news AS isNews
      FROM payments p JOIN payment_events e ON e.payment_position = p.position WHERE p.payment_id = 'pi_9'`)
    .all();
  db.close();
  const recorded = rows.map(({ event, isStale, isNews }) => ({
    event: paymentEventsFromJson(`[${event}]`)[0],
    isStale: isStale === 1,
    isNews: isNews === 1,
  }));
  const stored = { anchor: 'pi_9', names: ['pi_9', 'ch_9'], storedAt: AT, changedAt: AT + 1, revision: 3 };
  const owner = { provider: 'stripe', account: null };
  return jsonOf(paymentItemOf(owner, stored, packRecorded(recorded), { status: 'succeeded' }));
};

const jsonOf = (item: Item): object =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      value.B === undefined ? value : { B: Buffer.from(value.B).toString('base64') },
    ]),
  );
