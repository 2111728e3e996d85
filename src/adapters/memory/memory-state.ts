/** What the memory adapters of one home share: webhooks, queue and audit entries, as one database would hold them. */
import { type AuditDigest, type AuditDraft, type AuditEntry, type ChainEnd, linkEntry } from '../../audit/audit.ts';
import type { QueueEntry } from '../../core/ports/queue.ts';
import type { EpochMs, Webhook } from '../../core/webhook.ts';

export interface QueueItem {
  readonly entry: QueueEntry;
  readonly enqueuedAt: EpochMs;
  dueAt: EpochMs;
  /** The receipt of the current claim; null until the entry is claimed. */
  receipt: string | null;
  claimedTimes: number;
}

/** Maps are keyed by `keyText`, `ends` by chain id. */
export interface MemoryState {
  readonly webhooks: Map<string, Webhook>;
  /** SHA-256 of the body by `[provider, transmission id]` as JSON. */
  readonly transmissions: Map<string, string>;
  readonly queue: Map<string, QueueItem>;
  /** Claims ever handed out, so that no two have one receipt. */
  claims: number;
  readonly entries: AuditEntry[];
  readonly ends: Map<string, ChainEnd>;
  readonly digests: AuditDigest[];
}

export const createMemoryState = (): MemoryState => ({
  webhooks: new Map(),
  transmissions: new Map(),
  queue: new Map(),
  claims: 0,
  entries: [],
  ends: new Map(),
  digests: [],
});

/** Appends the drafts, all or none: a draft that cannot be written down leaves nothing of the others behind. */
export const appendEntries = (state: MemoryState, drafts: readonly AuditDraft[]): void => {
  const entries: AuditEntry[] = [];
  const ends = new Map<string, ChainEnd>();
  for (const draft of drafts) {
    const { chainId } = draft;
    const { seq, hash, text } = linkEntry(draft, ends.get(chainId) ?? state.ends.get(chainId));
    const position = state.entries.length + entries.length + 1;
    entries.push({ position, chainId, text, hash });
    ends.set(chainId, { seq, hash, position });
  }
  state.entries.push(...entries);
  for (const [chainId, end] of ends) state.ends.set(chainId, end);
};
