/**
 * How many webhooks came over time, and what became of them by now. Counted from what is stored, so that it is the same in both
 * homes and needs nothing that is written for it; where more came than are looked at, the time that is shown is shorter.
 */
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/time.ts';
import type { EpochMs, Mode, WebhookSummary } from '../core/webhook.ts';
import { timeText } from './webhook-json.ts';

export interface ActivityBucket {
  readonly from: EpochMs;
  /** All that came in it. The others are what is in which state by now. */
  readonly received: number;
  /** Or ignored: nothing is left to do. */
  readonly processed: number;
  /** Given up: dead letters. */
  readonly failed: number;
  readonly waiting: number;
}

export interface Activity {
  readonly since: EpochMs;
  readonly until: EpochMs;
  readonly bucketMs: number;
  /** Without gaps, oldest first. */
  readonly buckets: readonly ActivityBucket[];
  /** More came than are looked at: `since` is later than what was asked for. */
  readonly isShortened: boolean;
}

export interface CountActivityDeps {
  readonly store: Pick<WebhookStore, 'list'>;
  readonly clock: Pick<Clock, 'now'>;
  /** @default LIMITS.activityWebhooksMax */
  readonly lookAtMax?: number;
}

/** As long as a bucket may be. */
const STEPS_MS = [
  SECOND_MS,
  5 * SECOND_MS,
  15 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  12 * HOUR_MS,
  24 * HOUR_MS,
] as const;
const BUCKETS_MAX = 60;

const stepFor = (spanMs: number): number => STEPS_MS.find((step) => spanMs / step <= BUCKETS_MAX) ?? STEPS_MS[10];

export const createCountActivity =
  ({ store, clock, lookAtMax = LIMITS.activityWebhooksMax }: CountActivityDeps) =>
  async (windowMs: number, mode?: Mode): Promise<Activity> => {
    const until = clock.now();
    const asked = until - windowMs;
    const { webhooks, lookedBackTo } = await newest(store, { since: asked, until: until + 1, mode }, lookAtMax);
    const bucketMs = stepFor(until - (lookedBackTo ?? asked));
    // A bucket that was looked at in part would be too low.
    const since = lookedBackTo === null ? floor(asked, bucketMs) : floor(lookedBackTo, bucketMs) + bucketMs;
    const byBucket = Map.groupBy(webhooks, ({ receivedAt }) => floor(receivedAt, bucketMs));
    const count = Math.floor((until - since) / bucketMs) + 1;
    const buckets = Array.from({ length: Math.max(count, 0) }, (_, index) => {
      const from = since + index * bucketMs;
      return bucketOf(from, byBucket.get(from) ?? []);
    });
    return {
      since: lookedBackTo === null ? asked : since,
      until,
      bucketMs,
      buckets,
      isShortened: lookedBackTo !== null,
    };
  };

const floor = (at: number, step: number): number => Math.floor(at / step) * step;

const bucketOf = (from: EpochMs, webhooks: readonly WebhookSummary[]): ActivityBucket => {
  const are = (...statuses: readonly WebhookSummary['status'][]): number =>
    webhooks.filter(({ status }) => statuses.includes(status)).length;
  return {
    from,
    received: webhooks.length,
    processed: are('processed', 'ignored'),
    failed: are('dead_lettered'),
    waiting: are('received', 'retrying'),
  };
};

interface Asked {
  readonly since: EpochMs;
  readonly until: EpochMs;
  readonly mode: Mode | undefined;
}

/** `lookedBackTo`: of the oldest that was looked at, where there are older ones; null where it is all. */
const newest = async (store: CountActivityDeps['store'], asked: Asked, lookAtMax: number) => {
  const webhooks: WebhookSummary[] = [];
  for (let after: string | undefined; ; ) {
    const limit = Math.min(LIMITS.listLimitMax, lookAtMax - webhooks.length);
    const { items, next, scannedUntil } = await store.list({ ...asked, limit, after });
    webhooks.push(...items);
    if (next === null) return { webhooks, lookedBackTo: null };
    const oldest = scannedUntil ?? webhooks.at(-1)?.receivedAt ?? asked.until;
    if (scannedUntil !== null || webhooks.length >= lookAtMax) return { webhooks, lookedBackTo: oldest };
    after = next;
  }
};

/** For `--json` and for the console. Stable. */
export const bucketJson = ({ from, ...counts }: ActivityBucket) => ({ from: timeText(from), ...counts });

export const activityJson = ({ since, until, buckets, ...activity }: Activity) => ({
  ...activity,
  since: timeText(since),
  until: timeText(until),
  buckets: buckets.map(bucketJson),
});
