/**
 * The audit trail: what an entry says, how entries of one chain are linked, and how runs of entries are closed by
 * signed digests. Pure; `check.ts` finds what was tampered with, the adapters of `AuditLog` keep the bytes.
 *
 * Each stored webhook has a chain of its own (streams on AWS keep order per webhook only); deliveries turned away and
 * operator actions have theirs. Links show an edit inside a chain, digests show that a whole chain or the end is gone.
 */
import assert from 'node:assert/strict';
import { hash as digestOf } from 'node:crypto';
import type { Actor, EpochMs } from '../core/webhook.ts';
import type { ReceivedFacts, StateFacts } from './webhook-facts.ts';

/** What entries are about. */
export const RESOURCE_TYPES = ['webhook', 'delivery', 'job', 'home', 'operator', 'day'] as const;
export type ResourceType = (typeof RESOURCE_TYPES)[number];

/** Every event, and what its entries are about. */
export const RESOURCE_OF_EVENT = {
  WEBHOOK_ACCEPTED: 'webhook',
  /** Stored because the provider's API listed it and no delivery had brought it. */
  RECOVERED: 'webhook',
  STATUS_CHANGED: 'webhook',
  REPLAYED: 'webhook',
  REDRIVEN: 'webhook',
  PAYLOAD_READ: 'webhook',
  PAN_REDACTED: 'webhook',
  /** An operator put a new key in the place of one; `change` has the fingerprints of both. */
  KEY_ROTATED: 'home',
  /** An operator began to copy the data of the home, with or without its keys. */
  BACKED_UP: 'home',
  /** An operator put a backup in the place of the data; `change.from` is the digest that it ends with. */
  RESTORED: 'home',
  /** An operator gave up what the anchor remembers and the trail has not; `change` has both digests. */
  REANCHORED: 'home',
  /** Removed because its retention ended. */
  DELETED: 'webhook',
  /** Some of `resource` were removed because their time had ended; `count` says how many. */
  RETENTION_APPLIED: 'home',
  /** An operator said that something must stay beyond its time, or need not any more. */
  LEGAL_HOLD_ADDED: ['home', 'webhook'],
  LEGAL_HOLD_REMOVED: ['home', 'webhook'],
  /** A stored webhook was changed or removed by something that left no entry: somebody went around Payhook. */
  UNEXPLAINED_CHANGE: 'webhook',
  /** An operator brought changes into the trail that the change feed had given up on; their entries follow, late. */
  CHANGES_RECOVERED: 'home',
  REJECTED_SIGNATURE: 'delivery',
  /** An operator accepted a delivery that had been rejected and verifies by now; the entry of its webhook follows. */
  REJECTED_ACCEPTED: 'delivery',
  REJECTED_REPLAY: 'delivery',
  REFUSED_AT_EDGE: 'delivery',
  /** What `REFUSED_AT_EDGE` was called before version 0.2; entries of then keep it. */
  REJECTED_AT_EDGE: 'delivery',
  /** An operator asked for one action on many webhooks; what is done with each has an entry of its own. */
  JOB_REQUESTED: 'job',
  JOB_APPROVED: 'job',
  JOB_REFUSED: 'job',
  /** Paused, resumed, cancelled, stopped by itself, done: `change` says which. */
  JOB_CHANGED: 'job',
  /** `change` has the role, of whoever may act here from now on, or may not any more. */
  OPERATOR_ADDED: 'operator',
  OPERATOR_REMOVED: 'operator',
  /** Into the console; on the command line what is done has their name. */
  OPERATOR_SIGNED_IN: 'operator',
  /** A passphrase was wrong, or something is not for this role; `reason` says which. */
  OPERATOR_REFUSED: 'operator',
  /** An operator had a provider deliver to a URL, or changed what it delivers there; `change.to` is the URL. */
  ENDPOINT_CREATED: 'home',
  ENDPOINT_UPDATED: 'home',
  /** An operator took the trail along, as files. */
  AUDIT_EXPORTED: 'home',
  /** A person went through what happened on a day, which is `resource`, and said so (PCI DSS 10.4.1). */
  DAY_REVIEWED: 'day',
  HOME_STARTED: 'home',
  HOME_STOPPED: 'home',
} as const satisfies Readonly<Record<string, ResourceType | readonly ResourceType[]>>;

export type AuditEvent = keyof typeof RESOURCE_OF_EVENT;
export const AUDIT_EVENTS = Object.keys(RESOURCE_OF_EVENT) as readonly AuditEvent[];

/** Whether it is the first entry of a webhook: how it came to be stored. */
export const isOfStoring = (event: AuditEvent): boolean => event === 'WEBHOOK_ACCEPTED' || event === 'RECOVERED';

/** The chain of recoveries: only behind one of its entries may entries come late. */
export const RECOVERY_CHAIN = 'recovery';

/** Where the action came from. */
export interface AuditOrigin {
  readonly sourceAddress: string | null;
  readonly requestId: string | null;
  readonly traceId: string | null;
}

/** The six facts of PCI DSS 10.2.2 (who, what, when, with which result, from where, on which data) and the change. */
export interface AuditDraft {
  readonly chainId: string;
  readonly at: EpochMs;
  readonly actor: Actor;
  readonly event: AuditEvent;
  readonly outcome: 'success' | 'failure';
  readonly reason: string | null;
  readonly origin: AuditOrigin;
  readonly resource: { readonly type: ResourceType; readonly id: string };
  readonly change: { readonly from: string | null; readonly to: string } | null;
  /** How many like events the entry stands for; 1 unless deliveries turned away were counted together. */
  readonly count: number;
  /** What was stored, in the entry of a webhook that was accepted. */
  readonly received?: ReceivedFacts;
  /** What the webhook held before and after, in the entry of a change. */
  readonly state?: StateFacts;
}

/** The last entry of a chain, as far as the next one needs to know it. */
export interface ChainLink {
  readonly seq: number;
  readonly hash: string;
}

/** Where a chain ends: what its next entry links to, and the place of its last one. */
export interface ChainEnd extends ChainLink {
  readonly position: number;
}

/** A stored entry. `text` is the JSON that was hashed; the other fields repeat what it says, for finding it. */
export interface AuditEntry {
  /** Place among all entries of the home, from 1, without gaps. */
  readonly position: number;
  readonly chainId: string;
  readonly text: string;
  readonly hash: string;
  /**
   * Whether the entry carries the code that only this home's key makes, where the home has such a key and was asked by
   * `read`. What no digest covers yet is vouched for by nothing else.
   */
  readonly mac?: 'fits' | 'missing' | 'wrong';
}

/** An entry that is linked to its chain and waits for its place among all entries. */
export interface LinkedEntry {
  readonly chainId: string;
  readonly at: EpochMs;
  readonly text: string;
  readonly hash: string;
}

/** What the text of an entry says. Entries of before version 0.2 have `v` 1 and say nothing of what the webhook held. */
export interface AuditRecord {
  readonly v: 1 | 2;
  readonly chain: string;
  readonly seq: number;
  readonly prevHash: string;
  readonly ts: string;
  readonly actor: Actor;
  readonly event: AuditEvent;
  readonly outcome: 'success' | 'failure';
  readonly reason: string | null;
  readonly origin: AuditOrigin;
  readonly resource: { readonly type: string; readonly id: string };
  readonly change: { readonly from: string | null; readonly to: string } | null;
  readonly count: number;
  readonly received?: ReceivedFacts;
  readonly state?: StateFacts;
}

/** Entries in order, by their hashes. */
export interface AuditRun {
  readonly lastPosition: number;
  /** Hex, 64 characters each, one after the other. */
  readonly entryHashes: string;
}

/** A signed list of the entries in one run of positions, linked to the digest before it. */
export interface AuditDigest {
  /** From 1, without gaps. */
  readonly number: number;
  readonly firstPosition: number;
  readonly lastPosition: number;
  /** The hashes of the entries in order, hex, 64 characters each, one after the other. */
  readonly entryHashes: string;
  readonly previousHash: string;
  readonly createdAt: EpochMs;
  /** SHA-256 over all of the above. */
  readonly hash: string;
  readonly keyId: string;
  readonly signature: string;
}

/** Where the trail begins, after its first digests were removed with their entries because their time had ended. */
export interface UnsignedTrailStart {
  /** The last digest that was removed: the next one follows it. */
  readonly digestNumber: number;
  readonly digestHash: string;
  readonly lastPosition: number;
  readonly removedAt: EpochMs;
}

export interface TrailStart extends UnsignedTrailStart {
  readonly keyId: string;
  readonly signature: string;
}

export const HASH_CHARS = 64;

/** Stands before the first entry of a chain and before the first digest. */
export const NO_HASH = '0'.repeat(HASH_CHARS);

export const TURNED_AWAY_CHAIN = 'rejections';
export const HOME_CHAIN = 'home';
export const OPERATORS_CHAIN = 'operators';
export const RETENTION_CHAIN = 'retention';
export const REVIEWS_CHAIN = 'reviews';
/** On AWS: what the change feed saw and no entry explains. */
export const UNEXPLAINED_CHAIN = 'unexplained';
/** Of sign-ins under no operator's name; those of an operator are counted in a chain of their own. */
export const SIGN_IN_CHAIN = 'sign-in';

/** Of all jobs. Those of 0.2.0 have a chain each, `job:…`, of which the trail on AWS could not carry on many. */
export const JOBS_CHAIN = 'jobs';

/** The chain of a webhook is named by its key, so that two timestamps of one id never share one. */
export const webhookChain = (webhookId: string, timestamp: EpochMs): string => `${webhookId}@${timestamp}`;

const sha256Hex = (text: string): string => digestOf('sha256', text, 'hex');

/**
 * Links a draft to the last entry of its chain: its text and hash. The order of the fields is part of the format. A change
 * feed asks for version 1 too: what the release before wrote a moment ago is no foreign change.
 */
export const linkEntry = (
  draft: AuditDraft,
  last: ChainLink | undefined,
  v: AuditRecord['v'] = 2,
): ChainLink & { readonly text: string } => {
  const seq = (last?.seq ?? 0) + 1;
  const record: AuditRecord = {
    v,
    chain: draft.chainId,
    seq,
    prevHash: last?.hash ?? NO_HASH,
    ts: new Date(draft.at).toISOString(),
    actor: { type: draft.actor.type, id: draft.actor.id },
    event: draft.event,
    outcome: draft.outcome,
    reason: draft.reason,
    origin: draft.origin,
    resource: draft.resource,
    change: draft.change,
    count: draft.count,
    ...(v === 2 && draft.received !== undefined ? { received: draft.received } : {}),
    ...(v === 2 && draft.state !== undefined ? { state: draft.state } : {}),
  };
  const text = JSON.stringify(record);
  return { seq, hash: sha256Hex(text), text };
};

/** The hash that the text of an entry must have. */
export const hashOfText = sha256Hex;

/** What an entry says. The text was written by `linkEntry` or was tampered with: check its hash before you believe it. */
export const readRecord = (entry: AuditEntry): AuditRecord => JSON.parse(entry.text);

type UnsignedDigest = Omit<AuditDigest, 'hash' | 'keyId' | 'signature'>;

/** The bytes that are signed: the hash of the digest as text. */
export const digestBytes = (hash: string): Uint8Array => Buffer.from(`payhook-audit-digest-1:${hash}`, 'utf8');

export const hashOfDigest = (digest: UnsignedDigest): string =>
  sha256Hex(
    JSON.stringify([
      digest.number,
      digest.firstPosition,
      digest.lastPosition,
      digest.entryHashes,
      digest.previousHash,
      digest.createdAt,
    ]),
  );

/** The bytes that are signed of where the trail begins. */
export const trailStartBytes = (start: UnsignedTrailStart): Uint8Array =>
  Buffer.from(
    `payhook-audit-trail-start-1:${start.digestNumber}:${start.digestHash}:${start.lastPosition}:${start.removedAt}`,
    'utf8',
  );

/** The digest that closes this run, which follows the previous digest. */
export const digestOfRun = (
  run: AuditRun,
  previous: AuditDigest | undefined,
  createdAt: EpochMs,
): UnsignedDigest & { readonly hash: string } => {
  const firstPosition = (previous?.lastPosition ?? 0) + 1;
  assert(run.lastPosition >= firstPosition, 'a digest covers at least one entry');
  const unsigned: UnsignedDigest = {
    number: (previous?.number ?? 0) + 1,
    firstPosition,
    lastPosition: run.lastPosition,
    entryHashes: run.entryHashes,
    previousHash: previous?.hash ?? NO_HASH,
    createdAt,
  };
  return { ...unsigned, hash: hashOfDigest(unsigned) };
};
