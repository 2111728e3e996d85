/** `docs/reference/configuration.md`: every setting with its kind, bounds and default, out of the schema and the docstrings. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { configSchemaOf } from '../../src/config/schema.ts';
import { CONFIGURABLE_PROVIDERS } from '../../src/providers/settings.ts';
import { code, table } from './markdown.ts';
import { nestedDocs } from './nested-docs.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

type Schema = z.core.JSONSchema.BaseSchema;

const isSchema = (schema: z.core.JSONSchema._JSONSchema | undefined): schema is Schema => typeof schema === 'object';

const boundsOf = ({ minimum, maximum, minLength }: Schema): string => {
  // JSON Schema says of every whole number that it is a safe one.
  const top = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? '' : ` to ${maximum}`;
  if (minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER)
    return top === '' ? `, at least ${minimum}` : `, ${minimum}${top}`;
  return minLength !== undefined && minLength > 0 ? ', not empty' : '';
};

const kindOf = (schema: Schema): string => {
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return schema.enum.map((one) => code(JSON.stringify(one))).join(', ');
  const several = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].filter(isSchema);
  if (several.length > 0)
    return several.map((one) => (one.properties === undefined ? kindOf(one) : 'object')).join(' or ');
  if (schema.type === 'array')
    return `list of ${isSchema(schema.items as Schema) ? kindOf(schema.items as Schema) : 'values'}`;
  const format = schema.format === undefined ? '' : ` (${schema.format})`;
  return `${schema.type ?? 'any'}${format}${boundsOf(schema)}`;
};

const ANY_NAME = '<name>';

interface Setting {
  readonly path: string;
  readonly schema: Schema;
}

/** Alternatives may have a setting of one name, such as `kind`: it is what any of them says. */
const merged = (settings: readonly Setting[]): readonly Setting[] => {
  const byPath = new Map<string, Setting>();
  for (const setting of settings) {
    const before = byPath.get(setting.path);
    const isSame = before === undefined || JSON.stringify(before.schema) === JSON.stringify(setting.schema);
    if (isSame) byPath.set(setting.path, setting);
    else byPath.set(setting.path, { ...setting, schema: { anyOf: [before.schema, setting.schema] } });
  }
  return [...byPath.values()];
};

const settingsIn = (schema: Schema, path = ''): readonly Setting[] => {
  const several = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].filter(isSchema);
  const named = Object.entries(schema.properties ?? {}).filter((entry): entry is [string, Schema] =>
    isSchema(entry[1]),
  );
  const record = isSchema(schema.additionalProperties) ? [[ANY_NAME, schema.additionalProperties] as const] : [];
  const below = [...named, ...record].flatMap(([name, one]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const deeper = settingsIn(one, at);
    const isGroup = name === ANY_NAME && deeper.length > 0;
    return isGroup ? deeper : [{ path: at, schema: one }, ...deeper];
  });
  return merged([...several.flatMap((one) => settingsIn(one, path)), ...below]);
};

const defaultOf = ({ default: usual, type }: Schema): string =>
  usual === undefined || (type === 'object' && JSON.stringify(usual) === '{}') ? '' : code(JSON.stringify(usual));

/** What tells destinations apart. */
const SAYS_ITSELF = /\.kind$/;

/** A group may say it for all of its settings. */
const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('.')));

/** The schema has the default, unless it is one that only words can say. */
const whatOf = (doc: string, { default: usual }: Schema): string =>
  doc.replace(/\s*@default (.*)$/, usual === undefined ? ' Default: $1.' : '').trim();

export const configurationPage = (): string => {
  const schema = z.toJSONSchema(configSchemaOf(CONFIGURABLE_PROVIDERS), { io: 'input', unrepresentable: 'any' });
  const docs = new Map([
    ...nestedDocs(read('src/config/define-config.ts')),
    ...CONFIGURABLE_PROVIDERS.flatMap(({ provider: { name } }) =>
      [
        ...nestedDocs(read(`src/providers/${name}/settings.ts`)),
        ...nestedDocs(read('src/providers/tolerance-settings.ts')),
      ].map(([path, doc]) => [`providers.${name}.${path}`, doc] as const),
    ),
  ]);
  const docOf = (path: string): string =>
    [path, path.replace(`destinations.${ANY_NAME}.`, ''), path.replace(`.${ANY_NAME}`, '')]
      .map((one) => docs.get(one))
      .find((doc) => doc !== undefined) ?? '';
  const settings = settingsIn(schema).filter(({ path }) => path !== 'destinations');
  const unsaid = settings.filter(
    ({ path, schema: one }) =>
      docOf(path) === '' && docOf(parentOf(path)) === '' && !SAYS_ITSELF.test(path) && one.properties === undefined,
  );
  if (unsaid.length > 0) throw new Error(`settings without a docstring: ${unsaid.map(({ path }) => path).join(', ')}`);
  const rows = settings
    .filter(({ path, schema: one }) => one.properties === undefined || docOf(path) !== '')
    .map(({ path, schema: one }) => [code(path), kindOf(one), defaultOf(one), whatOf(docOf(path), one)]);
  return `${[
    '# Configuration',
    'Generated from the schema and its docstrings: `npm run docs`. What `payhook.config.ts` may say; every setting has a default, an empty configuration runs. `payhook config` shows what takes effect, and checks it.',
    table(['Setting', 'Kind', 'Default', 'What'], rows),
  ].join('\n\n')}\n`;
};
