/** `payhook find`: whatever id somebody holds. */
import { PayhookError } from '../core/errors.ts';
import type { OperatorHome } from '../homes/operator-home.ts';
import { createFindAnything, type Found } from '../operate/find-anything.ts';
import { paymentCsv } from '../operate/payment-csv.ts';
import { paymentJson } from '../operate/payment-json.ts';
import { timeText } from '../operate/webhook-json.ts';
import { type WebhookRow, webhookCsv, webhookRows } from '../operate/webhook-rows.ts';
import type { StoredPayment } from '../payments/payment-store.ts';
import { PROVIDERS } from '../providers/providers.ts';
import { type CommandContext, withHome } from './command-context.ts';
import { moneyText } from './payment-text.ts';
import { showPayment } from './payments.ts';
import { type PrintOptions, printList, type Shown } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';
import { findByEnd, showWebhook } from './webhooks.ts';

/** Of an id that leads nowhere: it may be a whole file that somebody pasted. */
const SHOWN_CHARS_MAX = 80;

type Hit =
  | { readonly kind: 'webhook'; readonly webhook: WebhookRow }
  | { readonly kind: 'payment'; readonly payment: StoredPayment };

/** Each webhook with what it is about in money, as its list and the console have it. */
const hitsOf = async (
  home: Pick<OperatorHome, 'payments'>,
  { webhooks, payments }: Pick<Found, 'webhooks' | 'payments'>,
): Promise<readonly Hit[]> => {
  const rows = await webhookRows(home, webhooks);
  return [
    ...rows.map((webhook): Hit => ({ kind: 'webhook', webhook })),
    ...payments.map((payment): Hit => ({ kind: 'payment', payment })),
  ];
};

const rowOf = (hit: Hit): readonly string[] => {
  if (hit.kind === 'webhook') {
    const { webhookId, receivedAt, status, provider, eventType } = hit.webhook;
    return ['webhook', receivedAt, status, provider, eventType, webhookId];
  }
  const { payment, storedAt } = hit.payment;
  const amount = payment.captured ?? payment.amount;
  const what = amount === null ? '' : moneyText(amount);
  return ['payment', timeText(storedAt), payment.status, payment.provider, what, payment.paymentId];
};

const SHOWN: Shown<Hit> = {
  header: ['KIND', 'WHEN', 'STATUS', 'PROVIDER', 'WHAT', 'ID'],
  row: rowOf,
  json: (hit) => ({
    kind: hit.kind,
    ...(hit.kind === 'webhook' ? hit.webhook : paymentJson(hit.payment)),
  }),
  csv: (hit) => ({
    kind: hit.kind,
    ...(hit.kind === 'webhook' ? webhookCsv(hit.webhook) : paymentCsv(paymentJson(hit.payment))),
  }),
};

/** One hit is shown, unless a format is asked for; several are listed. */
export const findAnything = async (context: CommandContext, id: string, options: PrintOptions): Promise<ExitCode> => {
  const { hits, ...found } = await withHome(context, async (home) => {
    const { scannedUntil, ...ofId } = await findIn(home, id);
    return { scannedUntil, hits: await hitsOf(home, ofId) };
  });
  const until =
    found.scannedUntil === null
      ? ''
      : `: no index knows such ids, and nothing older than ${timeText(found.scannedUntil)} was looked at`;
  if (hits.length === 0)
    throw new PayhookError('not_found', `nothing was found for ${id.slice(0, SHOWN_CHARS_MAX)}${until}`);
  if (until !== '') context.warn(`there may be more${until}`);
  const [only, another] = hits;
  if (only !== undefined && another === undefined && options.format === undefined && options.json !== true) {
    return only.kind === 'webhook'
      ? showWebhook(context, only.webhook.webhookId, {})
      : showPayment(context, only.payment.payment.paymentId, {});
  }
  printList(context, hits, SHOWN, options);
  return 0;
};

/** Whatever it is, and else the end of a webhook's id, as lists show it. */
const findIn = async (home: OperatorHome, id: string): Promise<Found> => {
  const found = await createFindAnything({ ...home, providers: PROVIDERS.map(({ name }) => name) })(id);
  if (found.webhooks.length + found.payments.length > 0) return found;
  const webhook = await findByEnd(home.store, id);
  return webhook === undefined ? found : { webhooks: [webhook], payments: [], scannedUntil: null };
};
