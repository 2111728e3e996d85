/** Waits in the local home until a scenario's webhooks have ended, and compares its payments with the plan. */
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Settings } from '../config/load-config.ts';
import { hasEnded, type WebhookStatus } from '../core/status.ts';
import type { OperatorHome } from '../homes/operator-home.ts';
import type { PaymentView } from '../payments/payment.ts';
import type { PlannedPayment, ScenarioPayment } from '../samples/scenarios/scenario.ts';
import { type CommandContext, withHome } from './command-context.ts';
import { moneyText, paymentLine } from './payment-text.ts';

const LOOK_EVERY_MS = 50;
/** Given up when nothing has ended for so long: a handler that fails may be tried again for hours. */
const STANDSTILL_MS_MAX = 30_000;
/** More lines help nobody. */
const LINES_MAX = 20;

export interface PlayedScenario {
  readonly scenario: string;
  readonly payments: readonly ScenarioPayment[];
  readonly webhookIds: readonly string[];
  readonly isJson: boolean;
}

interface Outcome {
  readonly payment: ScenarioPayment;
  readonly view: PaymentView | null;
  readonly isAsPlanned: boolean;
}

/**
 * False when a payment did not come out as planned, or a webhook did not end. True, and silent about payments, when this
 * machine's data directory does not have the webhooks: they were sent to another server.
 */
export const showScenarioOutcome = async (
  context: CommandContext,
  settings: Settings,
  played: PlayedScenario,
): Promise<boolean> => {
  const [firstId] = played.webhookIds;
  if (firstId === undefined || !existsSync(settings.dataDirectory)) return true;
  return withHome(context, async (home) => {
    if ((await home.store.find(firstId)).length === 0) {
      if (!played.isJson)
        context.print('payments    are where the webhooks were sent to: this machine does not have them');
      return true;
    }
    const statuses = await waitForEnds(home, played.webhookIds);
    const outcomes: Outcome[] = [];
    for (const payment of played.payments) outcomes.push(await outcomeOf(home, payment));
    const areAllEnded = [...statuses.values()].every(hasEnded);
    if (played.isJson) for (const outcome of outcomes) context.print(JSON.stringify(outcomeJson(played, outcome)));
    else {
      context.print(`webhooks    ${statusText(statuses)}`);
      if (!areAllEnded)
        context.print(`            not all have ended: nothing moved for ${STANDSTILL_MS_MAX / 1000} seconds`);
      printOutcomes(context, outcomes);
    }
    return areAllEnded && outcomes.every(({ isAsPlanned }) => isAsPlanned);
  });
};

/** The status of every webhook, once all have ended or nothing moves any more. */
const waitForEnds = async (home: OperatorHome, ids: readonly string[]): Promise<Map<string, WebhookStatus>> => {
  const statuses = new Map<string, WebhookStatus>();
  let waiting = [...ids];
  let movedAt = performance.now();
  while (waiting.length > 0 && performance.now() - movedAt < STANDSTILL_MS_MAX) {
    const still: string[] = [];
    for (const id of waiting) {
      const [webhook] = await home.store.find(id);
      if (webhook !== undefined) statuses.set(id, webhook.status);
      if (webhook === undefined || !hasEnded(webhook.status)) still.push(id);
    }
    if (still.length < waiting.length) movedAt = performance.now();
    waiting = still;
    if (waiting.length > 0) await pause(LOOK_EVERY_MS);
  }
  return statuses;
};

const isSo = (view: PaymentView, planned: PlannedPayment): boolean =>
  view.status === planned.status &&
  (view.captured?.minor ?? 0n) === planned.captured &&
  (view.refunded?.minor ?? 0n) === planned.refunded &&
  (view.disputed?.minor ?? 0n) === planned.disputed &&
  view.disputes.map(({ state }) => state).join() === planned.disputes.join();

const outcomeOf = async (home: OperatorHome, payment: ScenarioPayment): Promise<Outcome> => {
  const found = await home.payments.find(payment.paymentId);
  const view = found.find((stored) => stored.payment.provider === payment.provider)?.payment ?? null;
  return { payment, view, isAsPlanned: view !== null && isSo(view, payment.planned) };
};

const statusText = (statuses: ReadonlyMap<string, WebhookStatus>): string => {
  const counts = new Map<WebhookStatus, number>();
  for (const status of statuses.values()) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
};

const printOutcomes = (context: CommandContext, outcomes: readonly Outcome[]): void => {
  const wrong = outcomes.filter(({ isAsPlanned }) => !isAsPlanned);
  const shown = outcomes.length <= LINES_MAX ? outcomes : wrong.slice(0, LINES_MAX);
  for (const { payment, view, isAsPlanned } of shown) {
    const line = view === null ? `${payment.provider} ${payment.paymentId}: is not there` : paymentLine(view);
    context.print(`${isAsPlanned ? 'as planned' : 'NOT so    '}  ${line}`);
    if (!isAsPlanned) context.print(`            planned: ${plannedText(payment)}`);
  }
  const right = outcomes.length - wrong.length;
  context.print(`payments    ${right} of ${outcomes.length} came out as planned`);
};

const plannedText = ({ planned, asked }: ScenarioPayment): string => {
  const text = (minor: bigint): string => moneyText({ ...asked, minor });
  return [
    planned.status,
    `captured ${text(planned.captured)}`,
    `refunded ${text(planned.refunded)}`,
    `disputed ${text(planned.disputed)}`,
    ...planned.disputes.map((state) => `dispute ${state}`),
  ].join(', ');
};

const sumsJson = (source: PlannedPayment | PaymentView) => {
  const text = (sum: bigint | { readonly minor: bigint } | null): string =>
    String(typeof sum === 'bigint' ? sum : (sum?.minor ?? 0n));
  return {
    status: source.status,
    captured: text(source.captured),
    refunded: text(source.refunded),
    disputed: text(source.disputed),
    disputes: source.disputes.map((dispute) => (typeof dispute === 'string' ? dispute : dispute.state)),
  };
};

const outcomeJson = ({ scenario }: PlayedScenario, { payment, view, isAsPlanned }: Outcome) => ({
  scenario,
  provider: payment.provider,
  paymentId: payment.paymentId,
  webhooks: payment.webhooks.length,
  isAsPlanned,
  planned: sumsJson(payment.planned),
  payment: view === null ? null : sumsJson(view),
});
