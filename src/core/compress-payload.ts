/**
 * What becomes of a payload's bytes before they are encrypted, and back. The number that says how is the first byte of what
 * is sealed, and is vouched for by the seal. Each is read for ever.
 */
import assert from 'node:assert/strict';
import { constants, deflateRawSync, inflateRawSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { LIMITS } from './limits.ts';
import { NEWEST_DICTIONARY, payloadDictionary } from './payload-dictionaries.ts';

/** zstd. */
export const COMPRESSED = 1;
export const AS_IT_WAS = 2;
/** One byte with the number of a dictionary, then zstd with it. Not written any more. */
export const ZSTD_WITH_DICTIONARY = 3;
/** The same with deflate: a third smaller than zstd at a level that takes as long, which spends more on a dictionary. */
export const WITH_DICTIONARY = 4;
const FORMATS = [COMPRESSED, AS_IT_WAS, ZSTD_WITH_DICTIONARY, WITH_DICTIONARY] as const;
export type PayloadFormat = (typeof FORMATS)[number];

export const isPayloadFormat = (format: number | undefined): format is PayloadFormat =>
  FORMATS.some((known) => known === format);

/** The fastest regular level: an event of 3 KB comes out 1 % larger than at the default level and takes 15 % less time. */
const FASTEST = { [constants.ZSTD_c_compressionLevel]: 1 };
/** Nothing larger than a body is ever sealed, so nothing larger may come out. Masking never lengthens a payload. */
export const PAYLOAD_BYTES_MAX = LIMITS.bodyBytesMax;

export const compressPayload = (payload: Uint8Array, format: PayloadFormat): Uint8Array => {
  switch (format) {
    case AS_IT_WAS:
      return payload;
    case COMPRESSED:
      return zstdCompressSync(payload, { params: FASTEST });
    case ZSTD_WITH_DICTIONARY: {
      const dictionary = payloadDictionary(NEWEST_DICTIONARY);
      return Buffer.concat([Buffer.of(NEWEST_DICTIONARY), zstdCompressSync(payload, { params: FASTEST, dictionary })]);
    }
    case WITH_DICTIONARY: {
      const dictionary = payloadDictionary(NEWEST_DICTIONARY);
      return Buffer.concat([Buffer.of(NEWEST_DICTIONARY), deflateRawSync(payload, { dictionary })]);
    }
    default:
      return format satisfies never;
  }
};

/** Throws `RangeError` rather than give more than a payload can be, and `store_damaged` for a dictionary that is not known. */
export const decompressPayload = (bytes: Uint8Array, format: PayloadFormat): Uint8Array => {
  switch (format) {
    case AS_IT_WAS:
      return bytes;
    case COMPRESSED:
      return zstdDecompressSync(bytes, { maxOutputLength: PAYLOAD_BYTES_MAX });
    case ZSTD_WITH_DICTIONARY:
    case WITH_DICTIONARY: {
      const [number] = bytes;
      assert(number !== undefined, 'what was compressed with a dictionary says with which');
      const options = { maxOutputLength: PAYLOAD_BYTES_MAX, dictionary: payloadDictionary(number) };
      const compressed = bytes.subarray(1);
      return format === WITH_DICTIONARY ? inflateRawSync(compressed, options) : zstdDecompressSync(compressed, options);
    }
    default:
      return format satisfies never;
  }
};
