/** `payhook find`: whatever id somebody holds. */
import { PayhookError } from '../core/errors.ts';
import type { OperatorHome } from '../homes/operator-home.ts';
import { createFindAnything, type Found } from '../operate/find-anything.ts';
import { paymentJson } from '../operate/payment-json.ts';
import { timeText, webhookJson } from '../operate/webhook-json.ts';
import { PROVIDERS } from '../providers/providers.ts';
import { type CommandContext, withHome } from './command-context.ts';
import { moneyText } from './payment-text.ts';
import { showPayment } from './payments.ts';
import type { ExitCode } from './report-failure.ts';
import { tableLines } from './table.ts';
import { findByEnd, showWebhook } from './webhooks.ts';

/** Of an id that leads nowhere: it may be a whole file that somebody pasted. */
const SHOWN_CHARS_MAX = 80;
const HEADER = ['KIND', 'WHEN', 'STATUS', 'PROVIDER', 'WHAT', 'ID'];

export const findAnything = async (
  context: CommandContext,
  id: string,
  options: { readonly json?: boolean },
): Promise<ExitCode> => {
  const found = await withHome(context, (home) => findIn(home, id));
  const { webhooks, payments, scannedUntil } = found;
  if (options.json === true) {
    for (const webhook of webhooks) context.print(JSON.stringify({ kind: 'webhook', ...webhookJson(webhook) }));
    for (const payment of payments) context.print(JSON.stringify({ kind: 'payment', ...paymentJson(payment) }));
  }
  const until =
    scannedUntil === null
      ? ''
      : `: no index knows such ids, and nothing older than ${timeText(scannedUntil)} was looked at`;
  if (webhooks.length + payments.length === 0)
    throw new PayhookError('not_found', `nothing was found for ${id.slice(0, SHOWN_CHARS_MAX)}${until}`);
  if (until !== '') context.warn(`there may be more${until}`);
  if (options.json === true) return 0;
  const [webhook] = webhooks;
  const [payment] = payments;
  if (webhooks.length === 1 && webhook !== undefined && payment === undefined) {
    return showWebhook(context, webhook.webhookId, {});
  }
  if (payments.length === 1 && payment !== undefined && webhook === undefined) {
    return showPayment(context, payment.payment.paymentId, {});
  }
  for (const line of tableLines(HEADER, rowsOf(found), context.columns)) context.print(line);
  return 0;
};

/** Whatever it is, and else the end of a webhook's id, as lists show it. */
const findIn = async (home: OperatorHome, id: string): Promise<Found> => {
  const found = await createFindAnything({ ...home, providers: PROVIDERS.map(({ name }) => name) })(id);
  if (found.webhooks.length + found.payments.length > 0) return found;
  const webhook = await findByEnd(home.store, id);
  return webhook === undefined ? found : { webhooks: [webhook], payments: [], scannedUntil: null };
};

const rowsOf = ({ webhooks, payments }: Found): string[][] => [
  ...payments.map(({ payment, storedAt }) => {
    const amount = payment.captured ?? payment.amount;
    const what = amount === null ? '' : moneyText(amount);
    return ['payment', timeText(storedAt), payment.status, payment.provider, what, payment.paymentId];
  }),
  ...webhooks.map(({ webhookId, receivedAt, status, provider, eventType }) => [
    'webhook',
    timeText(receivedAt),
    status,
    provider,
    eventType,
    webhookId,
  ]),
];
