/**
 * Reads docstrings out of a source file, so that the documents say what the types say. Understands the few forms that the
 * formatter leaves, and throws for anything else: a page must not silently lose a line.
 */

export interface Member {
  readonly name: string;
  /** Empty when it has no docstring. */
  readonly doc: string;
}

export interface Field extends Member {
  readonly type: string;
}

export interface Interface {
  readonly doc: string;
  readonly fields: readonly Field[];
}

const DOC = String.raw`(?:/\*\*(?<doc>(?:(?!\*/)[\s\S])*)\*/\s*)?`;

/** The text of a docstring on one line, without its stars. */
const textOf = (doc: string | undefined): string =>
  (doc ?? '')
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trim())
    .filter((line) => line !== '')
    .join(' ');

/** What stands between `opening` and the first `closing` after it. */
const between = (source: string, opening: RegExp, closing: string): string => {
  const found = opening.exec(source);
  const start = found === null ? -1 : found.index + found[0].length;
  const end = source.indexOf(closing, start);
  if (found === null || end === -1) throw new Error(`the source has nothing like ${opening}`);
  return source.slice(start, end);
};

const membersIn = (text: string, member: string): Member[] => {
  const pattern = new RegExp(String.raw`\s*${DOC}${member}`, 'gy');
  const found = [...text.matchAll(pattern)];
  const read = found.reduce((length, match) => length + match[0].length, 0);
  if (found.length === 0 || text.slice(read).trim() !== '') {
    throw new Error(`cannot read the members in: ${text.slice(read, read + 100)}`);
  }
  return found.map(({ groups }) => ({ name: groups?.name ?? '', doc: textOf(groups?.doc) }));
};

/** Members of `export type X = | 'a' | 'b';`, whether written on one line or on many. */
export const unionMembers = (source: string, name: string): readonly Member[] =>
  // A semicolon may also stand in a docstring: only the one after the last member ends the union.
  membersIn(`${between(source, new RegExp(`export type ${name} =`), "';")}'`, String.raw`\|?\s*'(?<name>[^']+)'`);

/** Members of `export const X = ['a', 'b'] as const;`. */
export const arrayMembers = (source: string, name: string): readonly Member[] =>
  membersIn(between(source, new RegExp(String.raw`export const ${name} = \[`), '] as const'), `'(?<name>[^']+)',?`);

/** The fields that an interface declares itself, without those that it extends. */
export const interfaceOf = (source: string, name: string): Interface => {
  const heading = new RegExp(String.raw`${DOC}export interface ${name}\b[^{]*\{`);
  const found = heading.exec(source);
  if (found === null) throw new Error(`there is no interface ${name}`);
  const body = between(source.slice(found.index), heading, '\n}');
  const pattern = new RegExp(String.raw`\s*${DOC}readonly (?<name>\w+): (?<type>[^;]+);`, 'gy');
  const fields = [...body.matchAll(pattern)];
  const read = fields.reduce((length, match) => length + match[0].length, 0);
  if (body.slice(read).trim() !== '') throw new Error(`cannot read the fields of ${name}: ${body.slice(read)}`);
  return {
    doc: textOf(found.groups?.doc),
    fields: fields.map(({ groups }) => ({
      name: groups?.name ?? '',
      type: (groups?.type ?? '').replace(/\s+/g, ' '),
      doc: textOf(groups?.doc),
    })),
  };
};
