/** Where in a file its author has to look: a line and a column, as editors and terminals understand them. */
import { fileURLToPath } from 'node:url';

/** `4` and `9` of `at file:///app/payhook.config.ts:4:9`. */
const frameIn = (stack: string, url: string): string | undefined => {
  const at = stack.indexOf(`${url}:`);
  return at === -1 ? undefined : /^\d+:\d+/.exec(stack.slice(at + url.length + 1))?.[0];
};

/** Of a file that could not be read as code Node first shows the line, between its number and a mark below what is wrong. */
const snippetOf = (stack: string, url: string): string | undefined => {
  const [first = '', ...lines] = stack.split('\n');
  const file = fileURLToPath(url);
  const line = [file, url].flatMap((name) => (first.startsWith(`${name}:`) ? [first.slice(name.length + 1)] : []))[0];
  const mark = lines.find((text) => /^\s*\^/.test(text));
  return line === undefined || mark === undefined ? undefined : `${line}:${mark.indexOf('^') + 1}`;
};

/** `4:9`, of what went wrong while the module at the URL was loaded; undefined when Node does not say. */
export const placeOfError = (error: unknown, url: string): string | undefined => {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return snippetOf(stack, url) ?? frameIn(stack, url);
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** `4:3`, where the file sets it; undefined when the name stands there several times, or was computed. */
export const placeOfSetting = (source: string, setting: string): string | undefined => {
  const key = new RegExp(String.raw`(?<![\w$.])(['"]?)${escaped(setting)}\1\s*:`, 'g');
  const [first, second] = [...source.matchAll(key)];
  if (first === undefined || second !== undefined) return undefined;
  const before = source.slice(0, first.index).split('\n');
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`;
};
