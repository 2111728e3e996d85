/** The items of an Adyen standard webhook: how they are found, verified one by one, and what event each is. */
import { LIMITS } from '../../core/limits.ts';
import type {
  ParseOutcome,
  ProviderEvent,
  RejectionReason,
  Verification,
  Verified,
} from '../../core/ports/provider.ts';
import type { Secret } from '../../core/ports/secret-source.ts';
import { isJsonObject, type JsonObject, type JsonValue, readJson } from '../../core/read-json.ts';
import { bytesOfBase64 } from '../hmac.ts';
import { instantOf, objectOf, orderedByTime, parentIdsOf, textOf, wholeTextOf } from '../read-fields.ts';
import { modeOfLabel } from '../secret-label.ts';
import { isCheapToParse } from '../unverified-json.ts';
import { rejected } from '../verdicts.ts';
import { type SignedFields, signedFieldsOf, signedTextOf, signItem } from './item-signature.ts';
import { secretThatSigned, verifiedWith } from './keys.ts';

/** `{"NotificationRequestItem": {…}}` of each item; null when the body is not a standard webhook or an item is none. */
export const itemsOfNotification = (body: JsonValue): readonly JsonObject[] | null => {
  const wrappers = isJsonObject(body) ? body.notificationItems : undefined;
  if (!Array.isArray(wrappers)) return null;
  const items: JsonObject[] = [];
  for (const wrapper of wrappers as readonly JsonValue[]) {
    const item = isJsonObject(wrapper) ? wrapper.NotificationRequestItem : undefined;
    if (!isJsonObject(item)) return null;
    items.push(item);
  }
  return items;
};

/** Adyen writes the name so, unescaped, in every item. */
const SIGNATURE_FIELD = Buffer.from('"hmacSignature"');

/**
 * The body has to be read to find the signatures: the one place where unverified JSON is parsed. What carries no signature,
 * or is larger than Adyen's batches, is not.
 */
const readUnverified = (body: Uint8Array): readonly JsonObject[] | RejectionReason => {
  if (!Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(SIGNATURE_FIELD)) return 'signature_missing';
  if (!isCheapToParse(body)) return 'body_not_expected';
  const read = readJson(body);
  const items = read.outcome === 'read' ? itemsOfNotification(read.value) : null;
  if (items === null || items.length === 0) return 'signature_missing';
  return items.length > LIMITS.eventsPerDeliveryMax ? 'body_not_expected' : items;
};

/** Base64 of 32 bytes. */
const SIGNATURE_CHARS = 44;

const verifyItem = (item: JsonObject, secrets: readonly Secret[]): Verification => {
  const text = wholeTextOf(objectOf(item.additionalData).hmacSignature);
  if (text === null) return rejected('signature_missing');
  const signature = text.length === SIGNATURE_CHARS ? bytesOfBase64(text) : null;
  if (signature === null) return rejected('signature_malformed');
  const fields = signedFieldsOf(item);
  if (fields === null) return rejected('signed_field_malformed');
  const signedText = signedTextOf(fields);
  const secret = secretThatSigned(signature, secrets, (key) => signItem(key, signedText));
  return secret === undefined ? rejected('signature_mismatch') : verifiedWith(secret);
};

/**
 * Every item or none. The items may match different secrets (a queued event keeps the key it was signed with); the
 * secret told is the first item's. Stops at the first item that fails, so a forger pays for one signature at most. Secrets
 * of different modes in one delivery tell no mode.
 */
export const verifyItems = (body: Uint8Array, secrets: readonly Secret[]): Verification => {
  const items = readUnverified(body);
  if (typeof items === 'string') return rejected(items);
  const verified: Verified[] = [];
  for (const item of items) {
    const verification = verifyItem(item, secrets);
    if (verification.outcome !== 'verified') return verification;
    verified.push(verification);
  }
  const [first] = verified;
  if (first === undefined) return rejected('signature_missing');
  const isOfOneMode = verified.every(({ label }) => label === first.label);
  if (isOfOneMode) return first;
  const { label: _, ...unlabelled } = first;
  return unlabelled;
};

/** Unsigned fields that the mapping reads, and what it can read of them: anything else would spoil what is signed. */
const UNSIGNED_READ: readonly (readonly [string, (value: JsonValue | undefined) => boolean])[] = [
  ['eventDate', (value) => instantOf(value) !== null],
  ['reason', (value) => typeof value === 'string'],
];

const isLive = (live: JsonValue | undefined): boolean =>
  typeof live === 'boolean' || live === 'true' || live === 'false';

/** What is signed as the signed text says it, and of the rest what can be read. */
const keptOf = (item: JsonObject, fields: SignedFields): JsonObject => {
  const kept: Record<string, JsonValue | undefined> = { ...item, success: fields.success };
  for (const [name, isReadable] of UNSIGNED_READ) if (!isReadable(kept[name])) delete kept[name];
  if (isJsonObject(item.amount)) kept.amount = { ...item.amount, value: Number(fields.value) };
  return kept;
};

/** Whether the body is this item and nothing else, written as it would be kept. */
const isItemAlone = (root: JsonObject, item: JsonObject): boolean => {
  const [wrapper, ...others] = root.notificationItems as readonly JsonObject[];
  const isBare =
    Object.keys(root).length === (root.live === undefined ? 1 : 2) && Object.keys(wrapper ?? {}).length === 1;
  const isReadable = UNSIGNED_READ.every(([name, isRead]) => item[name] === undefined || isRead(item[name]));
  const isAsSigned = typeof item.success === 'string' && typeof objectOf(item.amount).value !== 'string';
  return others.length === 0 && isBare && isReadable && isAsSigned && (root.live === undefined || isLive(root.live));
};

/**
 * The item as a notification of its own, so that it verifies as it did in the batch, and nothing that stood beside it; null
 * when the body is just that.
 */
const notificationOf = (root: JsonObject, item: JsonObject, fields: SignedFields): Uint8Array | null => {
  if (isItemAlone(root, item)) return null;
  const notificationItems = [{ NotificationRequestItem: keptOf(item, fields) }];
  return Buffer.from(
    JSON.stringify(isLive(root.live) ? { live: root.live, notificationItems } : { notificationItems }),
  );
};

/** Two items with one key must agree in all that is signed, and in which modification was made. */
const contentOf = (item: JsonObject, fields: SignedFields): string => {
  const modification = textOf(objectOf(item.additionalData)['modification.action']);
  return modification === null ? signedTextOf(fields) : `${signedTextOf(fields)}\n${modification}`;
};

/**
 * Adyen gives standard webhooks no event id. What identifies one (merchant account, reference, event code, success) is
 * signed. `eventDate` and `live` are not: the date may be newer on a resend, so it orders and never keys; `live` says
 * nothing.
 */
const eventOfItem = (
  root: JsonObject,
  item: JsonObject,
  eventCode: string,
  verification: Verified,
): ProviderEvent | null => {
  const { merchantAccountCode, pspReference, success } = item;
  const isNamed = wholeTextOf(pspReference) !== null && wholeTextOf(merchantAccountCode) !== null;
  if (!isNamed) return null;
  const fields = signedFieldsOf(item);
  const objectId = textOf(pspReference);
  return {
    dedupeKey: `${merchantAccountCode}:${pspReference}:${eventCode}:${success ?? ''}`,
    providerEventId: null,
    eventType: textOf(eventCode) ?? eventCode,
    eventAt: null,
    objectId,
    parentIds: parentIdsOf([textOf(item.originalReference), textOf(item.merchantReference)], objectId),
    account: textOf(merchantAccountCode),
    mode: modeOfLabel(verification),
    isSimulated: false,
    ordering: orderedByTime(instantOf(item.eventDate)),
    payload: fields === null ? null : notificationOf(root, item, fields),
    ...(fields === null ? {} : { content: { text: contentOf(item, fields) } }),
  };
};

/** An item of another form than `verifyItems` lets through is read as far as it can be. */
export const parseItems = (root: JsonObject, items: readonly JsonObject[], verification: Verified): ParseOutcome => {
  if (items.length === 0) return { outcome: 'unparsable', reason: 'shape_unexpected' };
  if (items.length > LIMITS.eventsPerDeliveryMax) return { outcome: 'unparsable', reason: 'too_many_events' };
  const events: ProviderEvent[] = [];
  for (const item of items) {
    const eventCode = wholeTextOf(item.eventCode);
    if (eventCode === null) return { outcome: 'unparsable', reason: 'event_type_missing' };
    const event = eventOfItem(root, item, eventCode, verification);
    if (event === null) return { outcome: 'unparsable', reason: 'event_id_missing' };
    events.push(event);
  }
  return { outcome: 'parsed', events };
};
