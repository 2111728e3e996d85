/** Which entries of the trail a filter means, and which filters no entry can ever meet. */
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import { checkTimes } from '../core/match-webhook.ts';
import type { PageRequest } from '../core/page.ts';
import type { Actor, EpochMs } from '../core/webhook.ts';
import {
  type AuditEvent,
  type AuditRecord,
  HOME_CHAIN,
  JOBS_CHAIN,
  OPERATORS_CHAIN,
  RECOVERY_CHAIN,
  RESOURCE_OF_EVENT,
  RETENTION_CHAIN,
  REVIEWS_CHAIN,
  type ResourceType,
  SIGN_IN_CHAIN,
  TURNED_AWAY_CHAIN,
  UNEXPLAINED_CHAIN,
} from './audit.ts';

/** What entries are about; null is any of its type. */
export interface EntryObject {
  readonly type: ResourceType;
  readonly id: string | null;
}

/** Who did it; null is any. */
export interface EntryActor {
  readonly type: Actor['type'] | null;
  readonly id: string | null;
}

export interface EntryFilter extends PageRequest {
  /** When it happened: at or after, and before. */
  readonly since?: EpochMs | undefined;
  readonly until?: EpochMs | undefined;
  /** One of these. */
  readonly events?: readonly AuditEvent[] | undefined;
  readonly actor?: EntryActor | undefined;
  readonly outcome?: AuditRecord['outcome'] | undefined;
  readonly chain?: string | undefined;
  /** About one of these. */
  readonly objects?: readonly EntryObject[] | undefined;
}

/** All that a filter says but for the cursor, by which the trail is ordered. */
export const matchesEntry = (filter: EntryFilter): ((record: AuditRecord) => boolean) => {
  const { since = -Infinity, until = Infinity, events, actor, outcome, chain, objects } = filter;
  return (record) =>
    (chain === undefined || record.chain === chain) &&
    events?.includes(record.event) !== false &&
    (actor === undefined || isOne(actor, record.actor)) &&
    (outcome === undefined || record.outcome === outcome) &&
    objects?.some((object) => isOne(object, record.resource)) !== false &&
    isBetween(Date.parse(record.ts), since, until);
};

const isBetween = (at: EpochMs, since: number, until: number): boolean => at >= since && at < until;

const isOne = (
  asked: { readonly type: string | null; readonly id: string | null },
  { type, id }: { readonly type: string; readonly id: string },
): boolean => (asked.type ?? type) === type && (asked.id ?? id) === id;

const impossible = (why: string): PayhookError => new PayhookError('usage_wrong', why);

/** Throws `usage_wrong` for a filter that no entry can meet: an empty list would look like an answer. */
export const checkEntryFilter = (filter: EntryFilter): void => {
  checkTimes(filter);
  const { limit, events, chain, objects } = filter;
  if (limit < 1 || limit > LIMITS.listLimitMax) throw impossible(`a list has 1 to ${LIMITS.listLimitMax} rows`);
  if (events?.length === 0) throw impossible('no event is named: leave the filter out for all of them');
  if (objects !== undefined) checkEvents(filter, objects, 'what is asked about');
  if (chain === undefined) return;
  checkChain(chain);
  const only = objectOfChain(chain);
  if (only === null) return;
  checkEvents(filter, [only], `chain ${chain}`);
  if (objects?.some(({ type, id }) => type === only.type && (id ?? only.id) === only.id) === false) {
    throw impossible(`chain ${chain} is about ${only.type} ${only.id} only: leave out one of the two`);
  }
};

const checkEvents = ({ events }: EntryFilter, objects: readonly EntryObject[], where: string): void => {
  const types = objects.map(({ type }) => type);
  const about = new Set(events?.flatMap((event) => RESOURCE_OF_EVENT[event]));
  if (events === undefined || types.some((type) => about.has(type))) return;
  throw impossible(
    `${events.join(', ')} is about a ${[...about].join(' or ')}, and ${where} is not: leave out one of the two`,
  );
};

/** Chains of this name, and for some `name:…` beside it. */
const NAMED_CHAINS = [
  TURNED_AWAY_CHAIN,
  HOME_CHAIN,
  OPERATORS_CHAIN,
  JOBS_CHAIN,
  RETENTION_CHAIN,
  REVIEWS_CHAIN,
  RECOVERY_CHAIN,
  UNEXPLAINED_CHAIN,
  SIGN_IN_CHAIN,
] as const;
/** Each job had a chain of its own in 0.2.0. */
const OTHER_CHAINS = [/^job:./, new RegExp(`^${SIGN_IN_CHAIN}:.`), /^.+:.+@-?\d+$/];

const checkChain = (chain: string): void => {
  if (NAMED_CHAINS.some((known) => known === chain) || OTHER_CHAINS.some((form) => form.test(chain))) return;
  throw impossible(
    `${chain} is no chain: there are ${NAMED_CHAINS.join(', ')}, ${SIGN_IN_CHAIN}:<name>, and of each webhook <id>@<timestamp>; with --json each entry names its own`,
  );
};

/** The one thing that a chain is about; null where it is about many. */
const objectOfChain = (chain: string): EntryObject | null => {
  const at = chain.lastIndexOf('@');
  if (at >= 0) return { type: 'webhook', id: chain.slice(0, at) };
  return chain.startsWith('job:') ? { type: 'job', id: chain.slice('job:'.length) } : null;
};
