/**
 * What payloads are compressed with where every byte is paid for: text that events of all providers have in common. Payloads
 * say which one they were sealed with, so each stays here for as long as there is anything sealed.
 */
import { zstdDecompressSync } from 'node:zlib';
import { newerThanKnown } from './errors.ts';
import { PAYLOAD_DICTIONARY_1 } from './payload-dictionary-1.ts';

const PACKED: readonly (readonly string[])[] = [PAYLOAD_DICTIONARY_1];
/** More is none that `bench/make-dictionary.ts` writes. */
const DICTIONARY_BYTES_MAX = 64 * 1024;

export const NEWEST_DICTIONARY = PACKED.length;

const unpacked = new Map<number, Buffer>();

/** By its number, from 1. Throws `store_damaged` for one of a newer Payhook. */
export const payloadDictionary = (number: number): Buffer => {
  const known = unpacked.get(number);
  if (known !== undefined) return known;
  const packed = PACKED[number - 1];
  if (packed === undefined) throw newerThanKnown('the dictionary of a sealed payload', number, NEWEST_DICTIONARY);
  const dictionary = zstdDecompressSync(Buffer.from(packed.join(''), 'base64'), {
    maxOutputLength: DICTIONARY_BYTES_MAX,
  });
  unpacked.set(number, dictionary);
  return dictionary;
};
