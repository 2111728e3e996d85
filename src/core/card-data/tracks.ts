/** Finds the data of a magnetic stripe or its chip equivalent, by the name of its field or by its shape (ISO/IEC 7813). */
import type { Span } from './card-numbers.ts';
import { isCardNumber } from './card-ranges.ts';

/** A track by name: the whole value up to a quote, `<`, `&` or control character. */
const TRACK_FIELD =
  /(?:track[_-]?[12s]?(?:[_-]?(?:data|equivalent))?|mag(?:netic)?[_-]?stripe(?:[_-]?data)?)["'\]\s]{0,32}[:=>]["'[\s]{0,32}([ !#-%'-;=-~\x80-\xff]{13,})/gi;
/** ISO/IEC 7813 track 1: format code B, number, name, expiry and discretionary data, up to the end sentinel. */
const TRACK_1 = /%?B(\d{13,19})\^[ !#-%'-;=>@-~\x80-\xff]*\??/gi;
/** ISO/IEC 7813 track 2, and its chip equivalent with D as separator: number, expiry, service code, the rest. */
const TRACK_2 = /(?<![A-Za-z0-9_*])(;?)(\d{13,19})[=Dd]\d{7}[0-9A-Fa-f]*\??/g;

export interface TrackSpan extends Span {
  /** The number inside the track, of which the first six and last four digits stay; null hides everything. */
  readonly number: Span | null;
}

export const findTrackFields = (text: string): TrackSpan[] =>
  Array.from(text.matchAll(TRACK_FIELD), (match) => {
    const value = match[1] ?? '';
    const end = match.index + match[0].length;
    return /\d{13}/.test(value) ? [{ start: end - value.length, end, number: null }] : [];
  }).flat();

export const findTracks = (text: string): TrackSpan[] => {
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
