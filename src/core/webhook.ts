/**
 * The webhook: a provider's event, stored once. This file is the data model: every adapter stores exactly these fields.
 */
import type { Effects } from './effects.ts';
import type { WebhookStatus } from './status.ts';

/** An instant: UTC milliseconds since 1970. */
export type EpochMs = number;

/** What stands in `timestamp` when the provider states no event time that is the same on every delivery. */
export const TIMESTAMP_UNKNOWN: EpochMs = 0;

/**
 * The key of a stored webhook. `timestamp` is the provider's event time, never the receive time: a key that moved
 * between two deliveries of one event would store it twice.
 */
export interface WebhookKey {
  /** `{provider}:{dedupe key}`, for example `stripe:evt_1Nv0FG`. */
  readonly webhookId: string;
  readonly timestamp: EpochMs;
}

/** Whether real money is meant. `unknown` where the provider does not say. */
export type Mode = 'live' | 'test' | 'unknown';

/** How a provider orders the events of one object: by its own version counter or by a time; the larger is newer. */
export interface OrderingHint {
  readonly by: 'version' | 'time';
  readonly value: number;
}

/** A payload encrypted by `seal.ts`, compressed first where that is worth it. The bytes are opaque to every adapter. */
export interface SealedPayload {
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

/** How many values the card-data guard masked before the payload was stored. All zero for almost every webhook. */
export interface CardDataFindings {
  readonly cardNumbers: number;
  readonly securityCodes: number;
  readonly trackData: number;
}

export const ACTOR_TYPES = ['provider', 'component', 'operator'] as const;

/** Who changed a webhook or acted on the system, as PCI DSS 10.2.2 asks ("user identification"). */
export interface Actor {
  readonly type: (typeof ACTOR_TYPES)[number];
  /** A provider's name, a component such as `processor`, or the operator's login name. */
  readonly id: string;
}

/**
 * How far a synthetic webhook goes: one that we made and signed ourselves, to see that a home works. `kept`: no handler and no
 * destination gets it. `passed_on`: they do, with `isSimulated`. It is never money.
 */
export const SYNTHETIC_REACHES = ['kept', 'passed_on'] as const;
export type SyntheticReach = (typeof SYNTHETIC_REACHES)[number];

/** What never changes after the webhook was received. */
export interface ReceivedWebhook extends WebhookKey {
  readonly provider: string;
  readonly providerEventId: string | null;
  /** The provider's own type name, verbatim; `unparsable` when the signed body could not be understood. */
  readonly eventType: string;
  readonly mode: Mode;
  /** True for a provider's simulator or test button: nothing happened in the world. */
  readonly isSimulated: boolean;
  /** @default it is the provider's */
  readonly synthetic?: SyntheticReach;
  /** `reconciliation`: no delivery brought it, the provider's API listed it. @default 'delivery' */
  readonly origin?: 'reconciliation';
  readonly account: string | null;
  readonly objectId: string | null;
  readonly parentIds: readonly string[];
  readonly ordering: OrderingHint | null;
  readonly payload: SealedPayload;
  /** Bytes of the payload before compression. */
  readonly payloadBytes: number;
  /** Hex SHA-256 of the body as it arrived, before the card-data guard touched it. */
  readonly bodySha256: string;
  /** Of what every delivery of the event must say alike; not there in what a release before 0.2 stored. */
  readonly contentHash?: string;
  /** The few headers that the provider's file asks to keep; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Which of the configured secrets verified the delivery. */
  readonly secretId: string;
  readonly cardData: CardDataFindings;
  readonly receivedAt: EpochMs;
  readonly traceId: string;
  /** After this instant the webhook may be deleted (retention). */
  readonly expiresAt: EpochMs;
}

/** A stored webhook: what was received, and what became of it. */
export interface Webhook extends ReceivedWebhook {
  readonly status: WebhookStatus;
  /** Attempts of the current round; a replay or redrive starts again at 0. */
  readonly attempts: number;
  /** Code and short text of the last failure, without payload; null after success. */
  readonly lastError: string | null;
  /** Earliest instant of the next attempt; null unless `retrying`. */
  readonly nextAttemptAt: EpochMs | null;
  /** What processing has done so far. */
  readonly effects: Effects;
  readonly changedAt: EpochMs;
  readonly changedBy: Actor;
  /** Counts changes, starting at 1: the condition of every conditional write. */
  readonly revision: number;
}

/** What lists show: a webhook without its payload and headers. */
export type WebhookSummary = Omit<Webhook, 'payload' | 'headers'>;

/** As much as tells why it is where it is, and what it is about. Its history may hold no more than the last attempt. */
export type BriefWebhook = Pick<
  WebhookSummary,
  | ('webhookId' | 'timestamp' | 'provider' | 'account' | 'mode' | 'eventType')
  | ('receivedAt' | 'status' | 'lastError' | 'effects' | 'revision')
>;

/** As much of a webhook as tells that its provider is not silent. */
export type ArrivedWebhook = Pick<
  Webhook,
  'provider' | 'eventType' | 'mode' | 'isSimulated' | 'synthetic' | 'origin' | 'receivedAt'
>;

/** The key as one string, for logs and maps. */
export const keyText = (key: WebhookKey): string => `${key.webhookId}@${key.timestamp}`;

export const cardDataCount = (found: CardDataFindings): number =>
  found.cardNumbers + found.securityCodes + found.trackData;

/** Event type of a signed body that could not be understood: kept, dead-lettered, never processed. */
export const UNPARSABLE_EVENT_TYPE = 'unparsable';
