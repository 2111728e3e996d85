/**
 * What is known of a subject that is no payment, such as an invoice: its newest state. It does not depend on the order in
 * which webhooks arrive, and is small however long the subject lives: a subscription may live for ten years.
 *
 * An event is news when the state that it tells is another than the known one, `repeated` when it is the same, `stale` when
 * it is older than what is known. A→B→A is news twice.
 */
import { createHash } from 'node:crypto';
import type { News } from '../core/effects.ts';
import { newerThanKnown } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { EpochMs } from '../core/webhook.ts';
import type { EventSource } from './event-source.ts';
import { compareIds } from './order-events.ts';
import type { PaymentEvent, PaymentEventType } from './payment-event.ts';
import type { NewsOfEvent } from './record-events.ts';
import type { AccountEvent, BalanceEvent, SubscriptionEvent } from './subject-event.ts';

/** Where an event stands among those of its subject: version, time, rank and id, each counts when those before are alike. */
type Place = readonly [version: number, time: EpochMs | -1, rank: number, eventId: string];

/** What one event says of one subject. */
export interface SubjectChange {
  readonly provider: string;
  /** Part of the key; null where some events do not name the merchant. */
  readonly account: string | null;
  /** `invoice`, `payout`. */
  readonly kind: string;
  readonly id: string;
  readonly eventId: string;
  readonly type: PaymentEventType;
  readonly place: Place;
  /** A digest of what the event says of the subject, whatever the event is called. */
  readonly state: string;
}

/** As stored. */
export interface SubjectRecord {
  readonly place: Place;
  /** Of the newest event that says more than that something is another. */
  readonly type: PaymentEventType;
  readonly state: string;
  /** Counts what was recorded of it, starting at 1: a record that is set back to an older one has too little. */
  readonly revision: number;
  /** How the last events were received, the newest arrival last: the answer for each that arrives again. */
  readonly received: readonly (readonly [eventId: string, news: News])[];
}

type SubjectId = readonly [kind: string, id: string | null];

/** What the event is about, when that is no payment; null when it is about a payment, or about nothing that it names. */
const subjectIdOf = (event: PaymentEvent): SubjectId | null => {
  if ('paymentNames' in event) return event.paymentNames.length > 0 ? null : unattributedIdOf(event);
  if ('creditNoteId' in event && event.creditNoteId !== null) return ['credit_note', event.creditNoteId];
  if ('invoiceId' in event) return ['invoice', event.invoiceId];
  if (event.type === 'payout.reconciled') return ['reconciliation', event.payoutId];
  if ('payoutId' in event) return ['payout', event.payoutId];
  // A reminder of what is to come: it changes nothing of the subscription.
  if (event.type === 'subscription.trial_ending') return ['trial', event.subscriptionId];
  if ('checkoutId' in event) return ['checkout', event.checkoutId];
  if ('subscriptionId' in event) return subscriptionIdOf(event);
  if ('transferId' in event) return ['transfer', event.transferId];
  if ('feeId' in event) return ['platform_fee', event.feeId];
  if ('balanceId' in event) return [`balance_${event.of}`, event.movementId ?? balanceIdOf(event)];
  if ('paymentMethodId' in event) return ['payment_method', event.paymentMethodId];
  if ('orderId' in event) return ['order', event.orderId];
  if ('reportId' in event) return ['report', event.reportId];
  return accountIdOf(event);
};

/** A change that is planned of a subscription is no state of the subscription. */
const subscriptionIdOf = ({ subscriptionId, scheduleId }: SubscriptionEvent): SubjectId =>
  scheduleId === null ? ['subscription', subscriptionId] : ['subscription_schedule', scheduleId];

/** A bank account or an ability of the account changes without the account. */
const accountIdOf = ({ accountId, account, part }: AccountEvent): SubjectId => {
  const id = accountId ?? account;
  return part === null || id === null ? ['account', id] : ['account_part', `${id} ${part}`];
};

/** A balance holds each currency for itself. */
const balanceIdOf = ({ balanceId, amount }: BalanceEvent): string =>
  amount === null ? balanceId : `${balanceId} ${amount.currency}`;

/** A refund or dispute that names no payment is told without one, and still once. */
const unattributedIdOf = (event: PaymentEvent): SubjectId | null => {
  if ('refundId' in event) return ['refund', event.refundId];
  if ('disputeId' in event) {
    const isFunds = event.type === 'dispute.funds_withdrawn' || event.type === 'dispute.funds_reinstated';
    return [isFunds ? 'dispute_funds' : 'dispute', event.disputeId];
  }
  return 'reviewId' in event ? ['review', event.reviewId] : null;
};

const BEGINNINGS = /\.(?:created|opened|saved|pending)$/;
const CHANGES = /\.(?:updated|payment_made|activated)$/;
const ENDS =
  /\.(?:paid|failed|canceled|returned|refunded|reversed|expired|completed|closed|disconnected|removed|paused)$/;

/** Of two events of one second the one that is further in the subject's life is the newer. */
const rankOf = (type: PaymentEventType): number => {
  if (BEGINNINGS.test(type)) return 0;
  if (CHANGES.test(type)) return 1;
  return ENDS.test(type) ? 3 : 2;
};

const NOT_STATE = new Set<string>([
  'type',
  'related',
  'paymentIds',
  'paymentNames',
  'paymentId',
  ...([
    'id',
    'webhookId',
    'provider',
    'providerType',
    'account',
    'mode',
    'isSimulated',
    'occurredAt',
    'ordering',
  ] satisfies (keyof EventSource)[]),
]);

const DIGEST_CHARS = 22;

const stateOf = (event: PaymentEvent): string => {
  const said = Object.entries(event)
    .filter(([name, value]) => !NOT_STATE.has(name) && value !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify(said, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  return createHash('sha256').update(text).digest('base64url').slice(0, DIGEST_CHARS);
};

/** What the event says of a subject; null when it is about a payment, about nothing that it names, or simulated. */
export const subjectChangeOf = (event: PaymentEvent, isAccountInKey: boolean): SubjectChange | null => {
  const [kind, id] = subjectIdOf(event) ?? [null, null];
  if (kind === null || id === null || event.isSimulated) return null;
  const { ordering, occurredAt } = event;
  const version = ordering?.by === 'version' ? ordering.value : -1;
  const time = (ordering?.by === 'time' ? ordering.value : occurredAt) ?? -1;
  return {
    provider: event.provider,
    account: isAccountInKey ? event.account : null,
    kind,
    id,
    eventId: event.id,
    type: event.type,
    place: [version, time, rankOf(event.type), event.id],
    state: stateOf(event),
  };
};

const comparePlaces = (a: Place, b: Place): number =>
  a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || compareIds(a[3], b[3]);

/** It says that something is another, and not what: the state says that. */
const isOnlyAnother = (type: PaymentEventType): boolean => type.endsWith('.updated');

const newsOf = (known: SubjectRecord, { place, type, state }: SubjectChange): News => {
  if (comparePlaces(place, known.place) < 0) return 'stale';
  return state === known.state && (type === known.type || isOnlyAnother(type)) ? 'repeated' : 'news';
};

export interface SubjectReceived extends NewsOfEvent {
  /** Of the record that holds the event. */
  readonly revision: number;
}

export interface RecordedSubject {
  readonly received: SubjectReceived;
  /** What is to be stored now; null when nothing has to be written. */
  readonly record: SubjectRecord | null;
}

/** Adds an event to what is known of its subject: `known` is null for the first. Pure. */
export const recordSubject = (known: SubjectRecord | null, change: SubjectChange): RecordedSubject => {
  const { eventId, place, type, state } = change;
  const before = known?.received.find(([id]) => id === eventId);
  const revision = known?.revision ?? 0;
  if (before !== undefined) return { received: { eventId, news: before[1], revision }, record: null };
  const news = known === null ? 'news' : newsOf(known, change);
  const received = [...(known?.received ?? []), [eventId, news] as const].slice(-LIMITS.subjectEventsMax);
  const recorded = { received, revision: revision + 1 };
  const answer = { eventId, news, revision: revision + 1 };
  if (known === null) return { received: answer, record: { place, type, state, ...recorded } };
  switch (news) {
    case 'news':
      return { received: answer, record: { place, type, state, ...recorded } };
    case 'repeated':
      return { received: answer, record: { ...known, place, ...recorded } };
    case 'stale':
      return { received: answer, record: { ...known, ...recorded } };
    default:
      return news satisfies never;
  }
};

/** Version 1 did not count revisions. */
const PACKED_VERSION = 2;

/** As stored: a list without names, small enough for one unit of a table that is paid by the kilobyte. */
export const subjectToText = ({ place, type, state, received, revision }: SubjectRecord): string =>
  JSON.stringify([PACKED_VERSION, place, type, state, received, revision]);

/** What `subjectToText` wrote, in this version or one before. Throws `store_damaged` for what a newer version wrote. */
export const subjectFromText = (text: string): SubjectRecord => {
  const [version, place, type, state, received, revision]: readonly [
    number,
    Place,
    PaymentEventType,
    string,
    SubjectRecord['received'],
    number?,
  ] = JSON.parse(text);
  if (version > PACKED_VERSION) throw newerThanKnown('the record of a subject', version, PACKED_VERSION);
  return { place, type, state, received, revision: revision ?? received.length };
};
