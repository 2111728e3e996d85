/**
 * The signature of one item of an Adyen standard webhook: which fields it covers, of which types, and how they are joined.
 * What is signed is a text; only an item that is the one reading of that text is taken.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/read-json.ts';
import { hmacSha256 } from '../hmac.ts';

/** As they stand in the signed text; what is absent is empty. */
export interface SignedFields {
  readonly pspReference: string;
  readonly originalReference: string;
  readonly merchantAccountCode: string;
  readonly merchantReference: string;
  readonly value: string;
  readonly currency: string;
  readonly eventCode: string;
  readonly success: string;
}

/** Half a character has no UTF-8 of its own: it would be signed like the character that stands for unreadable ones. */
const readText = (value: JsonValue | undefined): string | null =>
  typeof value === 'string' && value.isWellFormed() ? value : null;

const readOptionalText = (value: JsonValue | undefined): string | null =>
  value === undefined || value === null ? '' : readText(value);

const DECIMAL_INTEGER = /^(?:0|-?[1-9]\d{0,15})$/;

/** An integer as the number that Adyen sends, or as its decimal text, which old merchant accounts were seen to get. */
const readAmountValue = (value: JsonValue | undefined): string | null => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : null;
  return typeof value === 'string' && DECIMAL_INTEGER.test(value) && Number.isSafeInteger(Number(value)) ? value : null;
};

const readAmount = (amount: JsonValue | undefined): Pick<SignedFields, 'value' | 'currency'> | null => {
  if (amount === undefined || amount === null) return { value: '', currency: '' };
  if (!isJsonObject(amount)) return null;
  const value = readAmountValue(amount.value);
  const currency = readText(amount.currency);
  return value === null || currency === null || currency === '' ? null : { value, currency };
};

/** Text in Adyen's deliveries, a boolean in some of its examples. */
const readSuccess = (value: JsonValue | undefined): string | null => {
  if (typeof value === 'boolean') return String(value);
  return value === 'true' || value === 'false' ? value : null;
};

/** An Adyen report is named by its file, and its file by times of day. No money hangs on it. */
const REPORT_EVENT_CODE = 'REPORT_AVAILABLE';

/** Colons inside, each alone: the two that stand around the absent original reference then end the name. */
const REPORT_REFERENCE = /^[^:]+(?::[^:]+)*$/;

/**
 * Nothing is escaped in the signed text, so a colon in a field could be moved to another one under the same signature.
 * Event code, success and amount are what stands at the end of the text and hold none. With none in the three
 * before the merchant's own reference either the text has one reading only. A report alone may have colons in its own
 * name, and then has no original reference, which again leaves one reading.
 * https://github.com/Adyen/adyen-ruby-api-library/issues/108
 */
const isReadOneWay = (fields: SignedFields): boolean => {
  const { pspReference, originalReference, merchantAccountCode, currency, eventCode } = fields;
  if ([originalReference, merchantAccountCode, currency, eventCode].some((field) => field.includes(':'))) return false;
  if (eventCode !== REPORT_EVENT_CODE) return !pspReference.includes(':');
  return originalReference === '' && REPORT_REFERENCE.test(pspReference);
};

/** With which a body begins that is JSON: such a text is signed in a header, by the same key, and never in an item. */
const JSON_START = /^[\s{[]/;

/** The signed fields of an item, with all that identify it; null when one has not the type or the form that Adyen gives it. */
export const signedFieldsOf = (item: JsonObject): SignedFields | null => {
  const pspReference = readText(item.pspReference);
  const originalReference = readOptionalText(item.originalReference);
  const merchantAccountCode = readText(item.merchantAccountCode);
  const merchantReference = readOptionalText(item.merchantReference);
  const amount = readAmount(item.amount);
  const eventCode = readText(item.eventCode);
  const success = readSuccess(item.success);
  if (pspReference === null || originalReference === null || merchantAccountCode === null) return null;
  if (merchantReference === null || amount === null || eventCode === null || success === null) return null;
  if (pspReference === '' || merchantAccountCode === '' || eventCode === '' || JSON_START.test(pspReference))
    return null;
  const fields = {
    pspReference,
    originalReference,
    merchantAccountCode,
    merchantReference,
    ...amount,
    eventCode,
    success,
  };
  return isReadOneWay(fields) ? fields : null;
};

/**
 * `pspReference:originalReference:merchantAccountCode:merchantReference:amount.value:amount.currency:eventCode:success`,
 * absent values empty, nothing escaped (Adyen's HmacValidator; its escaping belongs to the old payment pages).
 */
export const signedTextOf = (fields: SignedFields): string =>
  [
    fields.pspReference,
    fields.originalReference,
    fields.merchantAccountCode,
    fields.merchantReference,
    fields.value,
    fields.currency,
    fields.eventCode,
    fields.success,
  ].join(':');

const NO_BYTES = new Uint8Array(0);

export const signItem = (key: Uint8Array, signedText: string): Buffer => hmacSha256(key, signedText, NO_BYTES);
