/** What became of the events of a webhook once they were recorded, whoever recorded them: as kept with the webhook. */
import type { EventEffect, News, SubjectEffect } from '../core/effects.ts';
import type { PaymentView } from './payment.ts';
import type { ApplyOutcome } from './payment-store.ts';
import type { SubjectChange, SubjectReceived } from './subject.ts';

export interface ReceivedEvent {
  readonly news: News;
  /** Of its payment; null where it has none. */
  readonly paymentId: string | null;
  /** Null where it has none, or nobody asked for it. */
  readonly payment: PaymentView | null;
  /** What it changed that is no payment. */
  readonly subject: SubjectEffect | null;
}

/** By the id of the event. */
export type ReceivedEvents = Map<string, ReceivedEvent>;

/** What an event of nothing that it names, or a simulated one, has changed. */
const UNTOUCHED: ReceivedEvent = { news: 'news', paymentId: null, payment: null, subject: null };

export const notePayment = (received: ReceivedEvents, result: ApplyOutcome & { outcome: 'applied' }): void => {
  const { status, paymentId } = result.summary;
  const known = status === 'unattributed' ? {} : { paymentId, payment: result.payment };
  for (const { eventId, news } of result.received) received.set(eventId, { ...UNTOUCHED, ...known, news });
};

export const noteSubject = (
  received: ReceivedEvents,
  { kind, id }: SubjectChange,
  { eventId, news, revision }: SubjectReceived,
): void => void received.set(eventId, { ...UNTOUCHED, news, subject: { kind, id, revision } });

export const receivedOf = (received: ReceivedEvents, eventId: string): ReceivedEvent =>
  received.get(eventId) ?? UNTOUCHED;

/** `destinations`: whose queues it was put into. */
export const eventEffectOf = (
  type: string,
  { news, paymentId, subject }: ReceivedEvent,
  destinations: readonly string[],
): EventEffect => ({
  type,
  paymentId,
  news,
  ...(destinations.length === 0 ? {} : { destinations }),
  ...(subject === null ? {} : { subject }),
});
