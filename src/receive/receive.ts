/**
 * Stage 1: verify → identify → guard → seal → insert → enqueue. A delivery is acknowledged only after every webhook in
 * it is stored and queued; nothing about an unverified delivery reaches the store.
 */
import { hash as digestOf } from 'node:crypto';
import { LIMITS } from '../core/limits.ts';
import type { AlertKind, Alerts } from '../core/ports/alerts.ts';
import type { CertificateSource } from '../core/ports/certificate-source.ts';
import type { Clock } from '../core/ports/clock.ts';
import type {
  ConfiguredProvider,
  Delivery,
  Provider,
  RejectionReason,
  UnavailableReason,
  Verified,
} from '../core/ports/provider.ts';
import type { Enqueue } from '../core/ports/queue.ts';
import type { SecretSource } from '../core/ports/secret-source.ts';
import type { Insertion, WebhookStore } from '../core/ports/webhook-store.ts';
import type { Seal } from '../core/seal.ts';
import { isWaiting, type WebhookStatus } from '../core/status.ts';
import {
  type Actor,
  cardDataCount,
  type EpochMs,
  type ReceivedWebhook,
  type SyntheticReach,
  type WebhookKey,
} from '../core/webhook.ts';
import { contentHashOf, isOtherContent } from './content-hash.ts';
import { type GuardedEvent, guardEvent } from './guard-event.ts';
import { type IdentifiedEvent, identifyEvents } from './identify.ts';
import { DUPLICATE_DIFFERS, keepVariant } from './keep-variant.ts';
import { syntheticReachOf } from './synthetic-mark.ts';
import { type Age, ageOf, keyOfAge, TOO_OLD } from './too-old.ts';

export interface ReceiveDeps {
  /** The configured providers by name. */
  readonly providers: ReadonlyMap<string, ConfiguredProvider>;
  readonly secrets: SecretSource;
  readonly certificates: CertificateSource;
  readonly seal: Seal;
  readonly store: WebhookStore;
  readonly queue: Enqueue;
  readonly clock: Clock;
  readonly alerts: Alerts;
  readonly retentionMs: number;
}

/** What storing needs once it is known what is stored. */
export type StoreEventsDeps = Pick<ReceiveDeps, 'seal' | 'store' | 'queue' | 'alerts' | 'retentionMs'>;

export interface ReceiveInput {
  readonly providerName: string;
  readonly delivery: Delivery;
  readonly receivedAt: EpochMs;
  readonly traceId: string;
}

/** What became of one event of a delivery. */
export interface AcceptedEvent extends WebhookKey {
  readonly eventType: string;
  readonly status: WebhookStatus;
  readonly isDuplicate: boolean;
  /** It says something else than what is stored of the event; `isDuplicate` when it was not the first time, or one time too many. */
  readonly isDifferent?: true;
  /** Values that the card-data guard masked. */
  readonly cardDataCount: number;
}

export type ReceiveOutcome =
  /** `duplicate` when every event of the delivery was stored before. */
  | { readonly outcome: 'accepted' | 'duplicate'; readonly secretId: string; readonly events: readonly AcceptedEvent[] }
  | { readonly outcome: 'rejected'; readonly reason: RejectionReason }
  | { readonly outcome: 'unavailable'; readonly reason: UnavailableReason }
  | { readonly outcome: 'too_large'; readonly sealedBytes: number }
  | { readonly outcome: 'provider_unknown' };

/** Everything of one delivery that its webhooks share. */
export interface Received {
  readonly input: ReceiveInput;
  readonly provider: Provider;
  readonly delivery: Delivery;
  readonly verification: Verified;
  readonly bodySha256: string;
  readonly synthetic: SyntheticReach | null;
  /** Who found, in what the provider lists, that no delivery had brought it. @default a delivery brought it */
  readonly recoveredBy?: Actor;
}

/**
 * Returns `receive(input)`. Safe to call any number of times with one delivery, concurrently too: one webhook comes of
 * it. Throws what the ports throw (store, queue, secrets, data keys): the delivery is then answered 503 and comes again;
 * part of a batch may be stored by then, and the next delivery completes it.
 */
export const createReceive =
  (deps: ReceiveDeps) =>
  async (input: ReceiveInput): Promise<ReceiveOutcome> => {
    const configured = deps.providers.get(input.providerName);
    if (configured === undefined) return { outcome: 'provider_unknown' };
    const { provider, settings } = configured;
    const secrets = await deps.secrets.secretsOf(provider.name);
    if (secrets.length === 0) return { outcome: 'provider_unknown' };

    const delivery = { ...input.delivery, publicUrl: provider.configuredUrl?.(settings) ?? input.delivery.publicUrl };
    const now = deps.clock.now();
    const verification = await provider.verify({ delivery, secrets, settings, now, certificates: deps.certificates });
    if (verification.outcome === 'rejected') return { outcome: 'rejected', reason: verification.reason };
    if (verification.outcome === 'unavailable') return { outcome: 'unavailable', reason: verification.reason };

    const bodySha256 = digestOf('sha256', delivery.body, 'hex');
    const secret = secrets.find(({ id }) => id === verification.secretId);
    const synthetic = syntheticReachOf({ provider, delivery, secret, bodySha256 });
    const received: Received = { input, provider, delivery, verification, bodySha256, synthetic };
    return storeEvents(deps, received, identifyEvents(provider, delivery, verification, received.bodySha256));
  };

/** The one way by which an event becomes a webhook, whoever brought it. `guard`: for who has screened it already. */
export const storeEvents = async (
  deps: StoreEventsDeps,
  received: Received,
  identified: readonly IdentifiedEvent[],
  guard: typeof guardEvent = guardEvent,
): Promise<ReceiveOutcome> => {
  const insertions: Insertion[] = [];
  for (const [index, each] of identified.entries()) {
    const { event, unparsable } = each;
    const age = ageOf({ ...received, event }, received.input.receivedAt, deps.retentionMs);
    const guarded = guard(received, each, index);
    const contentHash = contentHashOf(event, received.bodySha256);
    const insertion = await prepare(deps, received, guarded, { unparsable, age, contentHash });
    const sealedBytes = sealedBytesOf(insertion.webhook);
    if (sealedBytes > LIMITS.sealedBytesMax) return { outcome: 'too_large', sealedBytes };
    insertions.push(insertion);
  }

  const events = await Promise.all(insertions.map((insertion) => insert(deps, insertion)));
  const known = events.filter((event) => event !== 'conflict');
  if (known.length < events.length) return { outcome: 'rejected', reason: 'transmission_conflict' };
  const kind = known.every((event) => event.isDuplicate) ? 'duplicate' : 'accepted';
  return { outcome: kind, secretId: received.verification.secretId, events: known };
};

/** No payload grows by more than this when it is sealed: 29 bytes, and what zstd adds to what does not compress. */
const SEALED_GROWTH_BYTES_MAX = 4096;

/** As many or fewer: what is small enough in any case need not be sealed to know it. */
const sealedBytesOf = ({ payload, payloadBytes }: ReceivedWebhook): number => {
  const atMost = payloadBytes + SEALED_GROWTH_BYTES_MAX;
  return atMost <= LIMITS.sealedBytesMax ? atMost : payload.bytes.length;
};

/** What is known of an event beside what is stored of it. */
interface Judged extends Pick<IdentifiedEvent, 'unparsable'> {
  readonly age: Age;
  /** What it says, for the deliveries of it to come. */
  readonly contentHash: string;
}

const prepare = async (
  deps: StoreEventsDeps,
  { input, provider, verification, bodySha256, synthetic, recoveredBy }: Received,
  { event, payload, headers, transmission, findings, ...guarded }: GuardedEvent,
  { unparsable, age, contentHash }: Judged,
): Promise<Insertion> => {
  const key = keyOfAge(guarded.key, age);
  const webhook: ReceivedWebhook = {
    ...key,
    provider: provider.name,
    providerEventId: event.providerEventId,
    eventType: event.eventType,
    mode: event.mode,
    isSimulated: event.isSimulated || synthetic !== null,
    ...(synthetic === null ? {} : { synthetic }),
    ...(recoveredBy === undefined ? {} : { origin: 'reconciliation' }),
    account: event.account,
    objectId: event.objectId,
    parentIds: event.parentIds,
    ordering: event.ordering,
    payload: await deps.seal.seal(payload, key),
    payloadBytes: payload.length,
    bodySha256,
    headers,
    secretId: verification.secretId,
    cardData: findings,
    receivedAt: input.receivedAt,
    traceId: input.traceId,
    expiresAt: input.receivedAt + deps.retentionMs,
    contentHash,
  };
  const actor: Actor = recoveredBy ?? { type: 'provider', id: provider.name };
  if (unparsable !== null) return { webhook, status: 'dead_lettered', lastError: unparsable, actor, transmission };
  // Too old to be acted on: set aside.
  if (age !== 'fresh') return { webhook, status: 'ignored', lastError: TOO_OLD, actor, transmission };
  return { webhook, status: 'received', lastError: null, actor, transmission };
};

const insert = async (deps: StoreEventsDeps, insertion: Insertion): Promise<AcceptedEvent | 'conflict'> => {
  const { webhook } = insertion;
  const result = await deps.store.insert(insertion);
  if (result.outcome === 'conflict') {
    alert(
      deps,
      insertion,
      'transmission_conflict',
      'one transmission came with two different bodies: a forgery, nothing was stored',
    );
    return 'conflict';
  }
  const status = result.outcome === 'duplicate' ? result.status : insertion.status;
  // A duplicate that still waits is enqueued again: it heals a crash between the insert and the first enqueue.
  if (!result.isQueued && isWaiting(status)) {
    await deps.queue.enqueue({
      webhookId: webhook.webhookId,
      timestamp: webhook.timestamp,
      provider: webhook.provider,
      traceId: webhook.traceId,
    });
  }
  if (result.outcome === 'duplicate' && isOtherContent(result.contentHash, webhook.contentHash)) {
    return insertVariant(deps, insertion, status);
  }
  if (result.outcome === 'inserted') raiseAlerts(deps, insertion);
  return {
    webhookId: webhook.webhookId,
    timestamp: webhook.timestamp,
    eventType: webhook.eventType,
    status,
    isDuplicate: result.outcome === 'duplicate',
    cardDataCount: result.outcome === 'inserted' ? cardDataCount(webhook.cardData) : 0,
  };
};

/** `status` is that of the webhook which says something else. */
const insertVariant = async (
  deps: StoreEventsDeps,
  insertion: Insertion,
  status: WebhookStatus,
): Promise<AcceptedEvent | 'conflict'> => {
  const kept = await keepVariant(deps, insertion);
  if (kept.outcome === 'conflict') return 'conflict';
  const isNew = kept.outcome === 'kept';
  const { webhook } = kept.outcome === 'too_many' ? insertion : kept.variant;
  const where =
    kept.outcome === 'too_many' ? 'is no longer kept, so many others are' : `is kept as ${webhook.webhookId}`;
  alert(
    deps,
    insertion,
    DUPLICATE_DIFFERS,
    `a genuine delivery says something else of an event that is stored: it ${where}`,
  );
  return {
    webhookId: webhook.webhookId,
    timestamp: webhook.timestamp,
    eventType: webhook.eventType,
    status: kept.outcome === 'too_many' ? status : 'dead_lettered',
    isDuplicate: !isNew,
    isDifferent: true,
    cardDataCount: isNew ? cardDataCount(webhook.cardData) : 0,
  };
};

const raiseAlerts = (deps: StoreEventsDeps, insertion: Insertion): void => {
  const masked = cardDataCount(insertion.webhook.cardData);
  if (masked > 0)
    alert(deps, insertion, 'card_data_found', `${masked} card values were masked before the webhook was stored`);
  if (insertion.status === 'ignored') {
    alert(deps, insertion, TOO_OLD, 'a genuine delivery is older than any that is sent again: stored, not acted on');
  } else if (insertion.lastError !== null) {
    alert(
      deps,
      insertion,
      'signed_body_unparsable',
      `a signed body could not be understood (${insertion.lastError}) and was dead-lettered`,
    );
  }
};

const alert = (deps: StoreEventsDeps, { webhook }: Insertion, kind: AlertKind, summary: string): void =>
  deps.alerts.raise({ kind, provider: webhook.provider, webhookId: webhook.webhookId, summary });
