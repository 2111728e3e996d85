/** Lists of payments by what they have, which no store knows: refunds, disputes, flags. The same in both homes. */
import { LIMITS } from '../core/limits.ts';
import { checkTimes } from '../core/match-webhook.ts';
import { type Looked, type Page, type PageRequest, pageOf } from '../core/page.ts';
import type { PaymentView } from '../payments/payment.ts';
import type { PaymentFilter, PaymentStore, StoredPayment } from '../payments/payment-store.ts';
import { PAYMENT_FLAGS } from './advice-on-payment.ts';

/** `flag` is any of those behind it. */
export const PAYMENT_TRAITS = ['refund', 'dispute', 'open_dispute', 'flag', ...PAYMENT_FLAGS] as const;
export type PaymentTrait = (typeof PAYMENT_TRAITS)[number];

export interface PaymentsQuery extends PaymentFilter {
  /** One, or any of several. */
  readonly having?: readonly PaymentTrait[] | undefined;
  /** Upper-case code of ISO 4217. */
  readonly currency?: string | undefined;
}

export interface ListPaymentsDeps {
  readonly payments: Pick<PaymentStore, 'list'>;
}

const hasTrait = ({ refunds, disputes, flags }: PaymentView, trait: PaymentTrait): boolean => {
  switch (trait) {
    case 'refund':
      return refunds.length > 0;
    case 'dispute':
      return disputes.length > 0;
    case 'open_dispute':
      return disputes.some(({ state }) => state === 'open');
    case 'flag':
      return flags.length > 0;
    default:
      return flags.includes(trait);
  }
};

/** Of what a store lists for the rest of the query, whether it is meant. */
const isMeant = ({ having, currency }: PaymentsQuery, { payment }: StoredPayment): boolean =>
  (having === undefined || having.some((trait) => hasTrait(payment, trait))) &&
  (currency === undefined || payment.currency === currency);

/** Payments whose view is computed at a time. */
const PART_MAX = 500;

interface Part {
  readonly found: readonly Looked<StoredPayment>[];
  /** The place behind it; null at the end of the list. */
  readonly last: Omit<Looked<unknown>, 'item'> | null;
}

/** Part after part of what is meant, up to the end of the list or until `lookAtMax` were looked at. */
export async function* walkPayments(
  { payments }: ListPaymentsDeps,
  { having, currency, ...filter }: PaymentsQuery,
  lookAtMax: number,
): AsyncGenerator<Part> {
  checkTimes(filter);
  let { after } = filter;
  for (let lookedAt = 0; lookedAt < lookAtMax; ) {
    const limit = Math.min(PART_MAX, lookAtMax - lookedAt);
    const { items, cursors, next, scannedUntil } = await payments.list({ ...filter, after, limit });
    const found = items.flatMap((item, index) =>
      isMeant({ having, currency, ...filter }, item) ? [{ item, at: item.storedAt, cursor: cursors[index] ?? '' }] : [],
    );
    const at = scannedUntil ?? items.at(-1)?.storedAt;
    if (next === null || at === undefined) {
      yield { found, last: null };
      return;
    }
    yield { found, last: { cursor: next, at } };
    // The store itself has looked as far as it may.
    if (scannedUntil !== null) return;
    after = next;
    lookedAt += items.length;
  }
}

/** Newest first. Throws `usage_wrong` for times that nothing can meet. */
export const createListPayments =
  (deps: ListPaymentsDeps) =>
  async (query: PaymentsQuery & PageRequest): Promise<Page<StoredPayment>> => {
    const { having, currency, ...filter } = query;
    if (having === undefined && currency === undefined) {
      checkTimes(filter);
      return deps.payments.list(filter);
    }
    const { limit, lookAtMax = LIMITS.paymentsLookedAtMax } = query;
    const found: Looked<StoredPayment>[] = [];
    let last: Part['last'] = null;
    for await (const part of walkPayments(deps, query, lookAtMax)) {
      found.push(...part.found);
      last = part.last;
      if (found.length > limit) break;
    }
    return pageOf(found, limit, last);
  };
