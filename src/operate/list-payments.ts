/** Lists of payments by what they have, which no store knows: refunds, disputes, flags. The same in both homes. */
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import { checkTimes } from '../core/match-webhook.ts';
import { type Looked, type Page, type PageRequest, pageOf } from '../core/page.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import type { Money } from '../payments/money.ts';
import type { PaymentView } from '../payments/payment.ts';
import type { PaymentFilter, PaymentStore, StoredPayment } from '../payments/payment-store.ts';
import { PAYMENT_FLAGS } from './advice-on-payment.ts';
import { compareAmount, type Decimal } from './read-decimal.ts';
import { findStuckPayments } from './stuck-payments.ts';

/** `flag` is any of those behind it. */
export const PAYMENT_TRAITS = ['dead_letter', 'refund', 'dispute', 'open_dispute', 'flag', ...PAYMENT_FLAGS] as const;
export type PaymentTrait = (typeof PAYMENT_TRAITS)[number];

export interface PaymentsQuery extends PaymentFilter {
  /** One, or any of several. */
  readonly having?: readonly PaymentTrait[] | undefined;
  /** Upper-case code of ISO 4217. */
  readonly currency?: string | undefined;
  /** What it is about, from and up to, in `currency`, which has to be named then. */
  readonly amountMin?: Decimal | undefined;
  readonly amountMax?: Decimal | undefined;
}

export interface ListPaymentsDeps {
  readonly payments: Pick<PaymentStore, 'list'>;
  readonly store: Pick<WebhookStore, 'listBrief'>;
}

/** What no store lists payments by. */
type Traits = Pick<PaymentsQuery, 'having' | 'currency' | 'amountMin' | 'amountMax'>;

type IsDead = (payment: PaymentView) => boolean;

const hasTrait = (payment: PaymentView, trait: PaymentTrait, isDead: IsDead): boolean => {
  const { refunds, disputes, flags } = payment;
  switch (trait) {
    case 'dead_letter':
      return isDead(payment);
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
const isMeant = ({ having, currency, ...amounts }: Traits, { payment }: StoredPayment, isDead: IsDead): boolean =>
  (having === undefined || having.some((trait) => hasTrait(payment, trait, isDead))) &&
  (currency === undefined || payment.currency === currency) &&
  isBetween(amounts, payment.amount ?? payment.captured);

const isBetween = ({ amountMin, amountMax }: Traits, amount: Money | null): boolean =>
  (amountMin === undefined || (amount !== null && compareAmount(amount, amountMin) >= 0)) &&
  (amountMax === undefined || (amount !== null && compareAmount(amount, amountMax) <= 0));

const areAny = ({ having, currency, amountMin, amountMax }: Traits): boolean =>
  [having, currency, amountMin, amountMax].some((one) => one !== undefined);

/** Throws `usage_wrong` for what no payment can meet. */
const checkTraits = ({ currency, amountMin, amountMax }: Traits): void => {
  if (currency === undefined && (amountMin ?? amountMax) !== undefined)
    throw new PayhookError('usage_wrong', 'an amount is of a currency: name it too');
};

/** Of payments of this filter. Throws `usage_wrong` where there are so many dead letters that not all are looked at. */
const findDead = async (deps: ListPaymentsDeps, { provider, account }: PaymentFilter): Promise<IsDead> => {
  const stuckOf = await findStuckPayments(deps, { provider, account }, LIMITS.causesLookedAtMax);
  if (stuckOf !== null) return (payment) => stuckOf(payment).deadLetters > 0;
  throw new PayhookError(
    'usage_wrong',
    `more than ${LIMITS.causesLookedAtMax} webhooks were given up or are tried again: name a provider or an account, or see payhook causes`,
  );
};

/** Payments whose view is computed at a time. */
const PART_MAX = 500;

interface Part {
  readonly found: readonly Looked<StoredPayment>[];
  /** The place behind it; null at the end of the list. */
  readonly last: Omit<Looked<unknown>, 'item'> | null;
}

/** Part after part of what is meant, up to the end of the list or until `lookAtMax` were looked at. */
export async function* walkPayments(
  deps: ListPaymentsDeps,
  { having, currency, amountMin, amountMax, ...filter }: PaymentsQuery,
  lookAtMax: number,
): AsyncGenerator<Part> {
  const traits = { having, currency, amountMin, amountMax };
  checkTimes(filter);
  checkTraits(traits);
  const isDead = having?.includes('dead_letter') === true ? await findDead(deps, filter) : () => false;
  let { after } = filter;
  for (let lookedAt = 0; lookedAt < lookAtMax; ) {
    const limit = Math.min(PART_MAX, lookAtMax - lookedAt);
    const { items, cursors, next, scannedUntil } = await deps.payments.list({ ...filter, after, limit });
    const found = items.flatMap((item, index) =>
      isMeant(traits, item, isDead) ? [{ item, at: item.storedAt, cursor: cursors[index] ?? '' }] : [],
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
    if (!areAny(query)) {
      checkTimes(query);
      return deps.payments.list(query);
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
