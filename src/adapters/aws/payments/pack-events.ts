/** The events of a payment as an item holds them: they are alike, and every started kilobyte is a write unit that costs money. */
import assert from 'node:assert/strict';
import { deflateRawSync, inflateRawSync, zstdDecompressSync } from 'node:zlib';
import type { News } from '../../../core/effects.ts';
import { newerThanKnown } from '../../../core/errors.ts';
import { paymentEventsFromJson, paymentEventsToJson } from '../../../payments/event-json.ts';
import type { PaymentChangeEvent } from '../../../payments/payment-event.ts';
import type { RecordedPayment } from '../../../payments/record-events.ts';
import { EVENT_DICTIONARY_1 } from './event-dictionary-1.ts';

/** An item holds 400 KB with its other attributes: names take up to 300 bytes each. */
const PACKED_BYTES_MAX = 350 * 1024;
/** Of the events before compression; more is not unpacked, so more is not packed. */
const UNPACKED_BYTES_MAX = 16 * 1024 * 1024;

/** The first byte of what a release before 0.2 packed: zstd's own. */
const ZSTD = 0x28;
/** The first byte otherwise: which dictionary the rest is deflated with. Each stays here for as long as there are payments. */
const DICTIONARIES = [EVENT_DICTIONARY_1];
const NEWEST = DICTIONARIES.length;

const dictionaries = new Map<number, Buffer>();
const dictionaryOf = (number: number): Buffer => {
  const known = dictionaries.get(number);
  if (known !== undefined) return known;
  const packed = DICTIONARIES[number - 1];
  if (packed === undefined) throw newerThanKnown('the dictionary of its events', number, NEWEST);
  const dictionary = inflateRawSync(Buffer.from(packed.join(''), 'base64'));
  dictionaries.set(number, dictionary);
  return dictionary;
};

/** What a digit before the events says of each; 3 is what was news and stale at once before version 0.2. */
const NEWS_BY_DIGIT: readonly News[] = ['repeated', 'stale', 'news', 'stale'];
/** Said before the digits as `v2 `. What was packed before version 0.2 says none and begins with a digit. */
const PACKED_VERSION = 2;

/** Null when they are too large for an item. */
export const packRecorded = (recorded: RecordedPayment): Uint8Array | null => {
  const json = paymentEventsToJson(recorded.map(({ event }) => event));
  const unpacked = Buffer.from(
    `v${PACKED_VERSION} ${recorded.map(({ news }) => NEWS_BY_DIGIT.indexOf(news)).join('')}\n${json}`,
    'utf8',
  );
  if (unpacked.length > UNPACKED_BYTES_MAX) return null;
  const packed = Buffer.concat([Buffer.of(NEWEST), deflateRawSync(unpacked, { dictionary: dictionaryOf(NEWEST) })]);
  return packed.length > PACKED_BYTES_MAX ? null : packed;
};

export const unpackRecorded = (packed: Uint8Array): RecordedPayment => {
  const unpacked = decompress(packed).toString('utf8');
  const [before = '', version = 1] = /^(?:v(\d+) )?/.exec(unpacked) ?? [];
  if (Number(version) > PACKED_VERSION) throw newerThanKnown('the list of its events', version, PACKED_VERSION);
  const end = unpacked.indexOf('\n');
  const digits = unpacked.slice(before.length, end);
  const events = paymentEventsFromJson<PaymentChangeEvent>(unpacked.slice(end + 1));
  assert(events.length === digits.length && /^[0-3]+$/.test(digits), 'every event of a payment has its digit');
  return events.map((event, index) => ({ event, news: NEWS_BY_DIGIT[Number(digits[index])] ?? 'news' }));
};

const decompress = (packed: Uint8Array): Buffer => {
  const [first] = packed;
  assert(first !== undefined, 'what was packed says how');
  if (first === ZSTD) return zstdDecompressSync(packed, { maxOutputLength: UNPACKED_BYTES_MAX });
  return inflateRawSync(packed.subarray(1), {
    dictionary: dictionaryOf(first),
    maxOutputLength: UNPACKED_BYTES_MAX,
  });
};
