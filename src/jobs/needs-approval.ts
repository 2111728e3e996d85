/** Whether a job is so large that a second person has to agree. */
import type { JobPreview, SavedMoney } from './job.ts';

export interface ApprovalLimits {
  /** Webhooks that a job may have without approval; null for any number. */
  readonly webhooksMax: number | null;
  /**
   * Money that may hang on it, by currency, in whole units; null for any. Where some currency is named, what hangs on it in
   * another one always needs approval: nobody said how much of it is little. So does what nobody has read yet.
   */
  readonly amountMax: Readonly<Record<string, number>> | null;
}

/** What it is too much of, in words; null when nobody else is needed. */
export const whyApproval = (
  { webhooks, money, unread = 0 }: Pick<JobPreview, 'webhooks' | 'money' | 'unread'>,
  { webhooksMax, amountMax }: ApprovalLimits,
): string | null => {
  const reasons: string[] = [];
  if (webhooksMax !== null && webhooks > webhooksMax)
    reasons.push(`more than ${webhooksMax} ${webhooksMax === 1 ? 'webhook' : 'webhooks'}`);
  if (amountMax !== null) reasons.push(...money.flatMap((sum) => whyAmount(sum, amountMax)), ...whyUnread(unread));
  return reasons.length === 0 ? null : reasons.join(', ');
};

const whyUnread = (unread: number): readonly string[] =>
  unread === 0 ? [] : [`${unread} ${unread === 1 ? 'webhook' : 'webhooks'} of which nobody knows the money`];

const whyAmount = (
  { minor, currency, exponent }: SavedMoney,
  amountMax: Readonly<Record<string, number>>,
): readonly string[] => {
  const max = amountMax[currency];
  if (max === undefined) return [`money in ${currency}, of which no amount is configured`];
  return BigInt(minor) > BigInt(max) * 10n ** BigInt(exponent) ? [`more than ${max} ${currency}`] : [];
};
