/** The names of settings that may stand somewhere in the configuration, out of its schema. */
import type { z } from 'zod';

type Node = z.core.JSONSchema._JSONSchema | undefined;

/** A setting may be of several kinds, such as destinations: all their names are known ones. */
const kindsOf = (node: Node): z.core.JSONSchema.BaseSchema[] => {
  if (typeof node !== 'object') return [];
  const kinds = [...(node.anyOf ?? []), ...(node.oneOf ?? [])];
  return kinds.length === 0 ? [node] : kinds.flatMap(kindsOf);
};

/** In the order of the schema; those of a record are anybody's, and none. */
export const knownSettings = (schema: Node, path: readonly PropertyKey[]): readonly string[] => {
  const nodes = path.reduce<z.core.JSONSchema.BaseSchema[]>(
    (parents, key) =>
      parents.flatMap(({ properties, additionalProperties }) =>
        kindsOf(properties?.[String(key)] ?? additionalProperties),
      ),
    kindsOf(schema),
  );
  return [...new Set(nodes.flatMap(({ properties }) => Object.keys(properties ?? {})))];
};
