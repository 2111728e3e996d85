/**
 * What a job does with one webhook, and what became of it. A webhook is changed on the condition that it still is as it was
 * found, at an instant that was written down before: so it is known of every change whose it was, whoever died in between.
 */
import type { Enqueue } from '../core/ports/queue.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import type { EpochMs, Webhook } from '../core/webhook.ts';
import type { DestinationEntry, DestinationOutbox, DestinationReader } from '../destinations/destination-queue.ts';
import { createRedrive, createReplay, type ReplayOutcome } from '../process/replay.ts';
import type { Job, JobWebhook } from './job.ts';

export interface ActDeps {
  readonly store: WebhookStore;
  readonly queue: Enqueue;
  readonly destinations: DestinationOutbox & DestinationReader;
}

export interface LookDeps {
  readonly store: Pick<WebhookStore, 'get'>;
  readonly destinations: Pick<DestinationReader, 'ofWebhook'>;
}

/** One that has its `startedAt`. */
export type StartedWebhook = JobWebhook & { readonly startedAt: EpochMs };

/** Of `outcome` and `detail`; the time is the caller's. */
type Became = Pick<JobWebhook, 'outcome' | 'detail'>;

const notDone = (detail: string): Became => ({ outcome: 'not_done', detail });

/** Safe to call again after whoever called it died: nothing is done twice. */
export const createActOnJobWebhook =
  (deps: ActDeps) =>
  async (job: Job, one: StartedWebhook): Promise<Became> => {
    const webhook = await deps.store.get(one);
    if (webhook === undefined) return notDone('missing');
    if (job.work.kind === 'resend') return resend(deps, job.work.destination, webhook, one);
    if (isOurs(webhook, one)) {
      const { webhookId, timestamp, provider, traceId } = webhook;
      // Where store and queue are apart, whoever died may not have come to the second.
      if (webhook.status === 'received') await deps.queue.enqueue({ webhookId, timestamp, provider, traceId });
      return { outcome: 'queued' };
    }
    if (webhook.revision !== one.revision) return notDone('changed_meanwhile');
    return putBack(deps, job, webhook, one);
  };

const isOurs = (webhook: Webhook, { startedAt, revision }: StartedWebhook): boolean =>
  webhook.revision !== revision && webhook.effects.round.startedAt === startedAt;

const putBack = async (deps: ActDeps, job: Job, webhook: Webhook, { startedAt }: StartedWebhook): Promise<Became> => {
  const replayDeps = { ...deps, clock: { now: () => startedAt } };
  const reason = `job ${job.id}: ${job.reason}`;
  const outcome: ReplayOutcome =
    job.work.kind === 'replay'
      ? await createReplay(replayDeps)(webhook, job.requestedBy, reason, job.work.only)
      : await createRedrive(replayDeps)(webhook, job.requestedBy, reason);
  switch (outcome.outcome) {
    case 'queued':
      return { outcome: 'queued' };
    case 'waiting_already':
    case 'not_dead_lettered':
    case 'unparsable':
    case 'missing':
    case 'changed_meanwhile':
      return notDone(outcome.outcome);
    default:
      return outcome satisfies never;
  }
};

const resend = async (
  deps: ActDeps,
  destination: string,
  webhook: Webhook,
  { eventIds = [], startedAt }: StartedWebhook,
): Promise<Became> => {
  const statuses = (await deps.destinations.ofWebhook(webhook)).filter((status) => status.destination === destination);
  const ofJob = statuses.filter(({ eventId }) => eventIds.includes(eventId));
  // What was given up after this was written down is not what was previewed; what waits since then is ours.
  const toPut = ofJob.filter(({ state, changedAt }) => state === 'given_up' && changedAt < startedAt);
  const { webhookId, timestamp, provider, traceId, effects } = webhook;
  const entries = toPut.map(({ eventId }): DestinationEntry => {
    const index = eventId === webhookId ? 0 : Number(eventId.slice(webhookId.length + 1)) - 1;
    const { news = 'news' } = effects.events[index] ?? {};
    return { webhookId, timestamp, destination, eventId, provider, traceId, news };
  });
  if (entries.length > 0) await deps.destinations.put(entries, startedAt);
  const isOursToo = ofJob.some(({ enqueuedAt }) => enqueuedAt === startedAt);
  return entries.length > 0 || isOursToo ? { outcome: 'queued' } : notDone('changed_meanwhile');
};

/** What became of one that was put back; itself while that is not known yet. */
export const createLookAtJobWebhook =
  (deps: LookDeps) =>
  async (job: Job, one: StartedWebhook): Promise<Became> => {
    if (job.work.kind === 'resend') return lookAtEvents(deps, job.work.destination, one);
    const webhook = await deps.store.get(one);
    if (webhook === undefined) return notDone('missing');
    if (!isOurs(webhook, one)) return notDone('changed_meanwhile');
    switch (webhook.status) {
      case 'received':
        return one;
      case 'processed':
      case 'ignored':
        return { outcome: webhook.status };
      case 'retrying':
        return hasFailedSince(webhook, one.startedAt) ? failedAgain(webhook) : one;
      case 'dead_lettered':
        return failedAgain(webhook);
      default:
        return webhook.status satisfies never;
    }
  };

/** One that was queued again, or whose attempt runs alone and has not ended yet, is `retrying` and has not failed. */
const hasFailedSince = ({ effects }: Webhook, startedAt: EpochMs): boolean =>
  (effects.history?.at(-1)?.at ?? 0) >= startedAt;

const failedAgain = ({ lastError }: Webhook): Became => ({
  outcome: 'failed_again',
  ...(lastError === null ? {} : { detail: lastError }),
});

const lookAtEvents = async ({ destinations }: LookDeps, destination: string, one: StartedWebhook): Promise<Became> => {
  const { eventIds = [] } = one;
  const statuses = (await destinations.ofWebhook(one)).filter(
    (status) => status.destination === destination && eventIds.includes(status.eventId),
  );
  const failed = statuses.find(({ state, failures }) => state === 'given_up' || failures > 0);
  if (failed !== undefined) {
    return { outcome: 'failed_again', ...(failed.lastError === null ? {} : { detail: failed.lastError }) };
  }
  return statuses.every(({ state }) => state === 'delivered') ? { outcome: 'delivered' } : one;
};
