/** What services that speak JSON send and take: the SDK's shapes, with base64 in the place of bytes. */

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** The same value with base64 for bytes: `JSON.stringify` would ask a buffer itself, which answers with a list of numbers. */
const withBase64 = (value: unknown): unknown => {
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  }
  if (Array.isArray(value)) return value.map(withBase64);
  if (!isObject(value)) return value;
  const copy: Fields = {};
  for (const key of Object.keys(value)) copy[key] = withBase64(value[key]);
  return copy;
};

export const writeWireJson = (input: object): string => JSON.stringify(withBase64(input));

/** An answer as it came; an empty one where a service has nothing to say. */
export const readWireJson = (text: string): Fields => (text === '' ? {} : JSON.parse(text));

/** Changes the fields of these names from base64 to bytes. */
export const readBytes = (fields: Fields, names: readonly string[]): Fields => {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === 'string') fields[name] = Buffer.from(value, 'base64');
  }
  return fields;
};

/**
 * Changes the bytes of all items in what DynamoDB says. A text under `B` is base64: what attributes of that name hold is
 * an object.
 */
export const readItemBytes = (value: unknown): void => {
  if (Array.isArray(value)) {
    for (const each of value) readItemBytes(each);
    return;
  }
  if (!isObject(value)) return;
  if (typeof value.B === 'string') value.B = Buffer.from(value.B, 'base64');
  else for (const key of Object.keys(value)) readItemBytes(value[key]);
};
