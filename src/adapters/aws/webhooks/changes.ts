/**
 * What a change of status does to the item of a webhook. The store writes it, and the change feed computes it again from
 * the image before: an image after that came out differently was written by something else.
 */
import { type AuditRecord, type ChainLink, type LinkedEntry, linkEntry } from '../../../audit/audit.ts';
import { type ChangedWebhook, entryForChange } from '../../../audit/entries.ts';
import { effectsToText } from '../../../core/effects.ts';
import type { StatusChange } from '../../../core/ports/webhook-store.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import { hexBytes, type Item, number, text } from '../dynamodb/values.ts';
import type { StoredWebhook } from './read-item.ts';
import { actorText, attentionAfterChange, packedState, STATE_ATTRIBUTES } from './write-item.ts';

/** As much of a stored webhook as a change of it needs: without the payload. */
export interface Changeable extends ChangedWebhook {
  readonly head: ChainLink;
  readonly changes: readonly EpochMs[];
}

export interface ItemChange {
  readonly set: Item;
  readonly removed: readonly string[];
  /** The audit entry that belongs to the change; its hash is in `set`. */
  readonly entry: LinkedEntry;
}

/** Times of changes that an item remembers: more than the attempts of one run, far less than an item holds. */
const CHANGES_MAX = 100;

export const changeableOf = ({ webhook, head, changes }: StoredWebhook): Changeable => {
  const { webhookId, timestamp, status, traceId, revision } = webhook;
  const { attempts, lastError, nextAttemptAt, effects, changedAt, changedBy } = webhook;
  const state = { status, attempts, lastError, nextAttemptAt, effects, changedAt, changedBy, revision };
  return { webhookId, timestamp, traceId, ...state, head, changes };
};

/** Pure: the same webhook and the same change give the same attributes. `v` as in `linkEntry`. */
export const itemChangeOf = (stored: Changeable, change: StatusChange, v?: AuditRecord['v']): ItemChange => {
  const draft = entryForChange(stored, change);
  const next = linkEntry(draft, stored.head, v);
  const attention = attentionAfterChange(stored.webhookId, change.status);
  const effects = effectsToText(change.effects);
  const state: Item = {
    changedBy: text(actorText(change.actor)),
    changes: { L: [...stored.changes, change.changedAt].slice(-CHANGES_MAX).map(number) },
    ...(change.attempts === 0 ? {} : { attempts: number(change.attempts) }),
    ...(change.lastError === null ? {} : { lastError: text(change.lastError) }),
    ...(change.nextAttemptAt === null ? {} : { nextAttemptAt: number(change.nextAttemptAt) }),
    ...(change.reason === null ? {} : { changeReason: text(change.reason) }),
    ...(effects === null ? {} : { effects: text(effects) }),
  };
  const set: Item = {
    status: text(change.status),
    state: packedState(state),
    revision: number(stored.revision + 1),
    auditSeq: number(next.seq),
    auditHash: hexBytes(next.hash),
    ...(attention === undefined ? {} : { attention: text(attention) }),
  };
  return {
    set,
    removed: attention === undefined ? [...STATE_ATTRIBUTES, 'attention'] : STATE_ATTRIBUTES,
    entry: { chainId: draft.chainId, at: draft.at, text: next.text, hash: next.hash },
  };
};
