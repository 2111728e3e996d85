/**
 * Webhooks that this process has stored and will process next, in memory: they are claimed and read without asking the
 * database. Bounded by number and bytes. Their entries are on the queue all the while, hidden until `heldUntil`: whatever
 * becomes of this process or of what it holds, they come due there.
 */
import { LIMITS } from '../../core/limits.ts';
import type { Claim } from '../../core/ports/queue.ts';
import { type Insertion, stateWhenInserted } from '../../core/ports/webhook-store.ts';
import { unsealedOf } from '../../core/seal-later.ts';
import { type EpochMs, keyText, type SealedPayload, type Webhook, type WebhookKey } from '../../core/webhook.ts';

interface Held {
  readonly webhook: Webhook;
  readonly claim: Claim;
  readonly heldUntil: EpochMs;
  /** Until when whoever claimed it has it; null while nobody has. */
  claimedUntil: EpochMs | null;
}

export interface HeldWebhooks {
  /** Keeps a place for a webhook that is on its way to the database; false when it has one, or there is none. */
  reserve(insertion: Insertion): boolean;
  /** It was stored as new, with an entry of this receipt: it can be claimed. It has a place. */
  take(insertion: Insertion, receipt: string, heldUntil: EpochMs): void;
  /** As it was stored; a copy. */
  get(key: WebhookKey): Webhook | undefined;
  /** Up to `limit` that nobody has claimed, the oldest first. */
  claim(limit: number, until: EpochMs): readonly Claim[];
  /** Gives the place up, if it has one. */
  release(key: WebhookKey): void;
  /** Those whose claim has had its time. */
  overdue(now: EpochMs): readonly Claim[];
  /** Those that nobody has claimed; given a time, only those whose entries come due by then. */
  unclaimed(by?: EpochMs): readonly Claim[];
  unclaimedCount(): number;
}

/** What is still to be sealed stays as it is: it opens without being sealed. */
const ownCopyOf = (payload: SealedPayload): SealedPayload =>
  unsealedOf(payload) === undefined ? { keyId: payload.keyId, bytes: new Uint8Array(payload.bytes) } : payload;

/** Whoever gives it or gets it may do with theirs what they like. */
const copyOf = (webhook: Webhook): Webhook => ({
  ...webhook,
  headers: { ...webhook.headers },
  payload: ownCopyOf(webhook.payload),
});

const webhookOf = (insertion: Insertion): Webhook => copyOf({ ...insertion.webhook, ...stateWhenInserted(insertion) });

const firstClaimOf = ({ webhook }: Insertion, receipt: string): Claim => {
  const { webhookId, timestamp, provider, traceId, receivedAt } = webhook;
  return { entry: { webhookId, timestamp, provider, traceId }, receipt, enqueuedAt: receivedAt, claimedTimes: 1 };
};

export const createHeldWebhooks = (): HeldWebhooks => {
  /** Bytes of each place. Both maps keep the order in which webhooks came. */
  const places = new Map<string, number>();
  const waiting = new Map<string, Held>();
  const claimed = new Map<string, Held>();
  let bytes = 0;

  return {
    reserve({ webhook }) {
      const name = keyText(webhook);
      if (places.has(name) || places.size >= LIMITS.heldWebhooksMax) return false;
      if (bytes + webhook.payloadBytes > LIMITS.heldBytesMax) return false;
      places.set(name, webhook.payloadBytes);
      bytes += webhook.payloadBytes;
      return true;
    },
    take(insertion, receipt, heldUntil) {
      const claim = firstClaimOf(insertion, receipt);
      waiting.set(keyText(insertion.webhook), { webhook: webhookOf(insertion), claim, heldUntil, claimedUntil: null });
    },
    get(key) {
      const name = keyText(key);
      const held = waiting.get(name) ?? claimed.get(name);
      return held === undefined ? undefined : copyOf(held.webhook);
    },
    claim(limit, until) {
      const claims: Claim[] = [];
      for (const [name, held] of waiting) {
        if (claims.length >= limit) break;
        waiting.delete(name);
        held.claimedUntil = until;
        claimed.set(name, held);
        claims.push(held.claim);
      }
      return claims;
    },
    release(key) {
      const name = keyText(key);
      bytes -= places.get(name) ?? 0;
      places.delete(name);
      waiting.delete(name);
      claimed.delete(name);
    },
    overdue: (now) =>
      [...claimed.values()].filter(({ claimedUntil }) => (claimedUntil ?? now) <= now).map(({ claim }) => claim),
    unclaimed(by = Number.POSITIVE_INFINITY) {
      const claims: Claim[] = [];
      for (const { claim, heldUntil } of waiting.values()) {
        if (heldUntil > by) break;
        claims.push(claim);
      }
      return claims;
    },
    unclaimedCount: () => waiting.size,
  };
};
