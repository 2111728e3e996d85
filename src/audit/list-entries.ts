/** Pages of the trail, newest first. The same in both homes: an entry never moves, and its position is its place. */
import { LIMITS } from '../core/limits.ts';
import { checkTimes } from '../core/match-webhook.ts';
import { cursorOf, type Looked, type Page, type PageRequest, pageOf, readCursor } from '../core/page.ts';
import type { EpochMs } from '../core/webhook.ts';
import { type AuditEntry, readRecord } from './audit.ts';
import type { AuditReader } from './audit-log.ts';

export interface EntryFilter extends PageRequest {
  /** When it happened: at or after, and before. */
  readonly since?: EpochMs | undefined;
  readonly until?: EpochMs | undefined;
}

const LIST = 'audit';
/** Entries that one read brings where not each is wanted. */
const READ_MAX = 500;

const isAsked = ({ since, until }: EntryFilter): boolean => since !== undefined || until !== undefined;

const isWanted = ({ since = -Infinity, until = Infinity }: EntryFilter, at: EpochMs): boolean =>
  at >= since && at < until;

/** Throws `usage_wrong` for a filter that no entry can meet. */
export const createListEntries =
  (log: Pick<AuditReader, 'latest'>) =>
  async (filter: EntryFilter): Promise<Page<AuditEntry>> => {
    checkTimes(filter);
    const { limit, after, lookAtMax = LIMITS.listLookedAtMax } = filter;
    const found: Looked<AuditEntry>[] = [];
    let before = after === undefined ? undefined : readCursor(LIST, after, ['number'] as const)[0];
    for (let lookedAt = 0; ; ) {
      const asked = Math.min(isAsked(filter) ? READ_MAX : limit + 1, lookAtMax - lookedAt);
      const entries = await log.latest(asked, before);
      const looked = entries.map(lookedOf);
      found.push(...looked.filter(({ at }) => isWanted(filter, at)));
      lookedAt += entries.length;
      const last = looked.at(-1);
      if (found.length > limit || entries.length < asked || last === undefined) return pageOf(found, limit, null);
      if (lookedAt >= lookAtMax) return pageOf(found, limit, last);
      before = last.item.position;
    }
  };

const lookedOf = (item: AuditEntry): Looked<AuditEntry> => ({
  item,
  at: Date.parse(readRecord(item).ts),
  cursor: cursorOf(LIST, item.position),
});
