/** Changes of bodies as bytes and as text, which know nothing of what stands in them. */
import { LIMITS } from '../../src/core/limits.ts';
import type { Draw } from './draw.ts';

export type MutateBody = (body: Buffer, draw: Draw) => Buffer;

const range = (body: Buffer, draw: Draw, lengthMax: number): readonly [number, number] => {
  const start = draw.int(body.length + 1);
  return [start, Math.min(body.length, start + draw.int(lengthMax + 1))];
};

const spliced = (body: Buffer, start: number, end: number, middle: Uint8Array): Buffer =>
  Buffer.concat([body.subarray(0, start), middle, body.subarray(end)]);

/** Texts that readers disagree about. */
const TEXTS = ['"', '\\', '{', '}', '[', ']', ',', ':', '0', '-0', '1e3', 'null', 'true', '"true"', '\u200b', '\u00a0']
  .concat([
    '１',
    '٣',
    '\\u0031',
    '\\ud800',
    '\u0000',
    '\ufeff',
    'É',
    'E\u0301',
    '::',
    ':1:EUR:REFUND:true',
    '//',
    '/**/',
  ])
  .concat(['"__proto__":1,', '"id":"x",', '"success":"true",', '"amount":{"value":1,"currency":"EUR"},', '\r\n', '\t']);

const DIGITS = ['０１２３４５６７８９', '٠١٢٣٤٥٦٧٨٩', '०१२३४५६७८९'].map((digits) => [...digits]);

/** The matches of an expression in the text; one of them replaced. */
const replaceOne = (body: Buffer, draw: Draw, expression: RegExp, replace: (found: string) => string): Buffer => {
  const text = body.toString();
  const matches = [...text.matchAll(expression)];
  if (matches.length === 0) return body;
  const { 0: found, index } = draw.one(matches);
  return Buffer.from(text.slice(0, index) + replace(found) + text.slice(index + found.length));
};

const flippedCase = (text: string): string => (text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase());

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Texts that cost much to read, up to the size that the edge lets through. */
const BOMBS: readonly ((count: number) => string)[] = [
  (count) => `[${'[],'.repeat(count / 3)}0]`,
  (count) => `[${'{},'.repeat(count / 3)}0]`,
  (count) => `${'['.repeat(60)}${'0,'.repeat(count / 2)}0${']'.repeat(60)}`,
  (count) => `{${Array.from({ length: count / 12 }, (_, index) => `"${index}":0`).join(',')}}`,
  (count) => `"${'\\u0041'.repeat(count / 6)}"`,
  (count) => `[${'1e308,'.repeat(count / 6)}0]`,
];

const bomb: MutateBody = (body, draw) => {
  const count = draw.one([60_000, 120_000, LIMITS.bodyBytesMax - body.length - 100]);
  const [start] = range(body, draw, 0);
  const text = Buffer.from(`"hmacSignature":${draw.one(BOMBS)(count)},`);
  return spliced(body, draw.chance(0.5) ? 1 : start, draw.chance(0.5) ? 1 : start, text).subarray(
    0,
    LIMITS.bodyBytesMax,
  );
};

const small: readonly MutateBody[] = [
  (body, draw) => {
    const changed = Buffer.from(body);
    const index = draw.int(changed.length);
    changed[index] = (changed[index] ?? 0) ^ (1 << draw.int(8));
    return changed;
  },
  (body, draw) => spliced(body, ...range(body, draw, 0), Buffer.from([draw.int(256)])),
  (body, draw) => spliced(body, ...range(body, draw, 12), Buffer.alloc(0)),
  (body, draw) => body.subarray(...range(body, draw, body.length)),
  (body, draw) => body.subarray(0, draw.int(body.length + 1)),
  (body, draw) => {
    const [start, end] = range(body, draw, 60);
    return spliced(body, end, end, body.subarray(start, end));
  },
  (body, draw) => spliced(body, ...range(body, draw, 0), Buffer.from(draw.one(TEXTS))),
  (body, draw) => spliced(body, ...range(body, draw, 6), Buffer.from(draw.one(TEXTS))),
  (body, draw) =>
    Buffer.concat([
      Buffer.from(draw.one(['', ' ', '\n', '\ufeff', '[', '{}'])),
      body,
      Buffer.from(draw.one(['', ' ', '\n', '}', '\u0000'])),
    ]),
  (body, draw) => replaceOne(body, draw, /\d/g, (digit) => draw.one(DIGITS)[Number(digit)] ?? digit),
  (body, draw) => replaceOne(body, draw, /[A-Za-z]+/g, flippedCase),
  (body, draw) => replaceOne(body, draw, /[A-Za-z0-9]/g, escaped),
  (body, draw) => replaceOne(body, draw, /:\s*-?\d+(?:\.\d+)?/g, (found) => `:"${found.slice(1).trim()}"`),
  (body, draw) => replaceOne(body, draw, /:\s*"[^"\\]*"/g, (found) => `:${found.slice(1).trim().slice(1, -1)}`),
  (body, draw) =>
    replaceOne(body, draw, /:\s*"[^"\\]*"/g, () => draw.one([':null', ':""', ':[]', ':{}', ':0', ':true'])),
  (body, draw) =>
    replaceOne(body, draw, /"[^"\\]+"\s*:\s*(?:"[^"\\]*"|-?\d+|true|false)/g, (member) => `${member},${member}`),
  (body, draw) => replaceOne(body, draw, /"[^"\\]+"\s*:\s*(?:"[^"\\]*"|-?\d+|true|false)\s*,/g, () => ''),
  (body, draw) =>
    replaceOne(body, draw, /:-?\d+/g, (found) => `${found}${draw.one(['.0', 'e0', '.00000000000000001', '000'])}`),
];

/** One small change; once in a while a large one. */
export const mutateBytes: MutateBody = (body, draw) => (draw.chance(0.002) ? bomb : draw.one(small))(body, draw);
