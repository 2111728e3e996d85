/** Adyen's banking, platform, management and token webhooks: one JSON object, signed as a whole in a header. */
import { createHash } from 'node:crypto';
import { type Delivery, type ParseOutcome, singleHeader, type Verification } from '../../core/ports/provider.ts';
import type { Secret } from '../../core/ports/secret-source.ts';
import { isJsonObject, type JsonObject } from '../../core/read-json.ts';
import type { EpochMs, Mode, OrderingHint } from '../../core/webhook.ts';
import { bytesOfBase64, hmacSha256 } from '../hmac.ts';
import { instantOf, objectOf, orderedByTime, parentIdsOf, textOf } from '../read-fields.ts';
import { reasonWithoutSingle, rejected } from '../verdicts.ts';
import { secretThatSigned, verifiedWith } from './keys.ts';

export const SIGNATURE_HEADER = 'hmacsignature';

const JSON_SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);
const OPEN_BRACE = 0x7b;
const COLON = 0x3a;
/** Between the eight fields that an item's signature covers. */
const ITEM_COLONS = 7;
const ITEMS_FIELD = Buffer.from('"notificationItems"');

/** Whether the signed text of an item could look so: it has its colons, and never begins like an object. */
const isLikeItem = (body: Uint8Array): boolean => {
  if (body.find((byte) => !JSON_SPACE.has(byte)) === OPEN_BRACE) return false;
  let colons = 0;
  for (const byte of body) if (byte === COLON) colons += 1;
  return colons >= ITEM_COLONS;
};

/** One key signs whole bodies and the fields of items. A notification is signed in its items alone. */
const isOwnShape = (body: Uint8Array): boolean =>
  !isLikeItem(body) && !Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(ITEMS_FIELD);

export const verifyBody = (delivery: Delivery, secrets: readonly Secret[]): Verification => {
  const value = singleHeader(delivery.headers, SIGNATURE_HEADER);
  if (value === undefined) return rejected(reasonWithoutSingle(delivery.headers, SIGNATURE_HEADER));
  const signature = bytesOfBase64(value);
  if (signature === null) return rejected('signature_malformed');
  const secret = secretThatSigned(signature, secrets, (key) => hmacSha256(key, '', delivery.body));
  if (secret === undefined) return rejected('signature_mismatch');
  return isOwnShape(delivery.body) ? verifiedWith(secret) : rejected('body_not_expected');
};

/** Classic platforms say it with `live`, which is signed here. */
const modeOf = ({ environment, live }: JsonObject): Mode => {
  if (environment === 'live' || environment === 'test') return environment;
  if (typeof live !== 'boolean' && live !== 'true' && live !== 'false') return 'unknown';
  return String(live) === 'true' ? 'live' : 'test';
};

/** Adyen counts the webhooks of a transfer; all others are ordered by their time. */
const orderingOf = (data: JsonObject, eventAt: EpochMs | null): OrderingHint | null => {
  const { sequenceNumber } = data;
  return typeof sequenceNumber === 'number' && Number.isSafeInteger(sequenceNumber) && sequenceNumber >= 0
    ? { by: 'version', value: sequenceNumber }
    : orderedByTime(eventAt);
};

/** `data.id`, or the id of the one thing that `data` holds (`data.accountHolder.id`). */
const objectIdOfData = (data: JsonObject): string | null => {
  const ownId = textOf(data.id);
  if (ownId !== null) return ownId;
  const ids = Object.values(data).map((part) => (isJsonObject(part) ? textOf(part.id) : null));
  return ids.find((id) => id !== null) ?? null;
};

/**
 * The type is `type`, of classic platforms `eventType`. These have no id that all of them share, so the SHA-256 of the signed body is the identity: an attempt repeats the body,
 * and a changed body is another event. Whatever stands in the body is therefore the same on every delivery of the event,
 * its `timestamp` too.
 */
export const parseBody = (event: JsonObject, body: Uint8Array): ParseOutcome => {
  const eventType = textOf(event.type) ?? textOf(event.eventType);
  if (eventType === null) return { outcome: 'unparsable', reason: 'event_type_missing' };
  const data = objectOf(event.data ?? event.content);
  const objectId = objectIdOfData(data) ?? textOf(data.storedPaymentMethodId) ?? textOf(event.pspReference);
  const eventAt = instantOf(event.timestamp) ?? instantOf(event.createdAt) ?? instantOf(event.eventDate);
  const account = textOf(data.balancePlatform) ?? textOf(data.merchantAccount) ?? textOf(data.companyId);
  return {
    outcome: 'parsed',
    events: [
      {
        dedupeKey: `sha256:${createHash('sha256').update(body).digest('hex')}`,
        providerEventId: null,
        eventType,
        eventAt,
        objectId,
        parentIds: parentIdsOf([textOf(objectOf(data.accountHolder).id)], objectId),
        account,
        mode: modeOf(event),
        isSimulated: false,
        ordering: orderingOf(data, eventAt),
        payload: null,
      },
    ],
  };
};
