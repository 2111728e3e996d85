/**
 * The card-data guard over all that is kept of an event: its payload, its headers, and every field that was read out of
 * them. Between identify and seal.
 */
import { maskCardData, type ScreenedPayload, screenCardData } from '../core/card-data/card-data.ts';
import { hashedId } from '../core/hashed-id.ts';
import { LIMITS } from '../core/limits.ts';
import type { Delivery, DeliveryHeaders, Provider, ProviderEvent, Verified } from '../core/ports/provider.ts';
import { type CardDataFindings, cardDataCount, TIMESTAMP_UNKNOWN, type WebhookKey } from '../core/webhook.ts';
import type { IdentifiedEvent } from './identify.ts';

/** The verified delivery that an event came with. */
export interface GuardedDelivery {
  readonly provider: Provider;
  readonly delivery: Delivery;
  readonly verification: Verified;
}

export interface GuardedEvent {
  readonly key: WebhookKey;
  readonly event: ProviderEvent;
  readonly payload: Uint8Array;
  /** Those that the provider's file asks to keep. */
  readonly headers: Readonly<Record<string, string>>;
  readonly transmission: Verified['transmission'];
  readonly findings: CardDataFindings;
}

/**
 * What is stored of an event. Almost always all of it as it came. Else the fields are read again, out of the masked payload
 * and headers: what the provider alone makes is still there, text is masked, and an id that is not the same any more is
 * kept as its hash. The same event gives the same ids on every delivery.
 */
export const guardEvent = (from: GuardedDelivery, identified: IdentifiedEvent, index: number): GuardedEvent => {
  const { provider, delivery, verification } = from;
  const { key, event, unparsable } = identified;
  const { payload, findings } = screenCardData(event.payload ?? delivery.body, provider.cardDataExemptions);
  const headers = storedHeaders(provider, delivery);
  const { transmission } = verification;
  if (
    cardDataCount(findings) === 0 &&
    !isAnyHit([...fieldsOf(event), transmission?.id ?? '', ...Object.values(headers)])
  ) {
    return { key, event, payload, headers, transmission, findings };
  }
  const guarded = unparsable === null ? guardFields(from, event, payload, index) : event;
  return {
    key: {
      webhookId: guarded.dedupeKey === event.dedupeKey ? key.webhookId : `${provider.name}:${guarded.dedupeKey}`,
      timestamp: guarded.eventAt ?? TIMESTAMP_UNKNOWN,
    },
    event: guarded,
    payload,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, maskCardData(value)])),
    transmission: guardTransmission(transmission),
    findings: sumOf(findings, screenAll(Object.values(headers)).findings),
  };
};

const fieldsOf = ({
  dedupeKey,
  eventType,
  account,
  objectId,
  parentIds,
  ordering,
}: ProviderEvent): readonly string[] => [
  dedupeKey,
  eventType,
  account ?? '',
  objectId ?? '',
  ...parentIds,
  // Times are read from what the body says is one; a version may be any number.
  ordering?.by === 'version' ? String(ordering.value) : '',
];

/** A brace ends whatever the guard looks for. */
const screenAll = (texts: readonly string[]): ScreenedPayload => screenCardData(Buffer.from(texts.join('{')));

const isAnyHit = (texts: readonly string[]): boolean => cardDataCount(screenAll(texts).findings) > 0;

const guardFields = (
  { provider, delivery, verification }: GuardedDelivery,
  event: ProviderEvent,
  body: Uint8Array,
  index: number,
): ProviderEvent => {
  const parsed = provider.parse(
    { ...delivery, body, headers: guardHeaders(delivery.headers) },
    { ...verification, transmission: guardTransmission(verification.transmission) },
  );
  const events = parsed.outcome === 'parsed' ? parsed.events : [];
  // The payload of one event of a batch is a batch of one.
  const again = events[events.length === 1 ? 0 : index];
  if (again === undefined) return guardEach(event);
  const parentIds = new Set(again.parentIds);
  return {
    ...event,
    dedupeKey: guardedId(event.dedupeKey, again.dedupeKey),
    providerEventId: guardedId(event.providerEventId, again.providerEventId),
    eventType: maskCardData(again.eventType),
    eventAt: again.eventAt,
    account: guardedId(event.account, again.account),
    objectId: guardedId(event.objectId, again.objectId),
    parentIds: event.parentIds.map((id) => (parentIds.has(id) ? id : hashedId(id))),
    ordering: again.ordering,
  };
};

/** For what masks have made unreadable: each field by itself, with nothing exempt. */
const guardEach = (event: ProviderEvent): ProviderEvent => {
  const guard = <Id extends string | null>(id: Id): Id | string => guardedId(id, id === null ? null : maskCardData(id));
  return {
    ...event,
    dedupeKey: guard(event.dedupeKey),
    providerEventId: guard(event.providerEventId),
    eventType: maskCardData(event.eventType),
    account: guard(event.account),
    objectId: guard(event.objectId),
    parentIds: event.parentIds.map(guard),
    ordering: isAnyHit([String(event.ordering?.value ?? '')]) ? null : event.ordering,
  };
};

/** `guarded` is what stands where the id stood once card data is masked. */
const guardedId = <Id extends string | null>(id: Id, guarded: string | null): Id | string =>
  id === null || id === guarded ? id : hashedId(id);

const guardTransmission = (transmission: Verified['transmission']): Verified['transmission'] =>
  transmission === null ? null : { ...transmission, id: guardedId(transmission.id, maskCardData(transmission.id)) };

const guardHeaders = (headers: DeliveryHeaders): DeliveryHeaders =>
  new Map([...headers].map(([name, values]) => [name, values.map(maskCardData)]));

const sumOf = (a: CardDataFindings, b: CardDataFindings): CardDataFindings => ({
  cardNumbers: a.cardNumbers + b.cardNumbers,
  securityCodes: a.securityCodes + b.securityCodes,
  trackData: a.trackData + b.trackData,
});

const storedHeaders = (provider: Provider, delivery: Delivery): Record<string, string> => {
  const kept: Record<string, string> = {};
  for (const name of provider.storedHeaders) {
    const values = delivery.headers.get(name);
    if (values !== undefined) kept[name] = values.join(', ').slice(0, LIMITS.storedHeaderCharsMax);
  }
  return kept;
};
