/**
 * The card-data guard: masks card numbers, security codes, PINs and track data in a payload before anything is stored.
 * Providers do not send them in webhooks; buyers and merchants write them into free text. Between verify and seal.
 */
import { hashedId } from '../hashed-id.ts';
import type { CardDataExemption } from '../ports/provider.ts';
import type { CardDataFindings } from '../webhook.ts';
import { findCardNumbers, type Span } from './card-numbers.ts';
import { isCardNumber } from './card-ranges.ts';
import { isDigit, isLetter } from './digit-chains.ts';
import { isIdName, isSecurityCode } from './fields.ts';
import { type CardDataPlace, createPlaceReader } from './places.ts';
import { isSuspicious } from './suspicion.ts';
import { findTrackFields, findTracks, type TrackSpan } from './tracks.ts';
import { sourceEnd, sourceStart, type View, viewOf, writeStar } from './view.ts';

export interface ScreenedPayload {
  /** The very object that came in when nothing was found; else a masked copy. */
  readonly payload: Uint8Array;
  readonly findings: CardDataFindings;
}

const NOTHING_FOUND: CardDataFindings = Object.freeze({ cardNumbers: 0, securityCodes: 0, trackData: 0 });

/** A field with a short value of digits in JSON, a form, XML or plain text. */
const FIELD =
  /(?<![A-Za-z0-9_-])([A-Za-z][A-Za-z0-9_-]{2,39})["'\]\s]{0,32}[:=>]["'[\s]{0,32}(\d(?:[ .-]\d){2,3}|[0-9A-Fa-f]{3,16})(?![A-Za-z0-9_*]|[.-]\d)/g;
/** A security code in a sentence: `CVV 123`, `CVC is 123`, `security code no. 1234`. */
const CODE_IN_TEXT =
  /(?<![A-Za-z])(?:cv[cvnd]2?|cav2|security[ _-]{1,3}(?:code|number)|card[ _-]{1,3}(?:code|verification[ _-]{1,3}(?:code|value|number)))(?:[^A-Za-z0-9"{}]{0,3}(?:is|was|no|nr|num|number|code|value)){0,2}[^A-Za-z0-9"{}]{0,4}(\d(?:[ .-]?\d){2,3})(?![A-Za-z0-9_*]|[ .-]?\d)/gi;
const PIN_IN_TEXT =
  /(?<![A-Za-z])pin(?:[^A-Za-z0-9"{}]{1,3}(?:is|was|no|nr|number)){0,2}[^A-Za-z0-9"{}]{1,4}(\d{4})(?![A-Za-z0-9_*]|[ .-]?\d)/gi;

/** What one search step works on: the bytes as masked so far, seen as text. */
interface Sight {
  readonly view: View;
  readonly exemptions: readonly CardDataExemption[];
  /** The bytes, one character each. */
  readonly source: string;
  /** Filled with what is to be replaced, by where it begins: nothing moves before all steps are done. */
  readonly oddIds: Map<number, OddId>;
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

const digitsIn = (text: string, span: Span, isDigitOf = isDigit): number[] => {
  const positions: number[] = [];
  for (let index = span.start; index < span.end; index += 1) {
    if (isDigitOf(text.charCodeAt(index))) positions.push(index);
  }
  return positions;
};

const isHexadecimal = (code: number): boolean => isDigit(code) || isLetter(code);

/** Whether only the provider writes here, and what it writes has the shape that it gives such values. */
const isExempt = ({ view, exemptions }: Sight, place: CardDataPlace, span: Span, source: string): boolean => {
  if (exemptions.length === 0 || place.token === 'key') return false;
  const value =
    place.quotes === null
      ? source.slice(sourceStart(view, span.start), sourceEnd(view, span.end - 1))
      : source.slice(place.quotes.start + 1, place.quotes.end);
  const path = place.path().join('.');
  return exemptions.some((exemption) => exemption.path === path && exemption.values.test(value));
};

/** A string that is an id, and is to be replaced as a whole. */
interface OddId {
  readonly start: number;
  readonly end: number;
  readonly hashed: string;
}

const oddIdAt = ({ key, token, quotes, isInChosenObject }: CardDataPlace, source: string): OddId | null => {
  if (token !== 'string' || quotes === null || isInChosenObject || !isIdName(key)) return null;
  const [start, end] = [quotes.start + 1, quotes.end];
  const id = Buffer.from(source.slice(start, end), 'latin1').toString('utf8');
  return { start, end, hashed: hashedId(id.includes('\\') ? JSON.parse(`"${id}"`) : id) };
};

/** Of several numbers of the document those that are card numbers by themselves. */
const maskBareNumbers = (sight: Sight, span: Span, bytes: Uint8Array): boolean => {
  const masked = Array.from(sight.view.text.slice(span.start, span.end).matchAll(/\d+/g), ({ index, 0: digits }) => {
    const start = span.start + index;
    return isCardNumber(digits) && maskCardNumber(sight, { start, end: start + digits.length }, bytes);
  });
  return masked.includes(true);
};

const maskCardNumber = (sight: Sight, span: Span, bytes: Uint8Array): boolean => {
  const { view, source, oddIds } = sight;
  const place = placeOfSpan(sight, span);
  const digits = digitsIn(view.text, span);
  if (place !== null) {
    // What stands between bare numbers is the document's: `[4242,4242,4242,4242]` are four.
    if (place.token === 'bare' && digits.length < span.end - span.start) return maskBareNumbers(sight, span, bytes);
    if (isExempt(sight, place, span, source)) return false;
  }
  const isNumber = isJsonNumber(sight, place, span);
  const hidden = digits.slice(6, -4);
  // In a number the mask is zeros: a number whose hidden digits are zeros has been masked, and there is nothing to hide.
  if (isNumber && hidden.every((index) => view.text[index] === '0')) return false;
  const oddId = place === null ? null : oddIdAt(place, source);
  if (oddId !== null && !oddIds.has(oddId.start)) oddIds.set(oddId.start, oddId);
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
    bytes.fill(0x20, sourceStart(view, span.start), sourceEnd(view, span.end - 1));
    bytes[sourceStart(view, span.start)] = 0x30;
    return true;
  }
  for (const index of digitsIn(view.text, span, isHexadecimal)) writeStar(view, index, bytes);
  return true;
};

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

const findCodes = (text: string): Span[] =>
  Array.from(text.matchAll(FIELD), (match) => {
    const [whole, name = '', value = ''] = match;
    const end = match.index + whole.length;
    return isSecurityCode(name, value) ? [{ start: end - value.length, end }] : [];
  }).flat();

const findCodesInText = (text: string): Span[] =>
  [CODE_IN_TEXT, PIN_IN_TEXT]
    .flatMap((shape) => [...text.matchAll(shape)])
    .map(({ index, 0: whole, 1: value = '' }) => ({
      start: index + whole.length - value.length,
      end: index + whole.length,
    }))
    .sort((a, b) => a.start - b.start);

/**
 * Masks card data in a payload of any format, or of none. `exemptions` are the places where only its provider writes.
 *
 * What is masked:
 * - Card numbers (`card-ranges.ts`: issuer range, that issuer's length, check digit) to the first six and last four digits,
 *   wherever they stand: strings, object keys, JSON numbers, JSON inside strings, escapes of JSON, URLs and HTML, forms,
 *   XML, plain text, bytes that are no text; in digits of any script, bare, beside letters, or in groups with up to three
 *   separators of any kind or markup between two (`card-numbers.ts`). Digits become `*`, in JSON numbers `0`.
 * - A string of JSON that is called an id becomes `sha256-` and its hash: masked, two of them could become one.
 * - Security codes and PINs by field name or in a sentence, wholly: `***`, a JSON number becomes `0`.
 * - Track data by pattern (all but first six and last four of the number) or by field name (wholly).
 *
 * What is kept although it looks like a card number: words with other digits in them, decimal fractions, dialled telephone
 * numbers of 13 digits, and what is exempt. The trade-off: a number of somebody's own of 13 to 19 digits with an issuer's
 * prefix and a right check digit is masked although it was no card. Not seen: numbers in base64, in floating notation
 * (`4.2E15`), spelled over several values or in words, in other groupings than people use, written backwards, or encoded
 * twice; codes before their name, or whose name and value are two values (`{"name":"cvc","value":"123"}`).
 *
 * But for ids the bytes never change in number; valid JSON stays valid JSON of the same shape, and a second screening finds
 * nothing. Never throws; linear in the payload.
 */
export const screenCardData = (payload: Uint8Array, exemptions: readonly CardDataExemption[] = []): ScreenedPayload =>
  screen(payload, exemptions, null);

/** `isJsonDocument`: whether it is JSON; null to find out when that matters. */
const screen = (
  payload: Uint8Array,
  exemptions: readonly CardDataExemption[],
  isJsonDocument: boolean | null,
): ScreenedPayload => {
  const unscreened = asText(payload);
  if (!isSuspicious(payload, unscreened)) return { payload, findings: NOTHING_FOUND };
  // Not `slice()`: of a Buffer it is a view, and the masks would be written into what the caller holds.
  const bytes = new Uint8Array(payload);
  const oddIds = new Map<number, OddId>();
  let source = unscreened;
  let view = viewOf(source);
  let isDocument = isJsonDocument;

  /** Masks one kind of finding and says how many there were. Each step sees what the steps before it have left. */
  const step = <Found extends Span>(
    find: (text: string) => Found[],
    mask: (sight: Sight, found: Found, bytes: Uint8Array) => boolean,
  ): number => {
    const found = find(view.text);
    if (found.length === 0) return 0;
    isDocument ??= isJson(source);
    const placeOf = isDocument ? createPlaceReader(source) : null;
    const sight: Sight = { view, source, exemptions, oddIds, placeOf };
    const count = found.filter((span) => mask(sight, span, bytes)).length;
    if (count > 0) {
      source = asText(bytes);
      view = viewOf(source);
    }
    return count;
  };

  const trackData = step(findTrackFields, maskTrack) + step(findTracks, maskTrack);
  // Numbers before codes: of a number that someone typed into a code's field, the code would hide only the first group.
  let cardNumbers = 0;
  for (let round = 0, count = 1; count > 0 && round < ROUNDS_MAX; round += 1) {
    count = step(findCardNumbers, maskCardNumber);
    cardNumbers += count;
  }
  const securityCodes = step(findCodes, maskCode) + step(findCodesInText, maskCode);
  return trackData + cardNumbers + securityCodes === 0
    ? { payload, findings: NOTHING_FOUND }
    : { payload: replaceIds(bytes, oddIds), findings: { cardNumbers, securityCodes, trackData } };
};

/** What is left of one number may make another one with its neighbours; it has ten digits, so that soon ends. */
const ROUNDS_MAX = 8;

const replaceIds = (bytes: Uint8Array, oddIds: ReadonlyMap<number, OddId>): Uint8Array => {
  if (oddIds.size === 0) return bytes;
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { start, end, hashed } of [...oddIds.values()].sort((a, b) => a.start - b.start)) {
    parts.push(bytes.subarray(at, start), Buffer.from(hashed));
    at = end;
  }
  return new Uint8Array(Buffer.concat([...parts, bytes.subarray(at)]));
};

/** A text with the card data in it masked, also where it could be read as JSON; the very text that came in when there is none. */
export const maskCardData = (text: string): string => {
  const bytes = Buffer.from(text);
  const { payload } = screen(bytes, [], false);
  return payload === bytes ? text : Buffer.from(payload).toString();
};
