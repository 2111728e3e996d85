/**
 * What a job does with one webhook, and what became of it. A webhook is changed on the condition that it still is as it was
 * found, at an instant that was written down before: so it is known of every change whose it was, whoever died in between.
 */
import { hasFailedInRound } from '../core/effects.ts';
import type { Enqueue } from '../core/ports/queue.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import type { EpochMs, Webhook } from '../core/webhook.ts';
import type {
  DestinationEntry,
  DestinationOutbox,
  DestinationReader,
  DestinationStatus,
} from '../destinations/destination-queue.ts';
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

const resend = async (deps: ActDeps, destination: string, webhook: Webhook, one: StartedWebhook): Promise<Became> => {
  const found = await entriesOf(deps, destination, one);
  const ours = found.filter(isPutBy(one));
  const toPut = [
    ...found.filter((status) => isGivenUpBefore(status, one)),
    // Where states and queues are apart, whoever died may not have come to the second.
    ...ours.filter(({ state }) => state === 'waiting'),
  ];
  const { webhookId, timestamp, provider, traceId, effects } = webhook;
  const entries = toPut.map(({ eventId }): DestinationEntry => {
    const index = eventId === webhookId ? 0 : Number(eventId.slice(webhookId.length + 1)) - 1;
    const { news = 'news' } = effects.events[index] ?? {};
    return { webhookId, timestamp, destination, eventId, provider, traceId, news };
  });
  if (entries.length > 0) await deps.destinations.put(entries, one.startedAt);
  return entries.length > 0 || ours.length > 0 ? { outcome: 'queued' } : notDone('changed_meanwhile');
};

/** What became of the events that the job is about. */
const entriesOf = async (
  { destinations }: Pick<LookDeps, 'destinations'>,
  destination: string,
  { eventIds = [], ...one }: StartedWebhook,
): Promise<readonly DestinationStatus[]> =>
  (await destinations.ofWebhook(one)).filter(
    (status) => status.destination === destination && eventIds.includes(status.eventId),
  );

/** What was given up after this was written down is not what was previewed. */
const isGivenUpBefore = ({ state, changedAt }: DestinationStatus, { startedAt }: StartedWebhook): boolean =>
  state === 'given_up' && changedAt < startedAt;

const isPutBy =
  ({ startedAt }: StartedWebhook) =>
  ({ enqueuedAt }: DestinationStatus): boolean =>
    enqueuedAt === startedAt;

/** What became of one that was put back, by whomever died before that was written down too. */
export const createLookAtJobWebhook =
  (deps: LookDeps) =>
  async (job: Job, one: StartedWebhook): Promise<Became> => {
    if (job.work.kind === 'resend') return lookAtEvents(deps, job.work.destination, one);
    const webhook = await deps.store.get(one);
    if (webhook === undefined) return notDone('missing');
    if (!isOurs(webhook, one)) return notOurs(one);
    switch (webhook.status) {
      case 'received':
        return { outcome: 'queued' };
      case 'processed':
      case 'ignored':
        return { outcome: webhook.status };
      case 'retrying':
        return hasFailedInRound(webhook) ? failedAgain(lastSaid(webhook)) : { outcome: 'queued' };
      case 'dead_lettered':
        return failedAgain(webhook.lastError);
      default:
        return webhook.status satisfies never;
    }
  };

/** Whoever has started it may not have come to it yet. */
const notOurs = ({ outcome }: StartedWebhook): Became =>
  outcome === 'to_do' ? { outcome } : notDone('changed_meanwhile');

/** `lastError` may be what is left before an attempt that has not ended. */
const lastSaid = ({ effects: { history }, lastError }: Webhook): string | null => {
  const last = history?.at(-1);
  return last === undefined ? lastError : (last.error ?? last.reason);
};

const failedAgain = (detail: string | null): Became => ({
  outcome: 'failed_again',
  ...(detail === null ? {} : { detail }),
});

const lookAtEvents = async (deps: LookDeps, destination: string, one: StartedWebhook): Promise<Became> => {
  const ours = (await entriesOf(deps, destination, one)).filter(isPutBy(one));
  if (ours.length === 0) return notOurs(one);
  const failed = ours.find(({ state, failures }) => state === 'given_up' || (state === 'waiting' && failures > 0));
  if (failed !== undefined) return failedAgain(failed.lastError);
  return { outcome: ours.every(({ state }) => state === 'delivered') ? 'delivered' : 'queued' };
};
