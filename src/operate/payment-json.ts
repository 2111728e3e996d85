/** Payments as JSON, for `--json` and for the console: the one place where they become it. Stable. */
import type { PaymentView } from '../payments/payment.ts';
import type { StoredPayment } from '../payments/payment-store.ts';
import { asJson } from './as-json.ts';

/** Members that hold a time, as milliseconds or nothing. */
const TIMES: ReadonlySet<string> = new Set(['at', 'storedAt', 'changedAt', 'deadlineAt']);

type Time = 'at' | 'storedAt' | 'changedAt' | 'deadlineAt';

type Shown<Value> = Value extends bigint
  ? string
  : Value extends object
    ? { readonly [Name in keyof Value]: Name extends Time ? string | Extract<Value[Name], null> : Shown<Value[Name]> }
    : Value;

export type PaymentJson = Shown<PaymentView & Omit<StoredPayment, 'payment'>>;

export const paymentJson = ({ payment, storedAt, changedAt }: StoredPayment): PaymentJson =>
  asJson({ ...payment, storedAt, changedAt }, TIMES) as PaymentJson;
