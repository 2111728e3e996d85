/** What a job that waits would do as of now, by the function that looked at it when it was asked for; and what has become other since. */
import { PayhookError } from '../core/errors.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import type { DestinationReader } from '../destinations/destination-queue.ts';
import { hashOfJob, type Job, type JobPreview, type JobWebhook } from './job.ts';
import type { JobStore } from './job-store.ts';
import { createPreviewJob, type PreviewDeps } from './preview-job.ts';

export interface CountChangedDeps {
  readonly jobs: Pick<JobStore, 'part'>;
  readonly store: Pick<WebhookStore, 'get'>;
  readonly destinations: Pick<DestinationReader, 'ofWebhook'>;
}

export interface LookAgainDeps extends PreviewDeps, CountChangedDeps {
  readonly store: CountChangedDeps['store'] & PreviewDeps['store'];
  readonly destinations: CountChangedDeps['destinations'] & PreviewDeps['destinations'];
}

export interface LookedAgain {
  readonly preview: JobPreview;
  /** Webhooks of the job that are not any more as they were found: with one it has to be asked for again. */
  readonly changed: number;
  /** Webhooks that its filter means by now, and that are not part of the job: nothing is done with them. */
  readonly more: number;
}

/** Throws `store_damaged` for a job that is not the one that was asked for. */
export const createLookAgain =
  (deps: LookAgainDeps) =>
  async (job: Job): Promise<LookedAgain> => {
    const asked = await webhooksOf(deps, job);
    const ids = new Set(asked.map(idText));
    // A job of an older release says nothing of the mode, and waits for a day at most.
    const { preview, webhooks } = await createPreviewJob(deps)(job.work, job.filter, job.mode ?? 'live');
    return {
      preview,
      changed: await countIn(deps, job, asked),
      more: webhooks.filter((one) => !ids.has(idText(one))).length,
    };
  };

/** Webhooks of the job that are not any more as they were found. Throws as `createLookAgain` does. */
export const createCountChanged =
  (deps: CountChangedDeps) =>
  async (job: Job): Promise<number> =>
    countIn(deps, job, await webhooksOf(deps, job));

const idText = ({ webhookId, timestamp }: JobWebhook): string => JSON.stringify([webhookId, timestamp]);

const webhooksOf = async ({ jobs }: CountChangedDeps, job: Job): Promise<readonly JobWebhook[]> => {
  const webhooks: JobWebhook[] = [];
  for (let number = 0; number < job.parts; number += 1) {
    webhooks.push(...((await jobs.part(job.id, number))?.webhooks ?? []));
  }
  if (hashOfJob(job, webhooks) !== job.previewHash) {
    throw new PayhookError('store_damaged', `job ${job.id} is not what was asked for: its record was edited`);
  }
  return webhooks;
};

/** Webhooks that are looked at at a time. */
const AT_ONCE_MAX = 25;

/** A list may be a moment behind: each is read. */
const countIn = async (deps: CountChangedDeps, job: Job, asked: readonly JobWebhook[]): Promise<number> => {
  let changed = 0;
  for (let at = 0; at < asked.length; at += AT_ONCE_MAX) {
    const isSame = await Promise.all(asked.slice(at, at + AT_ONCE_MAX).map((one) => isAsFound(deps, job, one)));
    changed += isSame.filter((same) => !same).length;
  }
  return changed;
};

const isAsFound = async (
  { store, destinations }: CountChangedDeps,
  { work }: Job,
  { eventIds = [], ...one }: JobWebhook,
): Promise<boolean> => {
  if (work.kind !== 'resend') return (await store.get(one))?.revision === one.revision;
  const givenUp = (await destinations.ofWebhook(one))
    .filter(({ destination, state }) => destination === work.destination && state === 'given_up')
    .map(({ eventId }) => eventId);
  return eventIds.every((eventId) => givenUp.includes(eventId));
};
