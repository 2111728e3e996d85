/**
 * Audit drafts on their way from the receiver to the audit-logger, as JSON. Whoever reads them trusts nothing: what goes
 * into the audit trail cannot be taken out again.
 */
import { type AuditDraft, type AuditEvent, type AuditOrigin, RESOURCE_OF_EVENT } from '../../../audit/audit.ts';
import type { Actor } from '../../../core/webhook.ts';
import { readMessageFields } from '../message-fields.ts';

export type DraftsRead =
  | { readonly outcome: 'understood'; readonly drafts: readonly AuditDraft[] }
  /** `reason` names what is wrong and quotes nothing. */
  | { readonly outcome: 'unreadable'; readonly reason: string };

/** What a receiver writes at once are the turned away of a minute by provider and reason: `turnedAwayGroupsMax` and one. */
export const DRAFTS_MAX = 500;

/** Longer than anything that a draft says: reasons are codes, ids are bounded by API Gateway. */
const TEXT_CHARS_MAX = 4096;
/** JavaScript's last instant. */
const EPOCH_MS_MAX = 8.64e15;

type Fields = Readonly<Record<string, unknown>>;

const VERSION = 1;

export const writeDrafts = (drafts: readonly AuditDraft[]): string => JSON.stringify({ v: VERSION, drafts });

/** Reads what `writeDrafts` wrote: all drafts, or none when one of them is not right. Never throws. */
export type ReadDrafts = (body: string) => DraftsRead;

export const readDrafts: ReadDrafts = (body) => {
  const read = readMessageFields(body, VERSION);
  if (read.outcome === 'unreadable') return read;
  // Audit drafts have said their version from the beginning.
  if (read.version !== VERSION) return unreadable('not a list of audit drafts');
  const { drafts } = read.fields;
  if (!Array.isArray(drafts) || drafts.length === 0 || drafts.length > DRAFTS_MAX) {
    return unreadable(`not a list of 1 to ${DRAFTS_MAX} audit drafts`);
  }
  const understood: AuditDraft[] = [];
  for (const [index, value] of drafts.entries()) {
    const draft = draftOf(value);
    if (typeof draft === 'string') return unreadable(`draft ${index + 1} of ${drafts.length}: ${draft}`);
    understood.push(draft);
  }
  return { outcome: 'understood', drafts: understood };
};

const unreadable = (reason: string): DraftsRead => ({ outcome: 'unreadable', reason });

/** The draft, with exactly its fields, or what is wrong with it. */
const draftOf = (value: unknown): AuditDraft | string => {
  if (!isFields(value)) return 'not an object';
  const { chainId, at, event, outcome, reason, count } = value;
  // Chains of webhooks are written by the change feed alone: a draft must not be able to forge one.
  if (!isText(chainId) || chainId === '' || chainId.includes('@')) return 'chainId is not a chain of this kind';
  if (!isWholeNumber(at, 0) || at > EPOCH_MS_MAX) return 'at is not an instant';
  if (!isEvent(event)) return 'event is not known';
  if (outcome !== 'success' && outcome !== 'failure') return 'outcome is neither success nor failure';
  if (!isTextOrNull(reason)) return 'reason is not a text';
  if (!isWholeNumber(count, 1)) return 'count is not a whole number from 1';
  const actor = actorOf(value.actor);
  if (actor === undefined) return 'actor is not known';
  const origin = originOf(value.origin);
  if (origin === undefined) return 'origin is not complete';
  const resource = resourceOf(value.resource);
  if (resource === undefined) return 'resource is not known';
  const change = changeOf(value.change);
  if (change === undefined) return 'change is not complete';
  return { chainId, at, actor, event, outcome, reason, origin, resource, change, count };
};

const actorOf = (value: unknown): Actor | undefined => {
  if (!isFields(value) || !isText(value.id)) return undefined;
  const { type, id } = value;
  return type === 'provider' || type === 'component' || type === 'operator' ? { type, id } : undefined;
};

const originOf = (value: unknown): AuditOrigin | undefined => {
  if (!isFields(value)) return undefined;
  const { sourceAddress, requestId, traceId } = value;
  return isTextOrNull(sourceAddress) && isTextOrNull(requestId) && isTextOrNull(traceId)
    ? { sourceAddress, requestId, traceId }
    : undefined;
};

const resourceOf = (value: unknown): AuditDraft['resource'] | undefined => {
  if (!isFields(value) || !isText(value.id)) return undefined;
  const { type, id } = value;
  return type === 'webhook' || type === 'delivery' || type === 'home' ? { type, id } : undefined;
};

const changeOf = (value: unknown): AuditDraft['change'] | undefined => {
  if (value === null) return null;
  if (!isFields(value)) return undefined;
  const { from, to } = value;
  return isTextOrNull(from) && isText(to) ? { from, to } : undefined;
};

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= TEXT_CHARS_MAX;

const isTextOrNull = (value: unknown): value is string | null => value === null || isText(value);

const isWholeNumber = (value: unknown, min: number): value is number =>
  Number.isSafeInteger(value) && Number(value) >= min;

const isEvent = (value: unknown): value is AuditEvent =>
  typeof value === 'string' && Object.hasOwn(RESOURCE_OF_EVENT, value);
