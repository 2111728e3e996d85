/** What a person is to do about a payment that has flags: the same words on the command line and in the console. */
import type { PaymentFlag, PaymentView } from '../payments/payment.ts';

const SENTENCES: Readonly<Record<PaymentFlag, string>> = {
  refunded_more_than_captured:
    'More went back than came in, by what the provider said of refunds and disputes: compare with its dashboard.',
  captured_more_than_asked: 'More was captured than asked for: compare with the provider’s dashboard.',
  currencies_mixed: 'Amounts in another currency are in none of the sums: see the timeline.',
  fraud_warning: 'The bank suspects fraud: a refund now may save a dispute.',
  dispute_and_money_disagree: 'How a dispute ended and where its money is do not fit together: ask the provider.',
  in_review: 'The provider looks at its risk: let goods wait until the review is closed.',
};

export const PAYMENT_FLAGS = Object.keys(SENTENCES) as readonly PaymentFlag[];

/** A sentence for each flag, in their order. */
export const adviceOn = ({ flags }: Pick<PaymentView, 'flags'>): readonly string[] =>
  flags.map((flag) => SENTENCES[flag]);
