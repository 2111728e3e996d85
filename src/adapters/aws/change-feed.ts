/**
 * From what the table's stream says to audit entries. Whoever writes a webhook also writes the head of its audit chain;
 * the entries are built again from the images before and after, and must come out with that head. A change that does not
 * fit was not made by Payhook: it becomes an entry of its own and an alert.
 */
import { isDeepStrictEqual } from 'node:util';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type AuditDraft, type ChainLink, type LinkedEntry, linkEntry, webhookChain } from '../../core/audit.ts';
import { entriesForInsert, entryForChange } from '../../core/audit-entries.ts';
import type { StatusChange } from '../../core/ports/webhook-store.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { DATA_KEY_PREFIX } from './dynamodb-data-key-items.ts';
import { type Item, type StoredWebhook, storedWebhookOf, TRANSMISSION_PREFIX } from './dynamodb-webhook-items.ts';

/** An attribute as the SDK gives it, or as Lambda's JSON does: there, bytes are base64. */
type ImageValue = AttributeValue | { readonly B: string };
type Image = Readonly<Record<string, ImageValue>>;

/** What Lambda's event and the Streams API have in common. */
export interface StreamRecord {
  readonly eventName?: string | undefined;
  readonly userIdentity?: { readonly principalId?: string; readonly PrincipalId?: string } | undefined;
  readonly dynamodb?:
    | {
        readonly ApproximateCreationDateTime?: number | Date | undefined;
        readonly Keys?: object | undefined;
        readonly NewImage?: object | undefined;
        readonly OldImage?: object | undefined;
      }
    | undefined;
}

export type ReadChange =
  | { readonly kind: 'entries'; readonly entries: readonly LinkedEntry[] }
  /** Not a change that Payhook made. */
  | { readonly kind: 'unexplained'; readonly webhookId: string; readonly draft: AuditDraft }
  /** An item of another kind, which has no audit trail of its own. */
  | { readonly kind: 'nothing' }
  /** Cannot be understood at all; `reason` holds nothing of the record. */
  | { readonly kind: 'unreadable'; readonly reason: string };

const UNEXPLAINED_CHAIN = 'unexplained';

/** Who removes items whose time to live has ended. */
const TIME_TO_LIVE_PRINCIPAL = 'dynamodb.amazonaws.com';

/** What a change may touch; everything else of a webhook stays as it was received. */
const CHANGEABLE: ReadonlySet<string> = new Set([
  'status',
  'attempts',
  'lastError',
  'nextAttemptAt',
  'changedBy',
  'changes',
  'changeReason',
  'revision',
  'auditSeq',
  'auditHash',
  'attention',
]);

/** Pure: the same record gives the same answer, so a feed that repeats itself adds nothing new. */
export const readChange = (record: StreamRecord): ReadChange => {
  const { Keys: keys, NewImage: newImage, OldImage: oldImage } = record.dynamodb ?? {};
  const webhookId = (keys as Image | undefined)?.webhookId;
  const id = webhookId !== undefined && 'S' in webhookId ? webhookId.S : undefined;
  if (id === undefined) return { kind: 'unreadable', reason: 'the record has no key' };
  if (id.startsWith(DATA_KEY_PREFIX) || id.startsWith(TRANSMISSION_PREFIX)) return { kind: 'nothing' };

  const at = createdAtOf(record);
  const unexplained = (reason: string): ReadChange => ({
    kind: 'unexplained',
    webhookId: id,
    draft: draftOf(id, at, reason),
  });
  const [before, after] = [readImage(oldImage), readImage(newImage)];
  if (before === 'unreadable' || after === 'unreadable') return unexplained('item_not_understood');
  if (after === undefined) {
    if (before === undefined) return { kind: 'unreadable', reason: 'the record has no image' };
    return isByTimeToLive(record)
      ? { kind: 'entries', entries: [deletion(before.stored, at)] }
      : unexplained('removed');
  }
  if (before === undefined) return inserted(after.stored) ?? unexplained('inserted_without_entry');
  return changed(before, after) ?? unexplained('changed_without_entry');
};

interface ReadImage {
  readonly item: Item;
  readonly stored: StoredWebhook;
}

const readImage = (image: object | undefined): ReadImage | 'unreadable' | undefined => {
  if (image === undefined) return undefined;
  const item = itemOf(image as Image);
  try {
    return { item, stored: storedWebhookOf(item) };
  } catch {
    // Not thrown on: an item that nobody here could have written is what the caller is to be told about.
    return 'unreadable';
  }
};

const itemOf = (image: Image): Item =>
  Object.fromEntries(
    Object.entries(image).map(([name, value]): [string, AttributeValue] => [
      name,
      'B' in value && typeof value.B === 'string' ? { B: Buffer.from(value.B, 'base64') } : (value as AttributeValue),
    ]),
  );

const createdAtOf = ({ dynamodb }: StreamRecord): EpochMs => {
  const at = dynamodb?.ApproximateCreationDateTime;
  return at instanceof Date ? at.getTime() : Math.round((at ?? 0) * 1000);
};

const isByTimeToLive = ({ userIdentity }: StreamRecord): boolean =>
  (userIdentity?.principalId ?? userIdentity?.PrincipalId) === TIME_TO_LIVE_PRINCIPAL;

const link = (drafts: readonly AuditDraft[], first: ChainLink | undefined) => {
  let head = first;
  const entries: LinkedEntry[] = [];
  for (const draft of drafts) {
    const linked = linkEntry(draft, head);
    entries.push({ chainId: draft.chainId, at: draft.at, text: linked.text, hash: linked.hash });
    head = linked;
  }
  return { entries, head };
};

const fits = (head: ChainLink | undefined, stored: ChainLink): boolean =>
  head?.seq === stored.seq && head.hash === stored.hash;

const inserted = ({ webhook, head, changes }: StoredWebhook): ReadChange | undefined => {
  if (webhook.status !== 'received' && webhook.status !== 'dead_lettered') return undefined;
  const { status, lastError, changedBy: actor } = webhook;
  const linked = link(entriesForInsert({ webhook, status, lastError, actor, transmission: null }), undefined);
  const isFirst = webhook.revision === 1 && changes.length === 0;
  return isFirst && fits(linked.head, head) ? { kind: 'entries', entries: linked.entries } : undefined;
};

const changed = (before: ReadImage, after: ReadImage): ReadChange | undefined => {
  const { webhook, changeReason, head } = after.stored;
  const old = before.stored;
  const names = new Set([...Object.keys(before.item), ...Object.keys(after.item)]);
  for (const name of names) {
    if (!CHANGEABLE.has(name) && !isDeepStrictEqual(plain(before.item[name]), plain(after.item[name])))
      return undefined;
  }
  if (webhook.revision !== old.webhook.revision + 1) return undefined;
  const change: StatusChange = {
    status: webhook.status,
    attempts: webhook.attempts,
    lastError: webhook.lastError,
    nextAttemptAt: webhook.nextAttemptAt,
    changedAt: webhook.changedAt,
    actor: webhook.changedBy,
    reason: changeReason,
  };
  const linked = link([entryForChange(webhook, old.webhook.status, webhook.traceId, change)], old.head);
  return fits(linked.head, head) ? { kind: 'entries', entries: linked.entries } : undefined;
};

/** Bytes compare as bytes, whether they came as a Buffer or as a plain array. */
const plain = (value: AttributeValue | undefined): unknown =>
  value?.B === undefined ? value : Buffer.from(value.B).toString('base64');

const deletion = ({ webhook, head }: StoredWebhook, at: EpochMs): LinkedEntry => {
  const draft: AuditDraft = {
    chainId: webhookChain(webhook.webhookId, webhook.timestamp),
    at,
    actor: { type: 'component', id: 'retention' },
    event: 'DELETED',
    outcome: 'success',
    reason: 'retention_ended',
    origin: { sourceAddress: null, requestId: null, traceId: webhook.traceId },
    resource: { type: 'webhook', id: webhook.webhookId },
    change: { from: webhook.status, to: 'deleted' },
    count: 1,
  };
  const { text, hash } = linkEntry(draft, head);
  return { chainId: draft.chainId, at, text, hash };
};

const draftOf = (webhookId: string, at: EpochMs, reason: string): AuditDraft => ({
  chainId: UNEXPLAINED_CHAIN,
  at,
  // The stream does not say who: CloudTrail's data events of the table do.
  actor: { type: 'operator', id: 'unknown' },
  event: 'UNEXPLAINED_CHANGE',
  outcome: 'failure',
  reason,
  origin: { sourceAddress: null, requestId: null, traceId: null },
  resource: { type: 'webhook', id: webhookId },
  change: null,
  count: 1,
});
