/** Payments that are paid here, and that no list of their provider had: deliveries that were forged, or of another account. */
import { LIMITS } from '../../core/limits.ts';
import type { ObjectSource } from '../../core/ports/provider-objects.ts';
import type { Span } from '../../core/ports/reconcile-checkpoints.ts';
import type { PaymentView } from '../../payments/payment.ts';
import type { PaymentStore, StoredPayment } from '../../payments/payment-store.ts';
import { addPage, type ListReport, nothingListed, type ObjectDifference } from './object-report.ts';

const isAsked = ({ account }: ObjectSource, span: Span, seen: ReadonlySet<string>, payment: PaymentView): boolean => {
  const { at } = payment.firstEvent;
  return (
    (account === undefined || account === payment.account) &&
    at !== null &&
    at >= span.since &&
    at < span.until &&
    payment.captured !== null &&
    payment.captured.minor > 0n &&
    !seen.has(payment.paymentId)
  );
};

const differenceOf = (source: ObjectSource, list: string, { payment }: StoredPayment): ObjectDifference => ({
  provider: source.provider,
  source: source.id,
  list,
  kind: 'payment',
  objectId: payment.paymentId,
  paymentId: payment.paymentId,
  at: payment.firstEvent.at,
  difference: 'not_listed',
  listed: null,
  here: { state: 'paid', amount: payment.captured },
});

/** `seen` are the payments here that a list named. Throws what the store throws. */
export const findUnlistedPayments = async (
  payments: Pick<PaymentStore, 'list'>,
  source: ObjectSource,
  span: Span,
  seen: ReadonlySet<string>,
): Promise<ListReport> => {
  const { provider, mode } = source;
  const list = 'paid here';
  let report = nothingListed({ provider, source: source.id, list, span });
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
    const found = items.map((stored) =>
      isAsked(source, span, seen, stored.payment) ? differenceOf(source, list, stored) : 'same',
    );
    report = addPage(report, found);
    if (next === null) return report;
    after = next;
  }
  return { ...report, end: { outcome: 'too_many_pages' } };
};
