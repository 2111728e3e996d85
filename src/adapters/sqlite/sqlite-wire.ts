/**
 * How calls travel between the threads. Copying a nested object from thread to thread costs four times as much as copying
 * a flat list of the same values, because every key goes along; so what every webhook needs travels as lists.
 */
import { effectsFromText, effectsToText } from '../../core/effects.ts';
import type { Claim } from '../../core/ports/queue.ts';
import type { Insertion, StatusChange } from '../../core/ports/webhook-store.ts';
import type { CardDataFindings, OrderingHint, ReceivedWebhook, Webhook } from '../../core/webhook.ts';
import type { OperationName } from './sqlite-statements.ts';

interface Codec {
  readonly pack: (value: never) => unknown;
  readonly unpack: (packed: never) => unknown;
}

/** Values of `packReceived`, in its order. */
type PackedReceived = readonly [
  ...[string, number, string, string | null, string, Webhook['mode'], boolean, string | null, string | null],
  ...[readonly string[], OrderingHint['by'] | null, number, string, Uint8Array, number, string, string, string],
  ...[number, number, number, number, string, number],
];

const packReceived = (w: ReceivedWebhook): PackedReceived => [
  w.webhookId,
  w.timestamp,
  w.provider,
  w.providerEventId,
  w.eventType,
  w.mode,
  w.isSimulated,
  w.account,
  w.objectId,
  w.parentIds,
  w.ordering?.by ?? null,
  w.ordering?.value ?? 0,
  w.payload.keyId,
  w.payload.bytes,
  w.payloadBytes,
  w.bodySha256,
  JSON.stringify(w.headers),
  w.secretId,
  w.cardData.cardNumbers,
  w.cardData.securityCodes,
  w.cardData.trackData,
  w.receivedAt,
  w.traceId,
  w.expiresAt,
];

const unpackReceived = (p: PackedReceived): ReceivedWebhook => {
  const cardData: CardDataFindings = { cardNumbers: p[18], securityCodes: p[19], trackData: p[20] };
  return {
    webhookId: p[0],
    timestamp: p[1],
    provider: p[2],
    providerEventId: p[3],
    eventType: p[4],
    mode: p[5],
    isSimulated: p[6],
    account: p[7],
    objectId: p[8],
    parentIds: p[9],
    ordering: p[10] === null ? null : { by: p[10], value: p[11] },
    payload: { keyId: p[12], bytes: p[13] },
    payloadBytes: p[14],
    bodySha256: p[15],
    headers: JSON.parse(p[16]),
    secretId: p[17],
    cardData,
    receivedAt: p[21],
    traceId: p[22],
    expiresAt: p[23],
  };
};

type PackedInsertion = readonly [
  readonly unknown[],
  Insertion['status'],
  string | null,
  Insertion['actor']['type'],
  string,
  string | null,
];

const insertion: Codec = {
  pack: ({ webhook, status, lastError, actor, transmission }: Insertion): PackedInsertion => [
    packReceived(webhook),
    status,
    lastError,
    actor.type,
    actor.id,
    transmission?.id ?? null,
  ],
  unpack: ([received, status, lastError, actorType, actorId, transmissionId]: PackedInsertion): Insertion => ({
    webhook: unpackReceived(received as PackedReceived),
    status,
    lastError,
    actor: { type: actorType, id: actorId },
    transmission: transmissionId === null ? null : { id: transmissionId },
  }),
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

const webhookOrNothing: Codec = {
  pack: (w: Webhook | undefined): PackedWebhook | undefined =>
    w === undefined
      ? undefined
      : [
          packReceived(w),
          w.status,
          w.attempts,
          w.lastError,
          w.nextAttemptAt,
          w.changedAt,
          w.changedBy.type,
          w.changedBy.id,
          w.revision,
          effectsToText(w.effects),
        ],
  unpack: (p: PackedWebhook | undefined): Webhook | undefined =>
    p === undefined
      ? undefined
      : {
          ...unpackReceived(p[0]),
          status: p[1],
          attempts: p[2],
          lastError: p[3],
          nextAttemptAt: p[4],
          changedAt: p[5],
          changedBy: { type: p[6], id: p[7] },
          revision: p[8],
          effects: effectsFromText(p[9]),
        },
};

type PackedClaim = readonly [string, number, string, string, string, number];

const packClaim = ({ entry, receipt, enqueuedAt }: Claim): PackedClaim => [
  entry.webhookId,
  entry.timestamp,
  entry.provider,
  entry.traceId,
  receipt,
  enqueuedAt,
];

const unpackClaim = ([webhookId, timestamp, provider, traceId, receipt, enqueuedAt]: PackedClaim): Claim => ({
  entry: { webhookId, timestamp, provider, traceId },
  receipt,
  enqueuedAt,
  // This queue does not count, so there is nothing to carry.
  claimedTimes: null,
});

const claims: Codec = {
  pack: (list: readonly Claim[]) => list.map(packClaim),
  unpack: (list: readonly PackedClaim[]) => list.map(unpackClaim),
};

interface ChangeInput {
  readonly key: { readonly webhookId: string; readonly timestamp: number };
  readonly revision: number;
  readonly change: StatusChange;
  readonly claim: Claim | undefined;
}

type PackedChange = readonly [
  ...[string, number, number, StatusChange['status'], number, string | null, number | null, number],
  ...[StatusChange['actor']['type'], string, string | null, PackedClaim | null, string | null],
];

const change: Codec = {
  pack: ({ key, revision, change: c, claim }: ChangeInput): PackedChange => [
    key.webhookId,
    key.timestamp,
    revision,
    c.status,
    c.attempts,
    c.lastError,
    c.nextAttemptAt,
    c.changedAt,
    c.actor.type,
    c.actor.id,
    c.reason,
    claim === undefined ? null : packClaim(claim),
    effectsToText(c.effects),
  ],
  unpack: (p: PackedChange): ChangeInput => ({
    key: { webhookId: p[0], timestamp: p[1] },
    revision: p[2],
    change: {
      status: p[3],
      attempts: p[4],
      lastError: p[5],
      nextAttemptAt: p[6],
      changedAt: p[7],
      actor: { type: p[8], id: p[9] },
      reason: p[10],
      effects: effectsFromText(p[12]),
    },
    claim: p[11] === null ? undefined : unpackClaim(p[11]),
  }),
};

const INPUTS: Partial<Record<OperationName, Codec>> = { webhookInsert: insertion, webhookChange: change };
const OUTPUTS: Partial<Record<OperationName, Codec>> = { webhookGet: webhookOrNothing, queueClaim: claims };

const apply = (codec: Codec | undefined, direction: keyof Codec, value: unknown): unknown =>
  codec === undefined ? value : codec[direction](value as never);

/** Operations without a codec travel as they are. `unpack…(name, pack…(name, x))` equals `x`. */
export const packInput = (name: OperationName, input: unknown): unknown => apply(INPUTS[name], 'pack', input);
export const unpackInput = (name: OperationName, packed: unknown): unknown => apply(INPUTS[name], 'unpack', packed);
export const packOutput = (name: OperationName, output: unknown): unknown => apply(OUTPUTS[name], 'pack', output);
export const unpackOutput = (name: OperationName, packed: unknown): unknown => apply(OUTPUTS[name], 'unpack', packed);
