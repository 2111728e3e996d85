/** Rows of webhooks with what each is about in money, for `--json` and for the console: one look-up for a page. Stable. */
import type { WebhookSummary } from '../core/webhook.ts';
import type { Money } from '../payments/money.ts';
import type { PaymentStore } from '../payments/payment-store.ts';
import { webhookJson } from './webhook-json.ts';

export type WebhookRow = Awaited<ReturnType<typeof webhookRows>>[number];

const paymentOf = ({ effects }: WebhookSummary): string | null => effects.events[0]?.paymentId ?? null;

const moneyJson = ({ minor, currency, exponent }: Money) => ({ minor: String(minor), currency, exponent });

/** The payment of its first event, and what that is about. */
export const webhookRows = async (
  { payments }: { readonly payments: Pick<PaymentStore, 'amountsOf'> },
  webhooks: readonly WebhookSummary[],
) => {
  const ids = [...new Set(webhooks.flatMap((webhook) => paymentOf(webhook) ?? []))];
  const found = ids.length === 0 ? [] : await payments.amountsOf(ids);
  const amounts = new Map(ids.map((id, index) => [id, found[index] ?? []]));
  return webhooks.map((webhook) => {
    const paymentId = paymentOf(webhook);
    const payment = (amounts.get(paymentId ?? '') ?? []).find(
      ({ provider, account }) => provider === webhook.provider && account === webhook.account,
    );
    const money = payment?.amount ?? payment?.captured ?? null;
    return { ...webhookJson(webhook), paymentId, amount: money === null ? null : moneyJson(money) };
  });
};

/** As one line of a spreadsheet, which adds amounts up where their currency stands beside them. */
export const webhookCsv = (row: WebhookRow) => ({ ...row, currency: row.amount?.currency ?? null });
