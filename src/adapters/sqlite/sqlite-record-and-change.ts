/** The events of a webhook and its end, recorded and written in one transaction. */

import type { StatusChange } from '../../core/ports/webhook-store.ts';
import {
  eventEffectOf,
  notePayment,
  noteSubject,
  type ReceivedEvents,
  receivedOf,
} from '../../payments/received-event.ts';
import type { InsertAndEndOutcome, RecordAndChangeOutcome, Recording } from '../../payments/record-and-change.ts';
import type { PaymentOperations } from './sqlite-payment-operations.ts';
import type { SubjectOperations } from './sqlite-subject-operations.ts';
import type { ChangeInput, SqliteInsertion, WebhookOperations } from './sqlite-webhook-operations.ts';

export interface RecordAndChangeOperations {
  webhookRecordAndChange(input: { recording: Recording; of: ChangeInput }): RecordAndChangeOutcome;
  webhookInsertAndEnd(input: {
    insertion: SqliteInsertion;
    recording: Recording;
    change: StatusChange;
  }): InsertAndEndOutcome;
}

type Operations = Pick<PaymentOperations, 'paymentApply'> &
  Pick<SubjectOperations, 'subjectApply'> &
  Pick<WebhookOperations, 'webhookChange' | 'webhookInsert'>;

export const createRecordAndChange = (operations: Operations): RecordAndChangeOperations => {
  /** The change with what became of the events among its effects; undefined when a payment has too many. */
  const record = ({ events, changes }: Recording, change: StatusChange): StatusChange | undefined => {
    const at = change.changedAt;
    const received: ReceivedEvents = new Map();
    for (const each of changes.payments) {
      const result = operations.paymentApply({ change: each, at, isPaymentWanted: false });
      if (result.outcome === 'too_many_events') return undefined;
      notePayment(received, result);
    }
    for (const each of changes.subjects) noteSubject(received, each, operations.subjectApply({ change: each, at }));
    const noted = events.map(({ id, type }) => eventEffectOf(type, receivedOf(received, id), []));
    return { ...change, effects: { ...change.effects, events: noted } };
  };

  return {
    webhookRecordAndChange({ recording, of }) {
      const change = record(recording, of.change);
      return change === undefined ? { outcome: 'too_many_events' } : operations.webhookChange({ ...of, change });
    },
    webhookInsertAndEnd({ insertion, recording, change }) {
      let isEnded = false;
      const inserted = operations.webhookInsert(insertion, () => {
        const ended = record(recording, change);
        isEnded = ended !== undefined;
        return ended;
      });
      return { inserted, isEnded };
    },
  };
};
