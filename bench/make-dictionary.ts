/**
 * `node bench/make-dictionary.ts <number>`: writes `src/core/payload-dictionary-<number>.ts`, what payloads are compressed with
 * on AWS, out of the sample events of all providers. Takes a minute. A dictionary that was released is never written again:
 * payloads that were sealed with it open with nothing else. A new one gets the next number, and a line in `payload-dictionaries.ts`.
 */
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { isJsonObject, type JsonValue } from '../src/core/read-json.ts';
import type { SampleInput } from '../src/samples/sample.ts';
import { bodyBytes, sampleBody, samplesOf } from '../src/samples/samples.ts';

const PROVIDERS = ['stripe', 'paypal', 'square', 'adyen', 'standard-webhooks'];
/** Half of it saves a sixth less at Stripe; twice of it saves next to nothing and takes half as long again to compress with. */
const DICTIONARY_BYTES_MAX = 32 * 1024;
const FASTEST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const SMALLEST = { params: { [constants.ZSTD_c_compressionLevel]: 19 } };
const LINE_CHARS = 110;

/** The same events in every run. */
const inputOf = (seed: string, now: number): SampleInput => {
  let drawn = 0;
  const bytes = (count: number): Uint8Array => {
    const blocks: Buffer[] = [];
    for (let length = 0; length < count; length += 32) {
      drawn += 1;
      blocks.push(createHash('sha256').update(`${seed} ${drawn}`).digest());
    }
    return new Uint8Array(Buffer.concat(blocks).subarray(0, count));
  };
  return {
    eventId: seed,
    now,
    randomness: {
      bytes,
      fraction: () => Buffer.from(bytes(4)).readUInt32LE() / 2 ** 32,
      id: () => Buffer.from(bytes(16)).toString('hex'),
    },
  };
};

const commonStart = (a: string, b: string): string => {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return a.slice(0, length);
};

/** What two events of one type have in common: ids, amounts and times of one of them would help no other. */
const common = (a: JsonValue, b: JsonValue | undefined): JsonValue => {
  if (Array.isArray(a)) return a.map((each, index) => common(each, Array.isArray(b) ? b[index] : undefined));
  if (isJsonObject(a)) {
    return Object.fromEntries(
      Object.entries(a).map(([key, value]) => [key, common(value ?? null, isJsonObject(b) ? b[key] : undefined)]),
    );
  }
  if (typeof a === 'string') return commonStart(a, typeof b === 'string' ? b : '');
  return a === b || typeof a !== 'number' ? a : 0;
};

const AT = [Date.UTC(2026, 0, 2, 3, 4, 5, 678), Date.UTC(2027, 11, 23, 14, 15, 16, 999)] as const;
const samples = PROVIDERS.flatMap((provider) => samplesOf(provider).map((sample) => ({ provider, sample })));
const candidates = samples.map(({ provider, sample }) => {
  const [a, b] = AT.map((now, index) => sample.build(inputOf(`${index} ${sample.eventType}`, now)));
  return Buffer.from(bodyBytes(provider, common(a ?? {}, b)));
});
const bodies = samples.map(({ provider, sample }) =>
  sampleBody(provider, sample, inputOf(`tune ${sample.eventType}`, AT[0])),
);

const compressedBytes = (dictionary: Buffer): number =>
  bodies.reduce((sum, body) => sum + zstdCompressSync(body, { ...FASTEST, dictionary }).length, 0);

/** Always what saves most for its length, until there is no room: what was found first stands last, where it is nearest. */
const choose = (): Buffer => {
  let dictionary = Buffer.alloc(0);
  const left = new Set(candidates);
  for (;;) {
    const before = compressedBytes(dictionary);
    const fitting = [...left].filter(({ length }) => dictionary.length + length <= DICTIONARY_BYTES_MAX);
    const tried = fitting.map((text) => {
      const longer = Buffer.concat([text, dictionary]);
      return { text, longer, saved: (before - compressedBytes(longer)) / text.length };
    });
    const best = tried.reduce<(typeof tried)[number] | undefined>(
      (known, each) => (each.saved > (known?.saved ?? 0) ? each : known),
      undefined,
    );
    if (best === undefined) return dictionary;
    dictionary = best.longer;
    left.delete(best.text);
  }
};

const number = Number(process.argv[2]);
if (!Number.isInteger(number) || number < 1 || number > 255) throw new RangeError('which dictionary? 1 to 255');
const path = join(import.meta.dirname, '..', 'src', 'core', `payload-dictionary-${number}.ts`);
if (existsSync(path)) throw new Error(`${path} is there already: what was sealed with it opens with nothing else`);
const dictionary = choose();
const base64 = zstdCompressSync(dictionary, SMALLEST).toString('base64');
const lines = base64.match(new RegExp(`.{1,${LINE_CHARS}}`, 'g')) ?? [];
writeFileSync(
  path,
  `/** Written by bench/make-dictionary.ts, never by hand and never again: ${dictionary.length} bytes, compressed. */
export const PAYLOAD_DICTIONARY_${number}: readonly string[] = [
${lines.map((line) => `  '${line}',`).join('\n')}
];
`,
);
process.stdout.write(
  `${path}: ${dictionary.length} bytes, SHA-256 ${createHash('sha256').update(dictionary).digest('hex')}\n`,
);
