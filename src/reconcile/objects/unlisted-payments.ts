/** Payments that are paid here, and that no list of their provider had: deliveries that were forged, or of another account. */
import { LIMITS } from '../../core/limits.ts';
import type { ObjectSource } from '../../core/ports/provider-objects.ts';
import type { Span } from '../../core/ports/reconcile-checkpoints.ts';
import type { PaymentView } from '../../payments/payment.ts';
import type { PaymentStore } from '../../payments/payment-store.ts';
import { addPage, type ComparedObject, type ListReport } from './object-report.ts';

/** What the report of these is called. */
export const PAID_HERE = 'paid here';

const isPaid = ({ captured }: PaymentView): boolean => captured !== null && captured.minor > 0n;

const compareHere = (
  source: ObjectSource,
  span: Span,
  isListed: (paymentId: string) => boolean,
  payment: PaymentView,
): ComparedObject => {
  const { at } = payment.firstEvent;
  if (at === null || at < span.since || at >= span.until) return 'outside';
  const isAsked = source.account === undefined || source.account === payment.account;
  if (!isAsked || !isPaid(payment) || isListed(payment.paymentId)) return 'same';
  return {
    provider: source.provider,
    source: source.id,
    list: PAID_HERE,
    kind: 'payment',
    objectId: payment.paymentId,
    paymentId: payment.paymentId,
    at,
    difference: 'not_listed',
    listed: null,
    here: { state: 'paid', amount: payment.captured },
  };
};

/** Adds those to the report that were first told of in the span. Throws what the store throws. */
export const addUnlistedPayments = async (
  before: ListReport,
  payments: Pick<PaymentStore, 'list'>,
  source: ObjectSource,
  span: Span,
  isListed: (paymentId: string) => boolean,
): Promise<ListReport> => {
  const { provider, mode } = source;
  let report = before;
  let after: string | undefined;
  for (let page = 0; page < LIMITS.reconcilePagesMax; page += 1) {
    // One that is stored later is older than that only where it was recovered.
    const { items, next } = await payments.list({
      provider,
      mode,
      since: span.since,
      limit: LIMITS.listLimitMax,
      after,
    });
    report = addPage(
      report,
      items.map(({ payment }) => compareHere(source, span, isListed, payment)),
    );
    if (next === null) return report;
    after = next;
  }
  return { ...report, end: { outcome: 'too_many_pages' } };
};
