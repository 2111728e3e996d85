/** JSON written in another way without reading its values: each number and text stays the text that it was. */
import { LIMITS } from '../core/limits.ts';
import type { Layout, TextStyle } from './diagnosis.ts';

export type JsonNode =
  | { readonly kind: 'scalar'; readonly raw: string }
  | { readonly kind: 'text'; readonly raw: string }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'object'; readonly members: readonly Member[] };
type Member = readonly [key: string, value: JsonNode];

const SCALAR = /[^,\]}\s]+/y;
const SPACE = /\s*/y;

/** Null when the text is not JSON, or nested deeper than any that we read. */
export const readJsonText = (text: string): JsonNode | null => {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  let at = 0;
  const skip = (): string => {
    SPACE.lastIndex = at;
    SPACE.test(text);
    at = SPACE.lastIndex;
    return text[at] ?? '';
  };
  const readText = (): string => {
    const start = at;
    for (at += 1; text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1;
    at += 1;
    return text.slice(start, at);
  };
  const readList = <One>(end: string, readOne: () => One): One[] => {
    const list: One[] = [];
    at += 1;
    while (skip() !== end) {
      list.push(readOne());
      if (skip() === ',') at += 1;
    }
    at += 1;
    return list;
  };
  const read = (depth: number): JsonNode => {
    if (depth > LIMITS.jsonDepthMax) throw new TooMuch();
    const first = skip();
    if (first === '"') return { kind: 'text', raw: readText() };
    if (first === '[') return { kind: 'array', items: readList(']', () => read(depth + 1)) };
    if (first === '{') {
      const member = (): Member => {
        const key = readText();
        skip();
        at += 1;
        return [key, read(depth + 1)];
      };
      return { kind: 'object', members: readList('}', member) };
    }
    SCALAR.lastIndex = at;
    const raw = SCALAR.exec(text)?.[0] ?? '';
    at += raw.length;
    return { kind: 'scalar', raw };
  };
  return orNull(() => read(0));
};

/** More nesting or more text than a delivery can have. */
class TooMuch extends Error {}

const orNull = <Made>(make: () => Made): Made | null => {
  try {
    return make();
  } catch (error) {
    if (error instanceof TooMuch) return null;
    throw error;
  }
};

interface LayoutRule {
  readonly indent: string;
  readonly colon: string;
  readonly comma: string;
  /** Empty ones with a line end inside, as Ruby writes them. */
  readonly isLoose?: true;
}

const LAYOUT_RULES: Readonly<Record<Layout, LayoutRule>> = {
  compact: { indent: '', colon: ':', comma: ',' },
  spaced: { indent: '', colon: ': ', comma: ', ' },
  two_spaces: { indent: '  ', colon: ': ', comma: ',' },
  four_spaces: { indent: '    ', colon: ': ', comma: ',' },
  tabs: { indent: '\t', colon: ': ', comma: ',' },
  two_spaces_loose: { indent: '  ', colon: ': ', comma: ',', isLoose: true },
};

export const LAYOUTS = Object.keys(LAYOUT_RULES) as readonly Layout[];

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
const NOT_ASCII = /[\u0080-\uffff]/g;
const HTML = /[<>&\u2028\u2029]/g;

const upper = (text: string): string => text.replace(/\\u[0-9a-f]{4}/g, (one) => `\\u${one.slice(2).toUpperCase()}`);

/** Each from the text as `JSON.stringify` writes it. */
const TEXT_RULES: Readonly<Record<TextStyle, (plain: string) => string>> = {
  plain: (text) => text,
  ascii: (text) => text.replace(NOT_ASCII, escaped),
  ascii_upper: (text) => upper(text.replace(NOT_ASCII, escaped)),
  slashes: (text) => text.replaceAll('/', '\\/'),
  ascii_slashes: (text) => text.replace(NOT_ASCII, escaped).replaceAll('/', '\\/'),
  html: (text) => text.replace(HTML, escaped),
  html_ascii: (text) => text.replace(HTML, escaped).replace(NOT_ASCII, escaped),
};

export const TEXT_STYLES = Object.keys(TEXT_RULES) as readonly TextStyle[];

/** The text of a JSON string in another style. Half a character, which has no plain form, stays as it is. */
const restyle = (raw: string, style: TextStyle | undefined): string => {
  if (style === undefined) return raw;
  const value: unknown = JSON.parse(raw);
  return TEXT_RULES[style](JSON.stringify(value));
};

/** Null when it becomes larger than a body may be. */
export const writeJson = (node: JsonNode, layout: Layout, style: TextStyle | undefined): string | null => {
  const rule = LAYOUT_RULES[layout];
  const parts: string[] = [];
  let length = 0;
  const put = (part: string): void => {
    length += part.length;
    if (length > LIMITS.bodyBytesMax) throw new TooMuch();
    parts.push(part);
  };
  const lineAt = (depth: number): string => (rule.indent === '' ? '' : `\n${rule.indent.repeat(depth)}`);
  const writeList = (brackets: '[]' | '{}', writers: readonly (() => void)[], depth: number): void => {
    put(brackets.charAt(0));
    writers.forEach((writeOne, index) => {
      put(`${index === 0 ? '' : rule.comma}${lineAt(depth + 1)}`);
      writeOne();
    });
    if (writers.length > 0) put(lineAt(depth));
    else if (rule.isLoose) put(brackets === '[]' ? `\n${lineAt(depth)}` : lineAt(depth));
    put(brackets.charAt(1));
  };
  const member =
    ([key, value]: Member, depth: number) =>
    (): void => {
      put(`${restyle(key, style)}${rule.colon}`);
      write(value, depth);
    };
  const write = (one: JsonNode, depth: number): void => {
    const inner = depth + 1;
    if (one.kind === 'scalar') put(one.raw);
    else if (one.kind === 'text') put(restyle(one.raw, style));
    else if (one.kind === 'array')
      writeList(
        '[]',
        one.items.map((item) => () => write(item, inner)),
        depth,
      );
    else
      writeList(
        '{}',
        one.members.map((each) => member(each, inner)),
        depth,
      );
  };
  return orNull(() => {
    write(node, 0);
    return parts.join('');
  });
};

const byKey = ([left]: Member, [right]: Member): number => (left < right ? -1 : Number(left > right));

/** Keys of each object: these first, as they are listed, then all others by the alphabet. */
export const reordered = (node: JsonNode, first: readonly string[]): JsonNode => {
  if (node.kind === 'array') return { kind: 'array', items: node.items.map((item) => reordered(item, first)) };
  if (node.kind !== 'object') return node;
  const ranks = new Map(first.map((key, index) => [`"${key}"`, index]));
  const rank = ([key]: Member): number => ranks.get(key) ?? first.length;
  const members = node.members
    .map(([key, value]): Member => [key, reordered(value, first)])
    .toSorted((left, right) => rank(left) - rank(right) || byKey(left, right));
  return { kind: 'object', members };
};

/** Whether the keys of every object stand in the order of the alphabet, and there are enough to tell. */
export const isSorted = (node: JsonNode): boolean => {
  let keys = 0;
  const look = (one: JsonNode): boolean => {
    if (one.kind === 'array') return one.items.every(look);
    if (one.kind !== 'object') return true;
    keys += one.members.length;
    return one.members.every((member, index) => {
      const before = one.members[index - 1];
      return (before === undefined || byKey(before, member) < 0) && look(member[1]);
    });
  };
  return look(node) && keys >= SORTED_KEYS_MIN;
};

/** Four keys stand so by chance one time in 24. */
const SORTED_KEYS_MIN = 6;
