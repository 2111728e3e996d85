/**
 * From what the table's stream says to audit entries. Whoever writes a webhook also writes the head of its audit chain;
 * the entries are built again from the images before and after, and must come out with that head. A change that does not
 * fit was not made by Payhook: it becomes an entry of its own and an alert.
 */
import { isDeepStrictEqual } from 'node:util';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  type AuditDraft,
  type AuditRecord,
  type ChainLink,
  type LinkedEntry,
  linkEntry,
  UNEXPLAINED_CHAIN,
  webhookChain,
} from '../../../audit/audit.ts';
import { entriesForInsert } from '../../../audit/entries.ts';
import { effectsToText } from '../../../core/effects.ts';
import type { StatusChange } from '../../../core/ports/webhook-store.ts';
import { isTransitionAllowed } from '../../../core/status.ts';
import type { ArrivedWebhook, EpochMs, Webhook } from '../../../core/webhook.ts';
import { type Item, numberOf, textOf } from '../dynamodb/values.ts';
import { changeableOf, itemChangeOf } from '../webhooks/changes.ts';
import { itemHoldOf } from '../webhooks/hold-webhook.ts';
import { type StoredWebhook, storedWebhookOf, unpackedItem } from '../webhooks/read-item.ts';
import { attentionOf, DATA_KEY_PREFIX, hasNoTrail, shardOf } from '../webhooks/write-item.ts';

/** An attribute as the SDK gives it, or as Lambda's JSON does: there, bytes are base64. */
type ImageValue = AttributeValue | { readonly B: string };
type Image = Readonly<Record<string, ImageValue>>;

/** What Lambda's event and the Streams API have in common. */
export interface StreamRecord {
  readonly eventName?: string | undefined;
  readonly userIdentity?: { readonly principalId?: string; readonly PrincipalId?: string } | undefined;
  readonly dynamodb?:
    | {
        readonly SequenceNumber?: string | undefined;
        readonly ApproximateCreationDateTime?: number | Date | undefined;
        readonly Keys?: object | undefined;
        readonly NewImage?: object | undefined;
        readonly OldImage?: object | undefined;
      }
    | undefined;
}

export type ReadChange =
  /** `arrived`: the webhook, where it was stored just then. */
  | { readonly outcome: 'entries'; readonly entries: readonly LinkedEntry[]; readonly arrived?: ArrivedWebhook }
  /** Not a change that Payhook made. `webhookId` is the key of the item, whatever it is. */
  | { readonly outcome: 'unexplained'; readonly webhookId: string; readonly draft: AuditDraft }
  /** An item of another kind, which has no audit trail of its own: a transmission, a data key that was just made, the sweeper's. */
  | { readonly outcome: 'nothing' }
  /** Cannot be understood at all; `reason` holds nothing of the record. Reported by its sequence number, if it has one. */
  | { readonly outcome: 'unreadable'; readonly reason: string; readonly sequenceNumber: string | null };

type Version = AuditRecord['v'];
/** Ours first. While a new release is deployed, the functions of the one before still write what it wrote. */
const VERSIONS: readonly Version[] = [2, 1];

/** What differs, as the reason of an `UNEXPLAINED_CHANGE`. */
type UnexplainedReason =
  | 'item_not_understood'
  | 'removed'
  | 'inserted_without_entry'
  | 'changed_without_entry'
  | 'data_key_changed'
  | 'data_key_removed';

/** Who removes items whose time to live has ended. */
const TIME_TO_LIVE_PRINCIPAL = 'dynamodb.amazonaws.com';

/**
 * Pure: the same record gives the same answer, so a feed that repeats itself adds nothing new. Never throws, whatever
 * somebody wrote into the table.
 */
export const readChange = (record: StreamRecord): ReadChange => {
  const { Keys: keys, NewImage: newImage, OldImage: oldImage, SequenceNumber: number } = record.dynamodb ?? {};
  const unreadable = (reason: string): ReadChange => ({
    outcome: 'unreadable',
    reason,
    sequenceNumber: number ?? null,
  });
  const webhookId = (keys as Image | undefined)?.webhookId;
  const id = webhookId !== undefined && 'S' in webhookId ? webhookId.S : undefined;
  if (id === undefined) return unreadable('the record has no key');
  if (newImage === undefined && oldImage === undefined) return unreadable('the record has no image');
  if (hasNoTrail(id)) return { outcome: 'nothing' };

  const at = createdAtOf(record);
  const unexplained = (reason: UnexplainedReason): ReadChange => ({
    outcome: 'unexplained',
    webhookId: id,
    draft: draftOf(id, at, reason),
  });
  if (id.startsWith(DATA_KEY_PREFIX)) {
    // Written once and kept forever: without it the payloads that it sealed cannot be read.
    if (oldImage === undefined) return { outcome: 'nothing' };
    return unexplained(newImage === undefined ? 'data_key_removed' : 'data_key_changed');
  }
  const [before, after] = [readImage(oldImage), readImage(newImage)];
  if (before === 'unreadable' || after === 'unreadable') return unexplained('item_not_understood');
  if (before === undefined) return (after && inserted(after)) ?? unexplained('inserted_without_entry');
  if (after !== undefined) return changed(before, after) ?? held(before, after) ?? unexplained('changed_without_entry');
  return isByTimeToLive(record) ? entries([deletion(before.stored, at)]) : unexplained('removed');
};

const entries = (linked: readonly LinkedEntry[]): Extract<ReadChange, { outcome: 'entries' }> => ({
  outcome: 'entries',
  entries: linked,
});

interface ReadImage {
  readonly item: Item;
  readonly stored: StoredWebhook;
}

const readImage = (image: object | undefined): ReadImage | 'unreadable' | undefined => {
  if (image === undefined) return undefined;
  try {
    const item = itemOf(image as Image);
    return { item, stored: storedWebhookOf(item) };
  } catch {
    // Not thrown on: an item that nobody here could have written is what the caller is to be told about.
    return 'unreadable';
  }
};

/** The trace of the delivery that a record's webhook came with; undefined for what is none. */
export const traceIdOfRecord = ({ dynamodb }: StreamRecord): string | undefined => {
  const image = readImage(dynamodb?.NewImage);
  return image === 'unreadable' ? undefined : image?.stored.webhook.traceId;
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

const linked = (draft: AuditDraft, last: ChainLink | undefined, v?: Version): LinkedEntry & ChainLink => {
  const { seq, text, hash } = linkEntry(draft, last, v);
  return { chainId: draft.chainId, at: draft.at, text, hash, seq };
};

/** The entries of an insert that came out as its item says, and that no list can overlook. */
const inserted = ({ item, stored: { webhook, head, changes } }: ReadImage): ReadChange | undefined => {
  const { webhookId, status, lastError, changedBy: actor } = webhook;
  if (status !== 'received' && status !== 'dead_lettered') return undefined;
  if (webhook.revision !== 1 || webhook.attempts !== 0 || changes.length > 0) return undefined;
  if (effectsToText(webhook.effects) !== null) return undefined;
  if (numberOf(item, 'listShard') !== shardOf(webhookId)) return undefined;
  if (textOf(item, 'attention') !== attentionOf(webhookId, status)) return undefined;
  const drafts = entriesForInsert({ webhook, status, lastError, actor, transmission: null });
  for (const v of VERSIONS) {
    const made: (LinkedEntry & ChainLink)[] = [];
    for (const draft of drafts) made.push(linked(draft, made.at(-1), v));
    const last = made.at(-1);
    if (last?.seq === head.seq && last.hash === head.hash) {
      return { ...entries(made.map(({ seq: _, ...entry }) => entry)), arrived: arrivedOf(webhook) };
    }
  }
  return undefined;
};

const arrivedOf = ({
  provider,
  eventType,
  mode,
  isSimulated,
  synthetic,
  origin,
  receivedAt,
}: Webhook): ArrivedWebhook => ({
  provider,
  eventType,
  mode,
  isSimulated,
  receivedAt,
  ...(synthetic === undefined ? {} : { synthetic }),
  ...(origin === undefined ? {} : { origin }),
});

/** The entry of a change that came out exactly as Payhook would have made it. */
const changed = (before: ReadImage, after: ReadImage): ReadChange | undefined => {
  const { webhook, changeReason } = after.stored;
  if (!isTransitionAllowed(before.stored.webhook.status, webhook.status)) return undefined;
  const change: StatusChange = {
    status: webhook.status,
    attempts: webhook.attempts,
    lastError: webhook.lastError,
    nextAttemptAt: webhook.nextAttemptAt,
    effects: webhook.effects,
    changedAt: webhook.changedAt,
    actor: webhook.changedBy,
    reason: changeReason,
  };
  for (const v of VERSIONS) {
    const { set, removed, entry } = itemChangeOf(changeableOf(before.stored), change, v);
    const expected = { ...before.item, ...set };
    for (const name of removed) delete expected[name];
    // The release before did not list what returned to received.
    if (change.status === 'received' && after.item.attention === undefined) delete expected.attention;
    if (isDeepStrictEqual(comparable(expected), comparable(after.item))) return entries([entry]);
  }
  return undefined;
};

/** The entry of a legal hold, or of its end, which changes nothing else of the item. */
const held = (before: ReadImage, after: ReadImage): ReadChange | undefined => {
  const { hold } = after.stored;
  if (hold === null || hold.isHeld === (before.stored.hold?.isHeld ?? false)) return undefined;
  const { set, removed, entry } = itemHoldOf(before.item, before.stored, hold);
  const expected = { ...before.item, ...set };
  for (const name of removed) delete expected[name];
  return isDeepStrictEqual(comparable(expected), comparable(after.item)) ? entries([entry]) : undefined;
};

/** What is packed may be other bytes and say the same; bytes compare as bytes, as a Buffer or as a plain array. */
const comparable = (item: Item): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(unpackedItem(item)).map(([name, value]) => [
      name,
      value.B === undefined ? value : Buffer.from(value.B).toString('base64'),
    ]),
  );

const deletion = ({ webhook, head }: StoredWebhook, at: EpochMs): LinkedEntry => {
  const { seq: _, ...entry } = linked(
    {
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
    },
    head,
  );
  return entry;
};

const draftOf = (webhookId: string, at: EpochMs, reason: UnexplainedReason): AuditDraft => ({
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
