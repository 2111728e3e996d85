/** `payhook payments`: what the payment events of each payment add up to. */
import { PayhookError } from '../core/errors.ts';
import { adviceOn } from '../operate/advice-on-payment.ts';
import { createListPayments, type PaymentsQuery } from '../operate/list-payments.ts';
import { findPayments } from '../operate/list-webhooks.ts';
import { paymentCsv } from '../operate/payment-csv.ts';
import { paymentJson } from '../operate/payment-json.ts';
import { type CurrencySums, createSumPayments, currencySumsJson } from '../operate/sum-payments.ts';
import { timeText } from '../operate/webhook-json.ts';
import type { Money } from '../payments/money.ts';
import type { PaymentDispute, PaymentRefund, PaymentTransition, PaymentView } from '../payments/payment.ts';
import type { StoredPayment } from '../payments/payment-store.ts';
import { type CommandContext, withHome } from './command-context.ts';
import { counted } from './counted.ts';
import { moneyText } from './payment-text.ts';
import { type PrintOptions, printList, printPage, type Shown } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';
import { fieldLines, sectionLines } from './table.ts';

export interface ListPaymentsOptions extends PaymentsQuery, PrintOptions {}

const HEADER = ['FIRST SEEN', 'STATUS', 'PROVIDER', 'AMOUNT', 'CAPTURED', 'REFUNDED', 'DISPUTED', 'FLAGS', 'PAYMENT'];

const amountOrDash = (money: Money | null): string => (money === null ? '-' : moneyText(money));
/** Most payments have no refund and no dispute: a column of zeros would hide those that have. */
const amountIfAny = (money: Money | null): string => (money === null || money.minor === 0n ? '' : moneyText(money));

const row = ({ payment, storedAt }: StoredPayment): string[] => [
  timeText(storedAt),
  payment.status,
  payment.provider,
  amountOrDash(payment.amount),
  amountOrDash(payment.captured),
  amountIfAny(payment.refunded),
  amountIfAny(payment.disputed),
  payment.flags.join(','),
  payment.paymentId,
];

const SHOWN: Shown<StoredPayment> = {
  header: HEADER,
  row,
  json: paymentJson,
  csv: (stored) => paymentCsv(paymentJson(stored)),
};

export const listPayments = (context: CommandContext, options: ListPaymentsOptions): Promise<ExitCode> =>
  withHome<ExitCode>(context, async (home) => {
    printPage(context, await createListPayments(home)(options), SHOWN, options);
    return 0;
  });

/** Its currency has a column of its own. */
const numberText = (money: Money): string => moneyText(money).split(' ', 1)[0] ?? '';

const SHOWN_SUMS: Shown<CurrencySums> = {
  header: ['CURRENCY', 'PAYMENTS', 'CAPTURED', 'REFUNDED', 'REVERSED', 'DISPUTED', 'LEFT'],
  row: ({ payments, captured, refunded, reversed, disputed, left }) => [
    captured.currency,
    String(payments),
    ...[captured, refunded, reversed, disputed, left].map(numberText),
  ],
  json: currencySumsJson,
};

/** Currencies are never added up. */
export const sumPayments = (
  context: CommandContext,
  { format, json, ...query }: Omit<ListPaymentsOptions, 'limit'>,
): Promise<ExitCode> =>
  withHome<ExitCode>(context, async (home) => {
    const { sums, payments, withoutAmount, scannedUntil } = await createSumPayments(home)(query);
    printList(context, sums, SHOWN_SUMS, { format, json }, 'no payment with an amount is like that');
    // Beside the table or the CSV, which may go on into another program.
    if (withoutAmount > 0) context.warn(`of ${counted(payments, 'payment')} ${withoutAmount} without an amount`);
    if (scannedUntil !== null) {
      context.warn(
        `looked back to ${timeText(scannedUntil)} and no further: ask for a shorter time (--since, --until)`,
      );
    }
    return 0;
  });

/** Every payment that has this id as one of its names. */
export const showPayment = (
  context: CommandContext,
  paymentId: string,
  options: { readonly json?: boolean },
): Promise<ExitCode> =>
  withHome<ExitCode>(context, async ({ payments }) => {
    const found = await findPayments(payments, paymentId);
    if (found.length === 0) {
      throw new PayhookError(
        'not_found',
        `there is no payment ${paymentId}: ids are the provider's, such as pi_3MtwBwLkdIwHu7ix; payhook payments list shows them`,
      );
    }
    found.forEach((stored, index) => {
      if (options.json === true) context.print(JSON.stringify(paymentJson(stored)));
      else {
        if (index > 0) context.print('');
        for (const line of paymentLines(stored, context.columns)) context.print(line);
      }
    });
    return 0;
  });

/** Of a sum that the provider gives beside its parts, so that nobody adds the two. */
const timelineAmount = ({ type, amount }: PaymentTransition): string =>
  type === 'payment.refund_total' ? `${amountOrDash(amount)} in all` : amountOrDash(amount);

/** Which capture or authorization a row is about is only said where there are several. */
const timeline = (history: readonly PaymentTransition[], columns: number | undefined): readonly string[] => {
  const hasParts = history.some(({ part }) => part !== null);
  const ofPart = (part: string): readonly string[] => (hasParts ? [part] : []);
  const rows = history.map((transition) => {
    const { at, type, part, status, isTransition, reason, eventId } = transition;
    return [
      at === null ? '-' : timeText(at),
      type,
      timelineAmount(transition),
      ...ofPart(part ?? ''),
      isTransition ? status : '',
      reason ?? '',
      eventId,
    ];
  });
  const header = ['TIME', 'EVENT', 'AMOUNT', ...ofPart('OF'), 'STATUS AFTER', 'REASON', 'WEBHOOK'];
  return sectionLines(header, rows, columns);
};

/** A line for what is mostly nothing, and for nothing no line. */
const unlessZero = (name: string, money: Money | null): readonly (readonly [string, string])[] =>
  money === null || money.minor === 0n ? [] : [[name, moneyText(money)]];

const paymentLines = ({ payment, storedAt, changedAt }: StoredPayment, columns: number | undefined): string[] => [
  ...fieldLines([
    ['payment', payment.paymentId],
    ['provider', payment.provider],
    ['account', payment.account ?? '-'],
    ['mode', payment.mode],
    ['status', payment.status],
    ['amount', amountOrDash(payment.amount)],
    ['captured', amountOrDash(payment.captured)],
    ['refunded', amountOrDash(payment.refunded)],
    ...unlessZero('refund pending', payment.refundPending),
    ...unlessZero('reversed', payment.reversed),
    ...unlessZero('disputed', payment.disputed),
    ['fees', payment.fees.map(moneyText).join(' + ') || '-'],
    ['net', amountOrDash(payment.net)],
    ['flags', payment.flags.join(', ') || '-'],
    ...relatedFields(payment),
    ['first seen', timeText(storedAt)],
    ['last change', timeText(changedAt)],
  ]),
  ...adviceOn(payment).flatMap((sentence) => ['', `! ${sentence}`]),
  ...sectionLines(REFUNDS, payment.refunds.map(refundRow), columns),
  ...sectionLines(DISPUTES, payment.disputes.map(disputeRow), columns),
  ...timeline(payment.history, columns),
];

const timeOrDash = (at: number | null): string => (at === null ? '-' : timeText(at));

const REFUNDS = ['REFUND', 'STATE', 'AMOUNT', 'SINCE', 'REASON'];

const refundRow = ({ refundId, state, amount, at, reason }: PaymentRefund): string[] => [
  refundId,
  state,
  moneyText(amount),
  timeOrDash(at),
  reason ?? '',
];

const DISPUTES = ['DISPUTE', 'STATE', 'AMOUNT', 'MONEY', 'ANSWER UNTIL', 'STAGE', 'PROVIDER SAYS', 'REASON'];

const disputeRow = (dispute: PaymentDispute): string[] => [
  dispute.disputeId,
  dispute.isInquiry ? `${dispute.state} (inquiry)` : dispute.state,
  amountOrDash(dispute.lost ?? dispute.amount),
  MONEY[String(dispute.isWithdrawn)] ?? '',
  timeOrDash(dispute.deadlineAt),
  dispute.stage ?? '',
  dispute.status ?? '',
  dispute.reason ?? '',
];

/** Where the disputed money is, by `isWithdrawn`. */
const MONEY: Readonly<Record<string, string>> = { true: 'taken', false: 'in the balance', null: '' };

/** But for what is shown elsewhere: the payment's own id, and each refund and dispute, which have lines of their own. */
const relatedFields = (payment: PaymentView): (readonly [string, string])[] => {
  const shown = new Set([
    payment.paymentId,
    ...payment.refunds.map(({ refundId }) => refundId),
    ...payment.disputes.map(({ disputeId }) => disputeId),
  ]);
  return Object.entries(payment.related).flatMap(([kind, ids]) => {
    const others = (ids ?? []).filter((id) => !shown.has(id));
    return others.length === 0 ? [] : [[kind.replaceAll('_', ' '), others.join(', ')] as const];
  });
};
