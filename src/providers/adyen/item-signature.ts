/** The signature of one item of an Adyen standard webhook: which fields it covers, and how they are joined. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/read-json.ts';
import { hmacSha256 } from '../hmac.ts';
import { objectOf } from '../read-fields.ts';

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

/** A signed field as Adyen writes it: `amount.value` comes as number or text, `success` as text or boolean. */
export const fieldText = (value: JsonValue | undefined): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

/**
 * `pspReference:originalReference:merchantAccountCode:merchantReference:amount.value:amount.currency:eventCode:success`,
 * absent values empty, nothing escaped (Adyen's HmacValidator; its escaping belongs to the old payment pages).
 *
 * Null when a field other than the merchant's own reference holds a colon. Adyen never makes one, and with all others
 * free of colons the joined text has only one reading: otherwise a holder of one genuine item could move a colon of the
 * merchant reference and read the same signature as another amount or event code.
 */
export const signedTextOf = (item: JsonObject): string | null => {
  const amount = objectOf(item.amount);
  const before = [item.pspReference, item.originalReference, item.merchantAccountCode].map(fieldText);
  const after = [amount.value, amount.currency, item.eventCode, item.success].map(fieldText);
  if ([...before, ...after].some((field) => field.includes(':'))) return null;
  return [...before, fieldText(item.merchantReference), ...after].join(':');
};

const NO_BYTES = new Uint8Array(0);

export const signItem = (key: Uint8Array, signedText: string): Buffer => hmacSha256(key, signedText, NO_BYTES);
