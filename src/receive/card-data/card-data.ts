/**
 * The card-data guard: masks card numbers, security codes, PINs and track data in a payload before anything is stored.
 * Providers do not send them in webhooks; buyers and merchants write them into free text. Between verify and seal.
 */
import type { CardDataFields } from '../../core/ports/provider.ts';
import type { CardDataFindings } from '../../core/webhook.ts';
import { findCardNumbers, isCardNumber, type Span } from './card-numbers.ts';
import { isProviderMade, isSecurityCode } from './fields.ts';
import { type CardDataPlace, createPlaceReader } from './places.ts';
import { sourceStart, type View, viewOf, writeStar } from './view.ts';

export interface ScreenedPayload {
  /** The very object that came in when nothing was found; else a masked copy of the same length. */
  readonly payload: Uint8Array;
  readonly findings: CardDataFindings;
}

/** What is the same at all providers and nothing else. */
const NO_FIELDS: CardDataFields = Object.freeze({});
const NOTHING_FOUND: CardDataFindings = Object.freeze({ cardNumbers: 0, securityCodes: 0, trackData: 0 });

/** Thirteen digits with at most one separator between two of them; a plus is a space in forms. */
const LONG_NUMBER = /\d(?:(?:[ .+-]|\xc2\xa0)?\d){12}/;
/** The end of a secret field's name, and something like a value right after it. */
const SECRET_FIELD =
  /(?:cv[cvnd]2?|cav2|csc|cid|(?:cv[cvnd]|csc|card|security|verification)[_-]?(?:code|value|number))[^A-Za-z0-9]+\d|pin(?:[_-]?(?:block|number))?[^A-Za-z0-9]+[0-9a-f]/i;
/** A digit, separator or letter of a name may be written as an escape; then the exact search has to decide. */
const TELLING_ESCAPE = /\\u00[2-7a]|%[2357][0-9a-f]/i;

/** The cheap question that almost every payload answers with no. It never says no where a search below would find. */
const isSuspicious = (source: string): boolean =>
  LONG_NUMBER.test(source) || SECRET_FIELD.test(source) || TELLING_ESCAPE.test(source);

/** A field with a short value of digits in JSON, a form, XML or plain text. */
const FIELD =
  /(?<![A-Za-z0-9_-])([A-Za-z][A-Za-z0-9_-]{2,39})["'\]\s]{0,32}[:=>]["'[\s]{0,32}([0-9A-Fa-f]{3,16})(?![A-Za-z0-9_*]|[.-]\d)/g;

/** A track by name: the whole value up to a quote, `<`, `&` or control character. */
const TRACK_FIELD =
  /(?:track[_-]?[12s]?(?:[_-]?(?:data|equivalent))?|mag(?:netic)?[_-]?stripe(?:[_-]?data)?)["'\]\s]{0,32}[:=>]["'[\s]{0,32}([ !#-%'-;=-~\x80-\xff]{13,})/gi;
/** ISO/IEC 7813 track 1: format code B, number, name, expiry and discretionary data, up to the end sentinel. */
const TRACK_1 = /%?B(\d{13,19})\^[ !#-%'-;=>@-~\x80-\xff]*\??/gi;
/** ISO/IEC 7813 track 2, and its chip equivalent with D as separator: number, expiry, service code, the rest. */
const TRACK_2 = /(?<![A-Za-z0-9_*])(;?)(\d{13,19})[=Dd]\d{7}[0-9A-Fa-f]*\??/g;

/** What one search step works on: the bytes as masked so far, seen as text. */
interface Sight {
  readonly view: View;
  readonly fields: CardDataFields;
  /** Null when the payload as a whole is not JSON: then nothing tells fields apart and everything is screened. */
  readonly placeOf: ((position: number) => CardDataPlace) | null;
}

const asText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** Bytes beyond ASCII are allowed in strings only, so a text of one character a byte is JSON when its UTF-8 is. */
const isJson = (source: string): boolean => {
  try {
    JSON.parse(source);
    return true;
  } catch {
    return false;
  }
};

/** Whether the span is a number in JSON that is itself written inside a string: `{\"n\": 1}`. */
const isNumberInNestedJson = ({ text }: View, { start, end }: Span): boolean =>
  /"\s{0,16}:\s{0,16}$/.test(text.slice(Math.max(0, start - 40), start)) &&
  /^\s{0,16}[,}]/.test(text.slice(end, end + 17));

/** Whether stars would break JSON here. */
const isJsonNumber = (sight: Sight, place: CardDataPlace | null, span: Span): boolean =>
  place !== null && (place.token === 'bare' || isNumberInNestedJson(sight.view, span));

const placeOfSpan = (sight: Sight, span: Span): CardDataPlace | null =>
  sight.placeOf === null ? null : sight.placeOf(sourceStart(sight.view, span.start));

const digitsIn = (text: string, span: Span): number[] => {
  const positions: number[] = [];
  for (let index = span.start; index < span.end; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 0x30 && code <= 0x39) positions.push(index);
  }
  return positions;
};

const maskCardNumber = (sight: Sight, span: Span, bytes: Uint8Array): boolean => {
  const { view } = sight;
  const place = placeOfSpan(sight, span);
  const isNumber = isJsonNumber(sight, place, span);
  const digits = digitsIn(view.text, span);
  const isExempt =
    place !== null &&
    place.token !== 'key' &&
    !place.isInChosenObject &&
    isProviderMade(place.key, digits.length, place.token === 'bare', sight.fields);
  if (isExempt) return false;
  const hidden = digits.slice(6, -4);
  // In a number the mask is zeros: a number whose hidden digits are zeros has been masked, and there is nothing to hide.
  if (isNumber && hidden.every((index) => view.text[index] === '0')) return false;
  for (const index of hidden) {
    if (isNumber) bytes[sourceStart(view, index)] = 0x30;
    else writeStar(view, index, bytes);
  }
  return true;
};

const maskCode = (sight: Sight, span: Span, bytes: Uint8Array): boolean => {
  const { view } = sight;
  if (isJsonNumber(sight, placeOfSpan(sight, span), span)) {
    // `"cvc":123` becomes `"cvc":0  `: still a number, and the length does not change.
    bytes.fill(0x20, sourceStart(view, span.start), sourceStart(view, span.end));
    bytes[sourceStart(view, span.start)] = 0x30;
    return true;
  }
  for (let index = span.start; index < span.end; index += 1) writeStar(view, index, bytes);
  return true;
};

interface TrackSpan extends Span {
  /** The number inside the track, of which the first six and last four digits stay; null hides everything. */
  readonly number: Span | null;
}

const maskTrack = (sight: Sight, span: TrackSpan, bytes: Uint8Array): boolean => {
  // Outside of strings JSON has no tracks; bare digits under such a name are looked at as a card number.
  if (placeOfSpan(sight, span)?.token === 'bare') return false;
  for (let index = span.start; index < span.end; index += 1) {
    const isVisible =
      span.number !== null &&
      ((index >= span.number.start && index < span.number.start + 6) ||
        (index >= span.number.end - 4 && index < span.number.end));
    if (!isVisible) writeStar(sight.view, index, bytes);
  }
  return true;
};

const findTrackFields = (text: string): TrackSpan[] =>
  Array.from(text.matchAll(TRACK_FIELD), (match) => {
    const value = match[1] ?? '';
    const end = match.index + match[0].length;
    return /\d{13}/.test(value) ? [{ start: end - value.length, end, number: null }] : [];
  }).flat();

const findTracks = (text: string): TrackSpan[] => {
  const first = Array.from(text.matchAll(TRACK_1), (match) => {
    const start = match.index + match[0].indexOf('^') - (match[1] ?? '').length;
    return {
      start: match.index,
      end: match.index + match[0].length,
      number: { start, end: start + (match[1] ?? '').length },
    };
  });
  const second = Array.from(text.matchAll(TRACK_2), (match) => {
    const [whole, sentinel = '', digits = ''] = match;
    // Without its start sentinel a track 2 looks like any `name=value` of digits.
    if (sentinel === '' && !isCardNumber(digits)) return [];
    const start = match.index + sentinel.length;
    return [{ start: match.index, end: match.index + whole.length, number: { start, end: start + digits.length } }];
  }).flat();
  return [...first, ...second].sort((a, b) => a.start - b.start);
};

const findCodes = (text: string): Span[] =>
  Array.from(text.matchAll(FIELD), (match) => {
    const [whole, name = '', value = ''] = match;
    const end = match.index + whole.length;
    return isSecurityCode(name, value) ? [{ start: end - value.length, end }] : [];
  }).flat();

/**
 * Masks card data in a payload of any format, or of none. `fields` are the names that the guard knows of its provider.
 *
 * What is masked:
 * - Card numbers (`card-numbers.ts`: issuer range, that issuer's length, check digit; bare or grouped) to the first six
 *   and last four digits, wherever they stand: strings, object keys, JSON numbers, JSON inside strings, escapes, forms,
 *   XML, plain text, bytes that are no text. Digits become `*`, in JSON numbers `0`.
 * - Security codes and PINs by field name, wholly: `***`, a JSON number becomes `0`.
 * - Track data by pattern (all but first six and last four of the number) or by field name (wholly).
 *
 * What is kept although it looks like a card number: parts of longer words, decimal fractions, dialled telephone numbers,
 * and in JSON the values of fields that only the provider makes. The trade-off: a card number that a provider itself put under such a
 * name (`order_id`) would be stored, and a merchant's own number of 13 to 19 digits with a right check digit under any
 * other name is masked although it was no card. Where a payload is not JSON, and inside JSON that is a string, nothing
 * tells fields apart and everything is screened. Not seen: numbers in base64, in floating notation (`4.2E15`), spelled
 * over several values, or encoded twice; and codes whose name and value are two values (`{"name":"cvc","value":"123"}`).
 *
 * The bytes never change in number, valid JSON stays valid JSON of the same shape, and a second screening finds nothing.
 * Never throws; linear in the payload. Never makes a hash of a number (PCI DSS 3.5.1: a hash beside the truncated number
 * gives the number back).
 */
export const screenCardData = (payload: Uint8Array, fields: CardDataFields = NO_FIELDS): ScreenedPayload => {
  if (!isSuspicious(asText(payload))) return { payload, findings: NOTHING_FOUND };
  // Not `slice()`: of a Buffer it is a view, and the masks would be written into what the caller holds.
  const bytes = new Uint8Array(payload);
  let source = asText(bytes);
  let view = viewOf(source);
  let isDocument: boolean | null = null;

  /** Masks one kind of finding and says how many there were. Each step sees what the steps before it have left. */
  const step = <Found extends Span>(
    find: (text: string) => Found[],
    mask: (sight: Sight, found: Found, bytes: Uint8Array) => boolean,
  ): number => {
    const found = find(view.text);
    if (found.length === 0) return 0;
    isDocument ??= isJson(source);
    const sight: Sight = { view, fields, placeOf: isDocument ? createPlaceReader(source, fields) : null };
    const count = found.filter((span) => mask(sight, span, bytes)).length;
    if (count > 0) {
      source = asText(bytes);
      view = viewOf(source);
    }
    return count;
  };

  const trackData = step(findTrackFields, maskTrack) + step(findTracks, maskTrack);
  // Numbers before codes: of a number that someone typed into a code's field, the code would hide only the first group.
  const cardNumbers = step(findCardNumbers, maskCardNumber);
  const securityCodes = step(findCodes, maskCode);
  return trackData + cardNumbers + securityCodes === 0
    ? { payload, findings: NOTHING_FOUND }
    : { payload: bytes, findings: { cardNumbers, securityCodes, trackData } };
};
