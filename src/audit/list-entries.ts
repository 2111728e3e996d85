/** Pages of the trail, newest first. The same in both homes: an entry never moves, and its position is its place. */
import { LIMITS } from '../core/limits.ts';
import { cursorOf, type Looked, notACursor, type Page, pageOf, readCursor } from '../core/page.ts';
import { type AuditEntry, readRecord } from './audit.ts';
import type { AuditReader } from './audit-log.ts';
import { checkEntryFilter, type EntryFilter, matchesEntry } from './match-entry.ts';

const LIST = 'audit';
/** Entries that one read brings where not each is wanted. */
const READ_MAX = 500;

/** Newest first, those before a position where one is given. */
type Read = (limit: number, before: number | undefined) => Promise<readonly AuditEntry[]>;

/**
 * The trail goes by position, and each chain leads from one entry to the one before; everything else is looked for on the
 * way. Throws `usage_wrong` for a filter that no entry can meet.
 */
export const createListEntries =
  (log: Pick<AuditReader, 'latest' | 'chain'>) =>
  async (filter: EntryFilter): Promise<Page<AuditEntry>> => {
    checkEntryFilter(filter);
    const { limit, lookAtMax = LIMITS.listLookedAtMax } = filter;
    const { read, isSearch } = await readerOf(log, filter);
    const isWanted = matchesEntry(filter);
    const found: Looked<AuditEntry>[] = [];
    let before = placeOf(filter);
    for (let lookedAt = 0; ; ) {
      const asked = Math.min(isSearch ? READ_MAX : limit + 1, lookAtMax - lookedAt);
      const entries = await read(asked, before);
      let last: Looked<AuditEntry> | undefined;
      for (const entry of entries) {
        const record = readRecord(entry);
        last = { item: entry, at: Date.parse(record.ts), cursor: cursorFor(filter, entry) };
        if (isWanted(record)) found.push(last);
      }
      lookedAt += entries.length;
      if (found.length > limit || entries.length < asked || last === undefined) return pageOf(found, limit, null);
      if (lookedAt >= lookAtMax) return pageOf(found, limit, last);
      before = last.item.position;
    }
  };

const readerOf = async (
  { latest, chain: entriesOf }: Pick<AuditReader, 'latest' | 'chain'>,
  { since, until, events, actor, outcome, chain, objects }: EntryFilter,
): Promise<{ readonly read: Read; readonly isSearch: boolean }> => {
  const isSearch = [since, until, events, actor, outcome, objects].some((asked) => asked !== undefined);
  if (chain === undefined) return { read: latest, isSearch };
  // The chain of a webhook that is not stored any more is only found by looking; any other says itself that it is empty.
  const isOfWebhook = chain.includes('@');
  if (isOfWebhook && (await entriesOf(chain, 1)).length === 0) return { read: latest, isSearch: true };
  return { read: async (limit, before) => (await entriesOf(chain, limit, before)).toReversed(), isSearch };
};

/** The cursor of one chain is none of another, or of all. */
const cursorFor = ({ chain }: EntryFilter, { position }: AuditEntry): string =>
  chain === undefined ? cursorOf(LIST, position) : cursorOf(LIST, position, chain);

const placeOf = ({ after, chain }: EntryFilter): number | undefined => {
  if (after === undefined) return undefined;
  if (chain === undefined) return readCursor(LIST, after, ['number'] as const)[0];
  const [position, ofChain] = readCursor(LIST, after, ['number', 'string'] as const);
  if (ofChain !== chain) throw notACursor(after);
  return position;
};
