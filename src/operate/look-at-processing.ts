/** Is processing behind: since when the oldest webhook waits, and how long those took that ended last. The same in both homes. */
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { QueueDepth, WorkDepth } from '../core/ports/queue.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import { hasEnded, WEBHOOK_STATUSES } from '../core/status.ts';
import type { BriefWebhook, EpochMs } from '../core/webhook.ts';
import { timeOrNull } from './webhook-json.ts';

export interface LookAtProcessingDeps {
  readonly store: Pick<WebhookStore, 'listBrief'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly queueDepth?: QueueDepth['depth'];
}

export interface ProcessingSeen {
  /** Null where the queue does not tell. */
  readonly queue: {
    readonly waiting: number;
    /** There are more than are counted. */
    readonly isMore: boolean;
    readonly oldestAt: EpochMs | null;
  } | null;
  readonly ended: EndedSample;
}

export interface EndedSample {
  /** Of the newest webhooks those that were tried and ended, and were not put back since. */
  readonly webhooks: number;
  /** From received to ended 99 in 100 of them took no longer; null where there is none. */
  readonly tookMsP99: number | null;
}

const ENDED = WEBHOOK_STATUSES.filter(hasEnded);

/** Null where nobody tried it, or it was put back: a redrive of today says nothing of how fast it was last week. */
const tookMs = ({ receivedAt, effects: { round, history = [] } }: BriefWebhook): number | null => {
  const end = history.at(-1);
  return end === undefined || round.startedAt !== null ? null : Math.max(0, end.at - receivedAt);
};

const sampleEnded = async (store: LookAtProcessingDeps['store']): Promise<EndedSample> => {
  const most = LIMITS.endedLookedAtMax;
  const { items } = await store.listBrief({ status: ENDED, limit: most, lookAtMax: most });
  const took = items.flatMap((webhook) => tookMs(webhook) ?? []).sort((a, b) => a - b);
  return { webhooks: took.length, tookMsP99: took[Math.ceil(took.length * 0.99) - 1] ?? null };
};

/** Asked again and again by open pages: those that ended are looked at every few seconds at the most. */
export const createLookAtProcessing = ({ store, clock, queueDepth }: LookAtProcessingDeps) => {
  let known: { readonly at: EpochMs; readonly ended: EndedSample } | undefined;
  const endedLately = async (): Promise<EndedSample> => {
    const at = clock.now();
    if (known === undefined || Math.abs(at - known.at) >= LIMITS.endedAgainMs) {
      known = { at, ended: await sampleEnded(store) };
    }
    return known.ended;
  };
  return async (): Promise<ProcessingSeen> => {
    const [depth, ended] = await Promise.all([queueDepth?.(), endedLately()]);
    return { queue: depth === undefined ? null : waitingIn(depth), ended };
  };
};

const waitingIn = ({ ready, waiting, oldestEnqueuedAt }: WorkDepth): NonNullable<ProcessingSeen['queue']> => ({
  waiting: ready + waiting,
  isMore: Math.max(ready, waiting) >= LIMITS.depthCountedMax,
  oldestAt: oldestEnqueuedAt,
});

/** For the console. */
export const processingJson = ({ queue, ended }: ProcessingSeen) => ({
  queue: queue === null ? null : { ...queue, oldestAt: timeOrNull(queue.oldestAt) },
  ended,
});
