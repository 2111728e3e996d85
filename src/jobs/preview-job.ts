/** What a job would do: how many webhooks, the money that hangs on them, whom it calls, what it cannot do and why. */
import type { Mode } from '../core/webhook.ts';
import { createAtRisk } from '../operate/at-risk.ts';
import type { PaymentStore } from '../payments/payment-store.ts';
import type { HandlerCalls, JobFilter, JobPreview, JobWebhook, JobWork } from './job.ts';
import { createSelectWebhooks, type SelectDeps, type Selected } from './select-webhooks.ts';

export interface PreviewDeps extends SelectDeps {
  readonly payments: Pick<PaymentStore, 'find' | 'amountsOf'>;
}

export interface Previewed {
  readonly preview: JobPreview;
  readonly webhooks: readonly JobWebhook[];
}

/** Changes nothing. `mode`: of the payments whose money counts. */
export const createPreviewJob =
  (deps: PreviewDeps) =>
  async (work: JobWork, filter: JobFilter, mode: Mode): Promise<Previewed> => {
    const { possible, impossible, scannedUntil } = await createSelectWebhooks(deps)(work, filter);
    const webhooks = possible.map(({ webhook }) => webhook);
    const { payments, money, withoutAmount } = (await createAtRisk(deps.payments)(webhooks, mode))(webhooks);
    const handlers = handlerCalls(work, possible);
    const unread = webhooks.filter(
      ({ effects }) => effects.events.length === 0 && effects.handlers.length === 0,
    ).length;
    const isCallingAll = work.kind === 'redrive' || (work.kind === 'replay' && work.only === null);
    return {
      preview: {
        webhooks: webhooks.length,
        payments,
        money: money.map((sum) => ({ ...sum, minor: String(sum.minor) })),
        withoutAmount,
        ...(unread === 0 ? {} : { unread }),
        handlers,
        notReached: isCallingAll ? webhooks.filter(({ effects }) => effects.handlers.length === 0).length : 0,
        destinations: destinationEvents(work, possible),
        impossible,
        scannedUntil,
      },
      webhooks: possible.map(({ webhook: { webhookId, timestamp, revision }, eventIds }) => ({
        webhookId,
        timestamp,
        revision,
        ...(eventIds === undefined ? {} : { eventIds }),
        outcome: 'to_do',
      })),
    };
  };

/** Whether this work calls a handler of a webhook again that came to this outcome. */
const isCalled = (work: JobWork, handler: string, outcome: string): boolean => {
  switch (work.kind) {
    case 'redrive':
      return outcome !== 'done' && outcome !== 'ignored';
    case 'replay':
      return work.only === null || work.only === handler;
    case 'resend':
      return false;
    default:
      return work satisfies never;
  }
};

const handlerCalls = (work: JobWork, selected: readonly Selected[]): readonly HandlerCalls[] => {
  const calls = new Map<string, { called: number; notCalled: number }>();
  if (work.kind === 'resend') return [];
  for (const { webhook } of selected) {
    const byHandler = Map.groupBy(webhook.effects.handlers, ({ handler }) => handler);
    for (const [handler, effects] of byHandler) {
      const count = calls.get(handler) ?? { called: 0, notCalled: 0 };
      if (effects.some(({ outcome }) => isCalled(work, handler, outcome))) count.called += 1;
      else count.notCalled += 1;
      calls.set(handler, count);
    }
  }
  return [...calls].sort(([a], [b]) => (a < b ? -1 : 1)).map(([handler, count]) => ({ handler, ...count }));
};

/** Events that destinations get again: as far as those are known that got them before. */
const destinationEvents = (work: JobWork, selected: readonly Selected[]): JobPreview['destinations'] => {
  const events = new Map<string, number>();
  const add = (destination: string, more: number): void =>
    void events.set(destination, (events.get(destination) ?? 0) + more);
  for (const { webhook, eventIds = [] } of selected) {
    if (work.kind === 'resend') add(work.destination, eventIds.length);
    if (work.kind !== 'replay' || work.only !== null) continue;
    for (const { destinations = [] } of webhook.effects.events) for (const name of destinations) add(name, 1);
  }
  return [...events]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([destination, count]) => ({ destination, events: count }));
};
