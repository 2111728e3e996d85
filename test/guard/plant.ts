/** Puts a text in the place of each text of a JSON document, one at a time. */
import type { JsonValue } from '../../src/core/read-json.ts';

export type Path = readonly (string | number)[];

/** Where the document has texts. */
export const textPathsOf = (value: JsonValue, path: Path = []): readonly Path[] => {
  if (typeof value === 'string') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    textPathsOf(part as JsonValue, [...path, Array.isArray(value) ? Number(key) : key]),
  );
};

/** A copy of the document with another text at this path. */
export const plantAt = (value: JsonValue, [key, ...rest]: Path, plant: (text: string) => string): JsonValue => {
  if (key === undefined) return plant(String(value));
  const copy = structuredClone(value) as Record<string | number, JsonValue>;
  copy[key] = plantAt(copy[key] as JsonValue, rest, plant);
  return copy as JsonValue;
};
