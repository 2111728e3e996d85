/** The events of a webhook and its end, recorded and written in one transaction. */
import {
  eventEffectOf,
  notePayment,
  noteSubject,
  type ReceivedEvents,
  receivedOf,
} from '../../payments/received-event.ts';
import type { RecordAndChangeOutcome, Recording } from '../../payments/record-and-change.ts';
import type { PaymentOperations } from './sqlite-payment-operations.ts';
import type { SubjectOperations } from './sqlite-subject-operations.ts';
import type { ChangeInput, WebhookOperations } from './sqlite-webhook-operations.ts';

export interface RecordAndChangeOperations {
  webhookRecordAndChange(input: { recording: Recording; of: ChangeInput }): RecordAndChangeOutcome;
}

type Operations = Pick<PaymentOperations, 'paymentApply'> &
  Pick<SubjectOperations, 'subjectApply'> &
  Pick<WebhookOperations, 'webhookChange'>;

export const createRecordAndChange = (operations: Operations): RecordAndChangeOperations => ({
  webhookRecordAndChange({ recording: { events, changes }, of }) {
    const at = of.change.changedAt;
    const received: ReceivedEvents = new Map();
    for (const change of changes.payments) {
      const result = operations.paymentApply({ change, at, isPaymentWanted: false });
      if (result.outcome === 'too_many_events') return result;
      notePayment(received, result);
    }
    for (const change of changes.subjects) noteSubject(received, change, operations.subjectApply({ change, at }));
    const effects = {
      ...of.change.effects,
      events: events.map(({ id, type }) => eventEffectOf(type, receivedOf(received, id), [])),
    };
    return operations.webhookChange({ ...of, change: { ...of.change, effects } });
  },
});
