/**
 * How calls travel between the threads. Copying a nested object from thread to thread costs four times as much as copying
 * a flat list of the same values, because every key goes along; so what every webhook needs travels as lists.
 */
import { effectsFromText, effectsToText } from '../../core/effects.ts';
import type { Claim } from '../../core/ports/queue.ts';
import type { Insertion, StatusChange } from '../../core/ports/webhook-store.ts';
import type { Actor, OrderingHint, ReceivedWebhook, Webhook } from '../../core/webhook.ts';
import type { OperationName } from './sqlite-statements.ts';

interface Codec {
  readonly pack: (value: never) => unknown;
  readonly unpack: (packed: never) => unknown;
}

type Packed = readonly unknown[];

/** Packs and unpacks fields that travel as they are, in the order of their names. */
const fields = <T extends object>() => ({
  of: <const K extends keyof T>(...names: readonly K[]) => ({
    count: names.length,
    pack: (value: Pick<T, K>): unknown[] => names.map((name) => value[name]),
    unpack: (packed: Packed): Pick<T, K> => {
      const value: Partial<Pick<T, K>> = {};
      for (const [index, name] of names.entries()) value[name] = packed[index] as T[K];
      return value as Pick<T, K>;
    },
  }),
});

const receivedFields = fields<ReceivedWebhook>().of(
  ...([
    'webhookId',
    'timestamp',
    'provider',
    'providerEventId',
    'eventType',
    'mode',
    'isSimulated',
    'account',
  ] as const),
  ...([
    'objectId',
    'parentIds',
    'payloadBytes',
    'bodySha256',
    'secretId',
    'receivedAt',
    'traceId',
    'expiresAt',
  ] as const),
);

/** What stands in objects of its own is flattened, and follows the other fields. */
type PackedRest = readonly [OrderingHint['by'] | null, number, string, Uint8Array, string, number, number, number];

const packReceived = (webhook: ReceivedWebhook): Packed => {
  const { ordering, payload, headers, cardData } = webhook;
  const rest: PackedRest = [
    ordering?.by ?? null,
    ordering?.value ?? 0,
    payload.keyId,
    payload.bytes,
    JSON.stringify(headers),
    cardData.cardNumbers,
    cardData.securityCodes,
    cardData.trackData,
  ];
  return [...receivedFields.pack(webhook), ...rest];
};

const unpackReceived = (packed: Packed): ReceivedWebhook => {
  const rest = packed.slice(receivedFields.count) as unknown as PackedRest;
  const [by, value, keyId, bytes, headers, cardNumbers, securityCodes, trackData] = rest;
  return {
    ...receivedFields.unpack(packed),
    ordering: by === null ? null : { by, value },
    payload: { keyId, bytes },
    headers: JSON.parse(headers),
    cardData: { cardNumbers, securityCodes, trackData },
  };
};

const insertionFields = fields<Insertion>().of('status', 'lastError');

const insertion: Codec = {
  pack: (one: Insertion): Packed => [
    packReceived(one.webhook),
    [one.actor.type, one.actor.id, one.transmission?.id ?? null],
    ...insertionFields.pack(one),
  ],
  unpack: ([received, [type, id, transmissionId], ...rest]: readonly [
    Packed,
    readonly [Actor['type'], string, string | null],
    ...Packed,
  ]): Insertion => ({
    ...insertionFields.unpack(rest),
    webhook: unpackReceived(received),
    actor: { type, id },
    transmission: transmissionId === null ? null : { id: transmissionId },
  }),
};

const stateFields = fields<Webhook>().of(
  ...(['status', 'attempts', 'lastError', 'nextAttemptAt', 'changedAt', 'revision'] as const),
);

type PackedActor = readonly [type: Actor['type'], id: string, effects: string | null];

const webhookOrNothing: Codec = {
  pack: (webhook: Webhook | undefined): Packed | undefined => {
    if (webhook === undefined) return undefined;
    const { changedBy, effects } = webhook;
    const actor: PackedActor = [changedBy.type, changedBy.id, effectsToText(effects)];
    return [packReceived(webhook), actor, ...stateFields.pack(webhook)];
  },
  unpack: (packed: readonly [Packed, PackedActor, ...Packed] | undefined): Webhook | undefined => {
    if (packed === undefined) return undefined;
    const [received, [type, id, effects], ...state] = packed;
    return {
      ...unpackReceived(received),
      ...stateFields.unpack(state),
      changedBy: { type, id },
      effects: effectsFromText(effects),
    };
  },
};

const entryFields = fields<Claim['entry']>().of('webhookId', 'timestamp', 'provider', 'traceId');
const claimFields = fields<Claim>().of('receipt', 'enqueuedAt', 'claimedTimes');

const packClaim = (claim: Claim): Packed => [...entryFields.pack(claim.entry), ...claimFields.pack(claim)];

const unpackClaim = (packed: Packed): Claim => ({
  entry: entryFields.unpack(packed),
  ...claimFields.unpack(packed.slice(entryFields.count)),
});

const claims: Codec = {
  pack: (list: readonly Claim[]) => list.map(packClaim),
  unpack: (list: readonly Packed[]) => list.map(unpackClaim),
};

interface ChangeInput {
  readonly key: { readonly webhookId: string; readonly timestamp: number };
  readonly revision: number;
  readonly change: StatusChange;
  readonly claim: Claim | undefined;
}

const changeFields = fields<StatusChange>().of(
  ...(['status', 'attempts', 'lastError', 'nextAttemptAt', 'changedAt', 'reason'] as const),
);

type PackedChange = readonly [string, number, number, PackedActor, Packed | null, ...Packed];

const change: Codec = {
  pack: ({ key, revision, change: changed, claim }: ChangeInput): PackedChange => [
    key.webhookId,
    key.timestamp,
    revision,
    [changed.actor.type, changed.actor.id, effectsToText(changed.effects)],
    claim === undefined ? null : packClaim(claim),
    ...changeFields.pack(changed),
  ],
  unpack: ([webhookId, timestamp, revision, [type, id, effects], claim, ...rest]: PackedChange): ChangeInput => ({
    key: { webhookId, timestamp },
    revision,
    change: { ...changeFields.unpack(rest), actor: { type, id }, effects: effectsFromText(effects) },
    claim: claim === null ? undefined : unpackClaim(claim),
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
