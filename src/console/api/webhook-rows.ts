/** Rows of webhooks with what each is about in money: one look-up for a page. */
import type { WebhookSummary } from '../../core/webhook.ts';
import type { OperatorHome } from '../../homes/operator-home.ts';
import { webhookJson } from '../../operate/webhook-json.ts';
import type { WebhookRow } from '../api-types.ts';
import { moneyJson } from './page-json.ts';

const paymentOf = ({ effects }: WebhookSummary): string | null => effects.events[0]?.paymentId ?? null;

export const webhookRows = async (
  { payments }: Pick<OperatorHome, 'payments'>,
  webhooks: readonly WebhookSummary[],
): Promise<readonly WebhookRow[]> => {
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
