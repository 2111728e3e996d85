/** Where a text stands in a document: names and values, in the order of the document. Pure. */

export interface JsonHit {
  /** As code would say it: `data.object.lines[0]["a b"]`. */
  readonly path: string;
  readonly value: unknown;
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

const below = (path: string, key: string | number): string => {
  if (typeof key === 'number') return `${path}[${key}]`;
  if (!IDENTIFIER.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
};

const isGroup = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** `isMore`: there are more than `hitsMax`, which is where it ends. Case does not count. */
export const searchJson = (
  document: unknown,
  text: string,
  hitsMax: number,
): { readonly hits: readonly JsonHit[]; readonly isMore: boolean } => {
  const wanted = text.toLowerCase();
  const has = (part: string): boolean => part.toLowerCase().includes(wanted);
  const hits: JsonHit[] = [];
  const look = (value: unknown, path: string, name: string): void => {
    if (hits.length > hitsMax) return;
    if (has(name) || (!isGroup(value) && has(String(value)))) hits.push({ path, value });
    if (Array.isArray(value)) for (const [index, one] of value.entries()) look(one, below(path, index), '');
    else if (isGroup(value)) for (const [key, one] of Object.entries(value)) look(one, below(path, key), key);
  };
  if (wanted !== '') look(document, '', '');
  return { hits: hits.slice(0, hitsMax), isMore: hits.length > hitsMax };
};
