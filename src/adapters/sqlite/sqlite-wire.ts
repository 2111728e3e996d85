/**
 * How calls travel between the threads. Copying a nested object from thread to thread costs four times as much as copying
 * a flat list of the same values, because every key goes along; so what every webhook needs travels as lists.
 */
import { effectsFromText, effectsToText } from '../../core/effects.ts';
import type { Claim } from '../../core/ports/queue.ts';
import type { StatusChange } from '../../core/ports/webhook-store.ts';
import { unsealedOf } from '../../core/seal-later.ts';
import type {
  OrderingHint,
  ReceivedWebhook,
  SealedPayload,
  SyntheticReach,
  Webhook,
  WebhookKey,
} from '../../core/webhook.ts';
import type { Recording } from '../../payments/record-and-change.ts';
import type { OperationInput, OperationName } from './sqlite-statements.ts';
import type { ChangeInput, SqliteInsertion } from './sqlite-webhook-operations.ts';

/** On the database thread: the payload of a webhook that is to be sealed there, under a key that was sent before. */
export type SealHere = (keyId: string, payload: Uint8Array, webhook: WebhookKey) => SealedPayload;

interface Codec {
  readonly pack: (value: never) => unknown;
  readonly unpack: (packed: never, sealHere: SealHere) => unknown;
}

/** Values of `packReceived`, in its order. */
type PackedReceived = readonly [
  ...[string, number, string, string | null, string, Webhook['mode'], boolean, string | null, string | null],
  ...[readonly string[], OrderingHint['by'] | null, number, string, Uint8Array, number, string, string, string],
  ...[number, number, number, number, string, number, string | null, SyntheticReach | null, 'reconciliation' | null],
];

// biome-ignore format: lists of one order, to be compared by eye
const packReceived = (w: ReceivedWebhook, payload: Uint8Array): PackedReceived => [
  w.webhookId, w.timestamp, w.provider, w.providerEventId, w.eventType, w.mode, w.isSimulated, w.account, w.objectId,
  w.parentIds, w.ordering?.by ?? null, w.ordering?.value ?? 0, w.payload.keyId, payload, w.payloadBytes,
  w.bodySha256, JSON.stringify(w.headers), w.secretId, w.cardData.cardNumbers, w.cardData.securityCodes,
  w.cardData.trackData, w.receivedAt, w.traceId, w.expiresAt, w.contentHash ?? null,
  w.synthetic ?? null, w.origin ?? null,
];

// biome-ignore format: lists of one order, to be compared by eye
const unpackReceived = ([
  webhookId, timestamp, provider, providerEventId, eventType, mode, isSimulated, account, objectId, parentIds,
  orderingBy, orderingValue, keyId, bytes, payloadBytes, bodySha256, headers, secretId, cardNumbers, securityCodes,
  trackData, receivedAt, traceId, expiresAt, contentHash, synthetic, origin,
]: PackedReceived): ReceivedWebhook => ({
  webhookId, timestamp, provider, providerEventId, eventType, mode, isSimulated, account, objectId, parentIds,
  ordering: orderingBy === null ? null : { by: orderingBy, value: orderingValue }, payload: { keyId, bytes },
  payloadBytes, bodySha256, headers: JSON.parse(headers), secretId,
  cardData: { cardNumbers, securityCodes, trackData }, receivedAt, traceId, expiresAt,
  ...(contentHash === null ? {} : { contentHash }), ...(synthetic === null ? {} : { synthetic }),
  ...(origin === null ? {} : { origin }),
});

/** A view would take the whole block that it stands in along. */
const ofItsOwn = (bytes: Uint8Array): Uint8Array =>
  bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);

type PackedInsertion = readonly [
  readonly unknown[],
  boolean,
  number | null,
  SqliteInsertion['status'],
  string | null,
  SqliteInsertion['actor']['type'],
  string,
  string | null,
];

// biome-ignore format: lists of one order, to be compared by eye
const insertion: Codec = {
  pack: ({ webhook, status, lastError, actor, transmission, heldUntil }: SqliteInsertion): PackedInsertion => {
    const unsealed = unsealedOf(webhook.payload);
    const bytes = unsealed === undefined ? webhook.payload.bytes : ofItsOwn(unsealed.payload);
    return [
      packReceived(webhook, bytes), unsealed !== undefined, heldUntil ?? null, status, lastError, actor.type, actor.id,
      transmission?.id ?? null,
    ];
  },
  unpack: (
    [received, isUnsealed, heldUntil, status, lastError, actorType, actorId, transmissionId]: PackedInsertion,
    sealHere: SealHere,
  ): SqliteInsertion => {
    const webhook = unpackReceived(received as PackedReceived);
    const { payload } = webhook;
    return {
      webhook: isUnsealed ? { ...webhook, payload: sealHere(payload.keyId, payload.bytes, webhook) } : webhook,
      status,
      lastError,
      actor: { type: actorType, id: actorId },
      transmission: transmissionId === null ? null : { id: transmissionId },
      heldUntil,
    };
  },
};

type PackedWebhook = readonly [
  PackedReceived,
  Webhook['status'],
  number,
  string | null,
  number | null,
  number,
  Webhook['changedBy']['type'],
  string,
  number,
  string | null,
];

// biome-ignore format: lists of one order, to be compared by eye
const webhookOrNothing: Codec = {
  pack: (w: Webhook | undefined): PackedWebhook | undefined =>
    w === undefined
      ? undefined
      : [
          packReceived(w, w.payload.bytes), w.status, w.attempts, w.lastError, w.nextAttemptAt, w.changedAt, w.changedBy.type,
          w.changedBy.id, w.revision, effectsToText(w.effects),
        ],
  unpack: (packed: PackedWebhook | undefined): Webhook | undefined => {
    if (packed === undefined) return undefined;
    const [received, status, attempts, lastError, nextAttemptAt, changedAt, actorType, actorId, revision, effects] =
      packed;
    return {
      ...unpackReceived(received),
      status,
      attempts,
      lastError,
      nextAttemptAt,
      changedAt,
      changedBy: { type: actorType, id: actorId },
      revision,
      effects: effectsFromText(effects),
    };
  },
};

type PackedClaim = readonly [string, number, string, string, string, number, number];

// biome-ignore format: lists of one order, to be compared by eye
const packClaim = ({ entry, receipt, enqueuedAt, claimedTimes }: Claim): PackedClaim => [
  entry.webhookId, entry.timestamp, entry.provider, entry.traceId, receipt, enqueuedAt, claimedTimes,
];

// biome-ignore format: lists of one order, to be compared by eye
const unpackClaim = ([
  webhookId, timestamp, provider, traceId, receipt, enqueuedAt, claimedTimes,
]: PackedClaim): Claim => ({
  entry: { webhookId, timestamp, provider, traceId },
  receipt,
  enqueuedAt,
  claimedTimes,
});

const claims: Codec = {
  pack: (list: readonly Claim[]) => list.map(packClaim),
  unpack: (list: readonly PackedClaim[]) => list.map(unpackClaim),
};

type PackedChange = readonly [
  ...[string, number, number, StatusChange['status'], number, string | null, number | null, number],
  ...[StatusChange['actor']['type'], string, string | null, PackedClaim | null, string | null],
];

// biome-ignore format: lists of one order, to be compared by eye
const change: Codec = {
  pack: ({ key, revision, change: c, claim }: ChangeInput): PackedChange => [
    key.webhookId, key.timestamp, revision, c.status, c.attempts, c.lastError, c.nextAttemptAt, c.changedAt,
    c.actor.type, c.actor.id, c.reason, claim === undefined ? null : packClaim(claim), effectsToText(c.effects),
  ],
  unpack: ([
    webhookId, timestamp, revision, status, attempts, lastError, nextAttemptAt, changedAt, actorType, actorId, reason,
    claim, effects,
  ]: PackedChange): ChangeInput => ({
    key: { webhookId, timestamp },
    revision,
    change: {
      status,
      attempts,
      lastError,
      nextAttemptAt,
      changedAt,
      actor: { type: actorType, id: actorId },
      reason,
      effects: effectsFromText(effects),
    },
    claim: claim === null ? undefined : unpackClaim(claim),
  }),
};

/** The events of a webhook have a different shape each: they travel as they are. */
const recordAndChange: Codec = {
  pack: ({ recording, of }: OperationInput<'webhookRecordAndChange'>) => [recording, change.pack(of as never)],
  unpack: ([recording, of]: readonly [Recording, PackedChange], sealHere) => ({
    recording,
    of: change.unpack(of as never, sealHere),
  }),
};

const insertAndEnd: Codec = {
  pack: ({ insertion: inserted, recording, change: ending }: OperationInput<'webhookInsertAndEnd'>) => {
    const { webhookId, timestamp } = inserted.webhook;
    const of: ChangeInput = { key: { webhookId, timestamp }, revision: 1, change: ending, claim: undefined };
    return [insertion.pack(inserted as never), recording, change.pack(of as never)];
  },
  unpack: ([inserted, recording, of]: readonly [PackedInsertion, Recording, PackedChange], sealHere) => ({
    insertion: insertion.unpack(inserted as never, sealHere),
    recording,
    change: (change.unpack(of as never, sealHere) as ChangeInput).change,
  }),
};

const INPUTS: Partial<Record<OperationName, Codec>> = {
  webhookInsert: insertion,
  webhookChange: change,
  webhookRecordAndChange: recordAndChange,
  webhookInsertAndEnd: insertAndEnd,
};
const OUTPUTS: Partial<Record<OperationName, Codec>> = { webhookGet: webhookOrNothing, queueClaim: claims };

const nothingToSeal: SealHere = () => {
  throw new Error('only what is to be stored is sealed');
};

const pack = (codec: Codec | undefined, value: unknown): unknown =>
  codec === undefined ? value : codec.pack(value as never);
const unpack = (codec: Codec | undefined, packed: unknown, sealHere: SealHere): unknown =>
  codec === undefined ? packed : codec.unpack(packed as never, sealHere);

/** Operations without a codec travel as they are. `unpack…(name, pack…(name, x))` equals `x`. */
export const packInput = (name: OperationName, input: unknown): unknown => pack(INPUTS[name], input);
export const unpackInput = (name: OperationName, packed: unknown, sealHere: SealHere): unknown =>
  unpack(INPUTS[name], packed, sealHere);
export const packOutput = (name: OperationName, output: unknown): unknown => pack(OUTPUTS[name], output);
export const unpackOutput = (name: OperationName, packed: unknown): unknown =>
  unpack(OUTPUTS[name], packed, nothingToSeal);
