/** What happens to bodies on their way, undone: each as the bytes that may have been signed. */
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { LIMITS } from '../core/limits.ts';
import type { Delivery } from '../core/ports/provider.ts';
import type { BodyEncoding, BodyWrapping, Diagnosis, Rewriting } from './diagnosis.ts';
import { type JsonNode, LAYOUTS, readJsonText, reordered, TEXT_STYLES, writeJson } from './json-writing.ts';

export interface BodyChange {
  readonly body: Uint8Array;
  readonly diagnosis: Diagnosis;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Null when the bytes are not UTF-8. */
export const textOfBody = (body: Uint8Array): string | null => {
  try {
    return strictUtf8.decode(body);
  } catch {
    return null;
  }
};

const bufferOf = (body: Uint8Array): Buffer => Buffer.from(body.buffer, body.byteOffset, body.byteLength);

const WINDOWS_1252 = new TextDecoder('windows-1252');
/** Its characters, each at its byte. */
const BYTES_OF_1252: ReadonlyMap<string, number> = new Map(
  Array.from(WINDOWS_1252.decode(Uint8Array.from({ length: 256 }, (_, byte) => byte)), (char, byte) => [char, byte]),
);

/** The bytes that were once taken for Windows-1252, which also is what browsers take Latin-1 for; null when they were not. */
const bytesTakenFor1252 = (text: string): Uint8Array | null => {
  const bytes: number[] = [];
  for (const char of text) {
    const byte = BYTES_OF_1252.get(char);
    if (byte === undefined) return null;
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
};

const BOM = '\ufeff';

type Reencoded = readonly [BodyEncoding, Uint8Array | string | null];

const ofUtf16 = (body: Buffer): readonly Reencoded[] => {
  if (!body.includes(0) || body.length % 2 !== 0) return [];
  const swapped = Buffer.from(body).swap16();
  return [body, swapped].map((bytes) => ['utf16', bytes.toString('utf16le').replace(/^\ufeff/, '')] as const);
};

const ofText = (text: string): readonly Reencoded[] => [
  ['byte_order_mark', text.startsWith(BOM) ? text.slice(1) : `${BOM}${text}`],
  ['crlf', text.replaceAll('\r\n', '\n')],
  ['lf', text.replace(/\r?\n/g, '\r\n')],
  ['line_end_added', text.replace(/\r?\n$/, '')],
  ['line_end_removed', `${text}\n`],
  ['line_end_removed', `${text}\r\n`],
  ['white_space_added', text.trim()],
  ['utf8_twice', /[\u0080-\uffff]/.test(text) ? bytesTakenFor1252(text) : null],
  ['normalisation', text.normalize('NFC')],
  ['normalisation', text.normalize('NFD')],
];

const reencodings = (body: Buffer, text: string | null): readonly Reencoded[] => [
  ...ofUtf16(body),
  ...(text === null
    ? [['latin1', body.toString('latin1')] as const, ['latin1', WINDOWS_1252.decode(body)] as const]
    : ofText(text)),
];

const BOUNDED = { maxOutputLength: LIMITS.bodyBytesMax };

/** Each by what its bytes begin with; `br` has nothing to know it by. */
const CODINGS: readonly (readonly [string, (body: Buffer) => boolean, (body: Buffer) => Buffer])[] = [
  ['gzip', (body) => body[0] === 0x1f && body[1] === 0x8b, (body) => gunzipSync(body, BOUNDED)],
  ['deflate', (body) => body[0] === 0x78, (body) => inflateSync(body, BOUNDED)],
  ['zstd', (body) => body.readUInt32LE(0) === 0xfd2fb528, (body) => zstdDecompressSync(body, BOUNDED)],
  ['br', (body) => textOfBody(body) === null, (body) => brotliDecompressSync(body, BOUNDED)],
];

const CODED_BYTES_MIN = 4;

function* decompressed(body: Buffer): Generator<BodyChange> {
  if (body.length < CODED_BYTES_MIN) return;
  for (const [coding, isCoded, decode] of CODINGS) {
    if (!isCoded(body)) continue;
    const plain = orNull(() => decode(body));
    if (plain !== null) yield { body: plain, diagnosis: { kind: 'body_compressed', coding } };
  }
}

/** For what ends in an error when it is not what it was taken for. */
const orNull = <Made>(make: () => Made): Made | null => {
  try {
    return make();
  } catch {
    return null;
  }
};

const BASE64_TEXT = /^[A-Za-z0-9+/_-]+={0,2}\s*$/;

/** As proxies and functions hand on a request: `{"body": "…", "isBase64Encoded": false}`, `{"Message": "…"}`. */
const ENVELOPE_FIELDS = ['body', 'rawBody', 'Message', 'payload', 'data', 'event', 'detail'];

const inEnvelope = (value: unknown): readonly (string | Buffer)[] => {
  if (typeof value !== 'object' || value === null) return [];
  return ENVELOPE_FIELDS.flatMap((field): readonly (string | Buffer)[] => {
    const inner: unknown = Reflect.get(value, field);
    if (typeof inner !== 'string') return [];
    return Reflect.get(value, 'isBase64Encoded') === true ? [Buffer.from(inner, 'base64')] : [inner];
  });
};

const inForm = (text: string): readonly string[] => {
  const whole = orNull(() => decodeURIComponent(text.replaceAll('+', ' ').replace(/=$/, '')));
  const fields = orNull(() => [...new URLSearchParams(text).values()]) ?? [];
  return [text.replace(/=$/, ''), ...(whole === null ? [] : [whole]), ...fields.slice(0, FORM_FIELDS_MAX)];
};

const FORM_FIELDS_MAX = 4;

/** A form field that is read once too often: `+` has become a space where a zone or a telephone number stood. */
const withPlus = (text: string): string =>
  text.replace(/(\d) (\d\d:?\d\d")/g, '$1+$2').replace(/(:\s*") (\d)/g, '$1+$2');

const ENTITIES: Readonly<Record<string, string>> = {
  '&quot;': '"',
  '&#34;': '"',
  '&#39;': "'",
  '&apos;': "'",
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
};

const withoutEntities = (text: string): string =>
  text.replace(/&(?:quot|#34|#39|apos|lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity);

function* unwrapped(text: string): Generator<readonly [BodyWrapping, string | Buffer]> {
  if (BASE64_TEXT.test(text)) yield ['base64', Buffer.from(text, 'base64')];
  const json: unknown = orNull(() => JSON.parse(text));
  if (typeof json === 'string') yield ['json_text', json];
  for (const inner of inEnvelope(json)) yield ['envelope', inner];
  for (const inner of inForm(text)) yield ['form', inner];
  yield ['form', withPlus(text)];
  yield ['html_entities', withoutEntities(text)];
  yield ['backslashes', text.replace(/\\(["'\\])/g, '$1')];
}

function* rewritten(node: JsonNode, keysFirst: readonly string[] | undefined): Generator<BodyChange> {
  const change = (one: JsonNode, signed: Rewriting): BodyChange | null => {
    const text = writeJson(one, signed.layout ?? 'compact', signed.texts);
    return text === null ? null : { body: Buffer.from(text), diagnosis: { kind: 'body_rewritten', signed } };
  };
  const orders: readonly (readonly [JsonNode, Pick<Rewriting, 'isReordered'>])[] = [
    [node, {}],
    ...(keysFirst === undefined ? [] : [[reordered(node, keysFirst), { isReordered: true }] as const]),
  ];
  for (const [one, order] of orders) {
    for (const texts of [undefined, ...TEXT_STYLES]) {
      for (const layout of LAYOUTS) {
        const made = change(one, { layout, ...(texts === undefined ? {} : { texts }), ...order });
        if (made !== null) yield made;
      }
    }
  }
}

/** With the likeliest first; none of them is the body as it came. */
export function* bodyChanges({ body }: Delivery, keysFirst: readonly string[] | undefined): Generator<BodyChange> {
  for (const change of everyChange(bufferOf(body), keysFirst)) {
    const isOther = change.body.length > 0 && Buffer.compare(change.body, body) !== 0;
    if (isOther && change.body.length <= LIMITS.bodyBytesMax) yield change;
  }
}

function* everyChange(body: Buffer, keysFirst: readonly string[] | undefined): Generator<BodyChange> {
  const text = textOfBody(body);
  yield* decompressed(body);
  for (const [how, made] of reencodings(body, text)) {
    if (made !== null) yield { body: Buffer.from(made), diagnosis: { kind: 'body_reencoded', how } };
  }
  if (text === null) return;
  for (const [how, made] of unwrapped(text)) {
    yield { body: Buffer.from(made), diagnosis: { kind: 'body_wrapped', how } };
  }
  const node = readJsonText(text);
  if (node !== null) yield* rewritten(node, keysFirst);
}
