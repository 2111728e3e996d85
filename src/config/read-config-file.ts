/** Runs the configuration's module and checks what it exports; says what is wrong, and in which line. */
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { ConfigurableProvider } from '../providers/provider-settings.ts';
import { type ConfigProblem, expectedName } from './config-problem.ts';
import { expectationOf } from './expectation.ts';
import { knownSettings } from './known-settings.ts';
import { placeOfError, placeOfSetting } from './place-of-error.ts';
import { type CompleteConfig, configSchemaOf } from './schema.ts';

export interface ReadConfig {
  readonly config: CompleteConfig;
  readonly isThere: boolean;
}

/** Undefined when there is a problem, which is reported. `isNamed`: somebody said that the file is there. */
export const readConfigFile = async (
  path: string,
  isNamed: boolean,
  providers: readonly ConfigurableProvider[],
  problems: ConfigProblem[],
): Promise<ReadConfig | undefined> => {
  if (!existsSync(path)) {
    if (!isNamed) return { config: configSchemaOf(providers).parse({}), isThere: false };
    problems.push({
      where: 'environment variable PAYHOOK_CONFIG',
      found: path,
      expected: 'the path of a file that is there',
    });
    return undefined;
  }
  const { href } = pathToFileURL(path);
  let exported: unknown;
  try {
    const module: { default?: unknown } = await import(href);
    exported = module.default;
  } catch (error) {
    const place = placeOfError(error, href);
    const where = place === undefined ? path : `${path}:${place}`;
    problems.push({ where, found: firstLine(error), expected: 'a module that can be loaded' });
    return undefined;
  }
  if (exported === undefined) {
    problems.push({ where: path, found: 'no default export', expected: 'export default defineConfig({ … })' });
    return undefined;
  }
  const config = checkConfig(exported, providers, problems, (keys) => {
    const place = placeOfSetting(readFileSync(path, 'utf8'), String(keys.at(-1)));
    return `setting ${keys.map(String).join('.')} in ${place === undefined ? path : `${path}:${place}`}`;
  });
  return config && { config, isThere: true };
};

/** The same for a configuration that is there as a value. */
export const checkGivenConfig = (
  given: unknown,
  providers: readonly ConfigurableProvider[],
  problems: ConfigProblem[],
): ReadConfig | undefined => {
  const config = checkConfig(given, providers, problems, (keys) => `setting ${keys.map(String).join('.')}`);
  return config && { config, isThere: false };
};

const checkConfig = (
  exported: unknown,
  providers: readonly ConfigurableProvider[],
  problems: ConfigProblem[],
  settingIn: SettingPlace,
): CompleteConfig | undefined => {
  const configSchema = configSchemaOf(providers);
  const parsed = configSchema.safeParse(exported);
  if (parsed.success) return parsed.data;
  problems.push(
    ...parsed.error.issues.flatMap((issue) =>
      problemsOf(issue, exported, settingIn, z.toJSONSchema(configSchema, JSON_SCHEMA)),
    ),
  );
  return undefined;
};

const JSON_SCHEMA = { io: 'input', unrepresentable: 'any' } as const;

type SettingPlace = (keys: readonly PropertyKey[]) => string;

const firstLine = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).split('\n')[0] ?? '';

const problemsOf = (
  issue: z.core.$ZodIssue,
  exported: unknown,
  settingIn: SettingPlace,
  jsonSchema: Parameters<typeof knownSettings>[0],
): ConfigProblem[] => {
  if (issue.code === 'unrecognized_keys') {
    const known = knownSettings(jsonSchema, issue.path);
    return issue.keys.map((key) => ({
      where: settingIn([...issue.path, key]),
      found: 'a name that Payhook does not know',
      expected: expectedName(key, known),
    }));
  }
  const found = issue.path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    exported,
  );
  const where = issue.path.length === 0 ? settingIn(['(all)']) : settingIn(issue.path);
  if (issue.code === 'invalid_key') {
    return issue.issues.map(({ message }) => ({
      where,
      found: `the name ${JSON.stringify(issue.path.at(-1))}`,
      expected: message,
    }));
  }
  return [{ where, found: shown(found), expected: expectationOf(issue) }];
};

/** A URL may hold a password, though it should not. */
const shown = (value: unknown): string =>
  (JSON.stringify(value) ?? String(value)).replace(/\/\/[^/@\s"]+@/g, '//(hidden)@');
