import { createHash } from 'node:crypto';
import { deflateRawSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createTestRandomness } from '../../test/support/randomness.ts';
import { sampleBody, samplesOf } from '../samples/samples.ts';
import {
  AS_IT_WAS,
  COMPRESSED,
  compressPayload,
  decompressPayload,
  WITH_DICTIONARY,
  ZSTD_WITH_DICTIONARY,
} from './compress-payload.ts';
import { LIMITS } from './limits.ts';
import { NEWEST_DICTIONARY, payloadDictionary } from './payload-dictionaries.ts';

const PROVIDERS = ['stripe', 'paypal', 'square', 'adyen', 'standard-webhooks'] as const;

/** Events that no dictionary was made of. */
const bodiesOf = (provider: string): readonly Uint8Array[] =>
  samplesOf(provider).map((sample) =>
    sampleBody(provider, sample, {
      eventId: `fresh ${sample.eventType}`,
      now: Date.UTC(2026, 5, 6, 7, 8, 9),
      randomness: createTestRandomness(sample.eventType),
    }),
  );

const bytesOf = (bodies: readonly Uint8Array[]): number => bodies.reduce((sum, { length }) => sum + length, 0);

describe('a compressed payload', () => {
  test.each([COMPRESSED, AS_IT_WAS, ZSTD_WITH_DICTIONARY, WITH_DICTIONARY] as const)(
    'comes back as it was: format %i',
    (format) => {
      const payloads = [...PROVIDERS.flatMap(bodiesOf), new Uint8Array(), new Uint8Array(LIMITS.bodyBytesMax)];

      for (const payload of payloads) {
        expect(Buffer.compare(decompressPayload(compressPayload(payload, format), format), payload)).toBe(0);
      }
    },
  );

  test.each(PROVIDERS)('is a good deal smaller with a dictionary: %s', (provider) => {
    const bodies = bodiesOf(provider);

    const without = bytesOf(bodies.map((body) => compressPayload(body, COMPRESSED)));
    const withOne = bytesOf(bodies.map((body) => compressPayload(body, WITH_DICTIONARY)));

    expect(withOne).toBeLessThan(without * 0.55);
  });

  const large = Buffer.alloc(LIMITS.bodyBytesMax + 1);
  const dictionary = payloadDictionary(1);
  test.each([
    [COMPRESSED, zstdCompressSync(large)],
    [ZSTD_WITH_DICTIONARY, Buffer.concat([Buffer.of(1), zstdCompressSync(large, { dictionary })])],
    [WITH_DICTIONARY, Buffer.concat([Buffer.of(1), deflateRawSync(large, { dictionary })])],
  ] as const)('that would come out larger than any body does not fill the memory: format %i', (format, bytes) => {
    expect(() => decompressPayload(bytes, format)).toThrow(RangeError);
  });

  test('says that it is of a newer Payhook when its dictionary is not known', () => {
    expect(() => decompressPayload(Buffer.of(NEWEST_DICTIONARY + 1, 0), WITH_DICTIONARY)).toThrow('update Payhook');
    expect(() => decompressPayload(Buffer.of(0, 0), WITH_DICTIONARY)).toThrow('update Payhook');
  });

  test('opens for ever: a dictionary that was released never changes, nor does what was compressed with it', () => {
    const sha256 = createHash('sha256').update(payloadDictionary(1)).digest('hex');
    const byZstd = Buffer.from(
      '0128b52ffd20613501007830392d33302e636c6f766572222c7d0600360943c024b1e98859811273820dba02eec10001',
      'hex',
    );
    const byDeflate = Buffer.from('01ab46ad23b0d410d8eb07034b5d6303bde41cd0a438480dae23936a01', 'hex');

    expect(sha256).toBe('5b7ab559e7430e6793b097747bd95f2c9a75553a39eefb931a8e35235fb5d00f');
    const payload = '{"id": "evt_1", "object": "event", "api_version": "2026-09-30.clover", "type": "charge.refunded"}';
    expect(decompressPayload(byZstd, ZSTD_WITH_DICTIONARY).toString()).toBe(payload);
    expect(decompressPayload(byDeflate, WITH_DICTIONARY).toString()).toBe(payload);
  });
});
