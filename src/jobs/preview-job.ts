/** What a job would do: how many webhooks, the money that hangs on them, whom it calls, what it cannot do and why. */
import type { Mode } from '../core/webhook.ts';
import { createPaymentsOf, createRiskSum } from '../operate/at-risk.ts';
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
    const paymentsOf = createPaymentsOf(deps.payments);
    const sum = createRiskSum();
    const calls = countCalls(work);
    const events = countEvents(work);
    const webhooks: JobWebhook[] = [];
    let [notReached, unread] = [0, 0];
    const { impossible, scannedUntil } = await createSelectWebhooks(deps)(work, filter, async (some) => {
      const page = some.map(({ webhook }) => webhook);
      for (const ofWebhook of await paymentsOf(page, mode)) sum.add(ofWebhook);
      for (const selected of some) {
        const { webhookId, timestamp, revision, effects } = selected.webhook;
        const { eventIds } = selected;
        webhooks.push({
          webhookId,
          timestamp,
          revision,
          ...(eventIds === undefined ? {} : { eventIds }),
          outcome: 'to_do',
        });
        if (effects.handlers.length === 0) {
          notReached += 1;
          if (effects.events.length === 0) unread += 1;
        }
        calls.add(selected);
        events.add(selected);
      }
    });
    const { payments, money, withoutAmount } = sum.total();
    const isCallingAll = work.kind === 'redrive' || (work.kind === 'replay' && work.only === null);
    return {
      preview: {
        webhooks: webhooks.length,
        payments,
        money: money.map((each) => ({ ...each, minor: String(each.minor) })),
        withoutAmount,
        ...(unread === 0 ? {} : { unread }),
        handlers: calls.total(),
        notReached: isCallingAll ? notReached : 0,
        destinations: events.total(),
        impossible,
        scannedUntil,
      },
      webhooks,
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

/** What is counted of webhooks that are added one by one. */
interface Counting<Counted> {
  add(selected: Selected): void;
  total(): readonly Counted[];
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

const countCalls = (work: JobWork): Counting<HandlerCalls> => {
  const calls = new Map<string, { called: number; notCalled: number }>();
  return {
    add({ webhook }) {
      if (work.kind === 'resend') return;
      // A handler may have been called with several events of one webhook: it counts once.
      const ofWebhook = new Map<string, boolean>();
      for (const { handler, outcome } of webhook.effects.handlers) {
        ofWebhook.set(handler, ofWebhook.get(handler) === true || isCalled(work, handler, outcome));
      }
      for (const [handler, isAgain] of ofWebhook) {
        const count = calls.get(handler) ?? { called: 0, notCalled: 0 };
        if (isAgain) count.called += 1;
        else count.notCalled += 1;
        calls.set(handler, count);
      }
    },
    total: () => [...calls].sort(byName).map(([handler, count]) => ({ handler, ...count })),
  };
};

/** Events that destinations get again: as far as those are known that got them before. */
const countEvents = (work: JobWork): Counting<JobPreview['destinations'][number]> => {
  const events = new Map<string, number>();
  const add = (destination: string, more: number): void =>
    void events.set(destination, (events.get(destination) ?? 0) + more);
  return {
    add({ webhook, eventIds = [] }) {
      if (work.kind === 'resend') add(work.destination, eventIds.length);
      if (work.kind !== 'replay' || work.only !== null) return;
      for (const { destinations = [] } of webhook.effects.events) for (const name of destinations) add(name, 1);
    },
    total: () => [...events].sort(byName).map(([destination, count]) => ({ destination, events: count })),
  };
};
