/** Payments as the command line shows them with `--json`: the one place where they become JSON. Stable. */
import type { StoredPayment } from '../payments/payment-store.ts';
import { timeText } from './webhook-json.ts';

/** Members that hold a time, as milliseconds or nothing. */
const TIMES: ReadonlySet<string> = new Set(['at', 'storedAt', 'changedAt', 'deadlineAt']);

/** Times are ISO 8601 text, the smallest units of amounts decimal text: JSON numbers end at 2^53. */
const shown = (name: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return value.toString();
  return TIMES.has(name) && typeof value === 'number' ? timeText(value) : value;
};

export const paymentJson = ({ payment, storedAt, changedAt }: StoredPayment): Record<string, unknown> =>
  JSON.parse(JSON.stringify({ ...payment, storedAt, changedAt }, shown));
