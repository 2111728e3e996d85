/**
 * The rejected box: deliveries that were not found genuine, kept for a while, so that a person can find out why and accept
 * them once the secret is mended. Apart from everything that is genuine: nothing in it is ever processed by itself.
 *
 * Bounded by its shape: each delivery has a place, chosen by whoever keeps it out of a fixed number, and takes the place of
 * what was there. So there are never more than there are places, nothing has to be counted or cleared away before a write,
 * and a sender can only push out what has a place that its own deliveries have.
 */
import { cursorOf, type Page, type PageRequest, pageOfAll, readCursor } from '../page.ts';
import type { EpochMs, SealedPayload } from '../webhook.ts';
import type { RejectionReason } from './provider.ts';

export interface RejectedSummary {
  /** Its place and its time: `stripe:p12:mi8k2f1x`. */
  readonly id: string;
  readonly provider: string;
  /** When it came: the receive time that it has once it is accepted. */
  readonly rejectedAt: EpochMs;
  readonly reason: RejectionReason;
  /** When it says that it was signed, less when it came; absent where it does not say, and in what was kept before version 0.2. */
  readonly skewMs?: number;
  readonly sourceAddress: string;
  /** From an address that the provider publishes, or that has sent genuine ones lately. */
  readonly isFromKnownSender: boolean;
  readonly bodyBytes: number;
  /** Values that the card-data guard masked: with any it cannot be verified again. */
  readonly cardDataCount: number;
  readonly traceId: string;
  readonly expiresAt: EpochMs;
  readonly acceptedAt: EpochMs | null;
  /** What it became; absent until it is accepted, and in what a Payhook accepted that did not keep it. */
  readonly webhookIds?: readonly string[];
}

export interface RejectedDelivery extends RejectedSummary {
  /** Headers, query, address and body, sealed for the key that `rejectedKey` gives. */
  readonly payload: SealedPayload;
}

/** Looks at all of the box where it has to: its places bound it. */
export interface RejectedFilter extends Omit<PageRequest, 'lookAtMax'> {
  readonly provider?: string | undefined;
  readonly reason?: RejectionReason | undefined;
  readonly address?: string | undefined;
  /** Came at or after, and before. */
  readonly since?: EpochMs | undefined;
  readonly until?: EpochMs | undefined;
}

export interface RejectedAccepted {
  readonly at: EpochMs;
  readonly webhookIds: readonly string[];
}

export interface KeepRejected {
  /** Takes the place that the id names, whatever was there. Throws store codes. A power cut may undo the last ones. */
  keep(delivery: RejectedDelivery): Promise<void>;
}

export interface RejectedBox extends KeepRejected {
  /** Undefined when its place has another one by now, or its time is over. */
  get(id: string): Promise<RejectedDelivery | undefined>;
  /** Newest first; those whose time is over are not in it. */
  list(filter: RejectedFilter): Promise<Page<RejectedSummary>>;
  /** Says with it that it was accepted, and as what; does nothing when its place has another one by now. */
  markAccepted(id: string, accepted: RejectedAccepted): Promise<void>;
}

/** The id of a delivery at a place of its provider's. */
export const rejectedId = (provider: string, place: string, at: EpochMs): string =>
  `${provider}:${place}:${at.toString(36)}`;

/** What of an id is the place: everything but the time. */
export const placeOf = (id: string): string => id.slice(0, Math.max(0, id.lastIndexOf(':')));

/** What its payload is sealed for: no webhook has such a key. */
export const rejectedKey = ({ id, rejectedAt }: Pick<RejectedSummary, 'id' | 'rejectedAt'>) => ({
  webhookId: `rejected:${id}`,
  timestamp: rejectedAt,
});

const LIST = 'rejected';

export const rejectedCursor = ({ rejectedAt, id }: RejectedSummary): string => cursorOf(LIST, rejectedAt, id);

/** What a page begins behind: by time, and then by id. */
export const placeAfterRejected = (after: string | undefined): readonly [at: EpochMs, id: string] =>
  after === undefined ? [Number.MAX_SAFE_INTEGER, ''] : readCursor(LIST, after, ['number', 'string'] as const);

/** A page out of all that a box has, for adapters that have no index. */
export const pageOfRejected = (
  all: readonly RejectedSummary[],
  { provider, reason, address, since = -Infinity, until = Infinity, after, limit }: RejectedFilter,
): Page<RejectedSummary> => {
  const [afterAt, afterId] = placeAfterRejected(after);
  const newestFirst = all
    .filter(({ rejectedAt: at, id }) => at < afterAt || (at === afterAt && id < afterId))
    .toSorted((a, b) => b.rejectedAt - a.rejectedAt || (a.id < b.id ? 1 : -1))
    .map((item) => ({ item, at: item.rejectedAt, cursor: rejectedCursor(item) }));
  const isWanted = (one: RejectedSummary): boolean =>
    (provider ?? one.provider) === one.provider &&
    (reason ?? one.reason) === one.reason &&
    (address ?? one.sourceAddress) === one.sourceAddress &&
    one.rejectedAt >= since &&
    one.rejectedAt < until;
  return pageOfAll(newestFirst, isWanted, { limit });
};
