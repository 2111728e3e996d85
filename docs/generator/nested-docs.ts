/** Docstrings of the fields of interfaces, by their path: `edge.host`. By the indentation that the formatter gives them. */

const FIELD = /^( +)readonly (\w+)\??:/;

const textOf = (lines: readonly string[]): string =>
  lines
    .join('\n')
    .replace(/^\s*\/\*\*|\*\/\s*$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trim())
    .filter((line) => line !== '')
    .join(' ');

/** Fields of all interfaces in the file; where two are called alike, the first one that has a docstring is taken. */
export const nestedDocs = (source: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const parents: { readonly indent: number; readonly name: string }[] = [];
  let doc: string[] = [];
  let isInDoc = false;
  for (const line of source.split('\n')) {
    if (/^\s*\/\*\*/.test(line)) {
      doc = [];
      isInDoc = true;
    }
    if (isInDoc) {
      doc.push(line);
      isInDoc = !line.includes('*/');
      continue;
    }
    const field = FIELD.exec(line);
    const [, space = '', name = ''] = field ?? [];
    if (field !== null) {
      while ((parents.at(-1)?.indent ?? -1) >= space.length) parents.pop();
      parents.push({ indent: space.length, name });
      const path = parents.map((one) => one.name).join('.');
      if (doc.length > 0 && !found.has(path)) found.set(path, textOf(doc));
    }
    doc = [];
    if (line.startsWith('}')) parents.length = 0;
  }
  return found;
};
