/** Pages of the trail, newest first. The same in both homes: an entry never moves, and its position is its place. */
import { LIMITS } from '../core/limits.ts';
import { checkTimes } from '../core/match-webhook.ts';
import { cursorOf, type Looked, type Page, type PageRequest, pageOf, readCursor } from '../core/page.ts';
import type { EpochMs } from '../core/webhook.ts';
import { type AuditEntry, type AuditEvent, type AuditRecord, readRecord } from './audit.ts';
import type { AuditReader } from './audit-log.ts';

export interface EntryFilter extends PageRequest {
  /** When it happened: at or after, and before. */
  readonly since?: EpochMs | undefined;
  readonly until?: EpochMs | undefined;
  /** Any of several. */
  readonly event?: readonly AuditEvent[] | undefined;
  /** The id of whoever did it. */
  readonly actor?: string | undefined;
  readonly outcome?: AuditRecord['outcome'] | undefined;
}

const LIST = 'audit';
/** Entries that one read brings where not each is wanted. */
const READ_MAX = 500;

/** Whether each is wanted. */
const isAll = ({ since, until, event, actor, outcome }: EntryFilter): boolean =>
  [since, until, event, actor, outcome].every((asked) => asked === undefined);

const isWanted = (
  { since = -Infinity, until = Infinity, event, actor, outcome }: EntryFilter,
  { at, record }: LookedEntry,
): boolean =>
  at >= since &&
  at < until &&
  event?.includes(record.event) !== false &&
  (actor === undefined || record.actor.id === actor) &&
  (outcome === undefined || record.outcome === outcome);

/** Throws `usage_wrong` for a filter that no entry can meet. */
export const createListEntries =
  (log: Pick<AuditReader, 'latest'>) =>
  async (filter: EntryFilter): Promise<Page<AuditEntry>> => {
    checkTimes(filter);
    const { limit, after, lookAtMax = LIMITS.listLookedAtMax } = filter;
    const found: Looked<AuditEntry>[] = [];
    let before = after === undefined ? undefined : readCursor(LIST, after, ['number'] as const)[0];
    for (let lookedAt = 0; ; ) {
      const asked = Math.min(isAll(filter) ? limit + 1 : READ_MAX, lookAtMax - lookedAt);
      const entries = await log.latest(asked, before);
      const looked = entries.map(lookedOf);
      found.push(...looked.filter((one) => isWanted(filter, one)));
      lookedAt += entries.length;
      const last = looked.at(-1);
      if (found.length > limit || entries.length < asked || last === undefined) return pageOf(found, limit, null);
      if (lookedAt >= lookAtMax) return pageOf(found, limit, last);
      before = last.item.position;
    }
  };

interface LookedEntry extends Looked<AuditEntry> {
  readonly record: AuditRecord;
}

const lookedOf = (item: AuditEntry): LookedEntry => {
  const record = readRecord(item);
  return { item, record, at: Date.parse(record.ts), cursor: cursorOf(LIST, item.position) };
};
