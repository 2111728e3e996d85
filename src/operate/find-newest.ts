/** When each provider was last heard of. Asked again and again by open pages: what was looked at is not looked at again. */
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import type { EpochMs } from '../core/webhook.ts';

export interface NewestOf {
  readonly newestAt: EpochMs | null;
  /** Where none was found: nothing older than this was looked at; null when everything was. */
  readonly scannedUntil: EpochMs | null;
}

export interface FindNewestDeps {
  readonly store: Pick<WebhookStore, 'list'>;
  readonly clock: Pick<Clock, 'now'>;
}

interface Known extends NewestOf {
  readonly lookedAt: EpochMs;
}

/** For names out of a fixed list, which it remembers. */
export const createFindNewest = ({ store, clock }: FindNewestDeps): ((provider: string) => Promise<NewestOf>) => {
  const known = new Map<string, Known>();
  return async (provider) => {
    const lookedAt = clock.now();
    const before = known.get(provider);
    // A clock that was set back has looked at what is still to come.
    const since = before === undefined || before.lookedAt > lookedAt ? undefined : before.lookedAt;
    const found = await store.list({
      provider,
      limit: 1,
      lookAtMax: LIMITS.newestLookedAtMax,
      // What is stored now may have come a while ago: an index is late, or the clock of another machine.
      ...(since === undefined ? {} : { since: since - LIMITS.newestAgainMs }),
    });
    const [newest] = found.items;
    const now: NewestOf =
      newest === undefined && since !== undefined && before !== undefined && found.scannedUntil === null
        ? before
        : { newestAt: newest?.receivedAt ?? before?.newestAt ?? null, scannedUntil: found.scannedUntil };
    const { newestAt, scannedUntil } = now;
    known.set(provider, { newestAt, scannedUntil, lookedAt });
    return { newestAt, scannedUntil: newestAt === null ? scannedUntil : null };
  };
};
