/**
 * Reads configuration once, at the edge: file and environment together, every problem reported at the same time, each
 * saying what was found and what to do. An invalid value never becomes a default.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { z } from 'zod';
import type { ProviderSettings } from '../core/ports/provider.ts';
import type { RetryPolicy } from '../core/retry-policy.ts';
import { DAY_MS, SECOND_MS } from '../core/time.ts';
import { checkDestinations, groupDestinationSecrets } from './check-destinations.ts';
import type { ConfigProblem } from './config-problem.ts';
import { destinationsOf, type NamedDestination } from './destinations-of.ts';
import {
  DESTINATION_SECRETS_VARIABLE,
  type Environment,
  environmentSchema,
  isSecretVariable,
  KNOWN_VARIABLES,
  ownVariables,
  SECRET_VARIABLES,
  type SecretProvider,
} from './environment.ts';
import { type CompleteConfig, configSchema } from './schema.ts';

export interface Settings {
  readonly config: CompleteConfig;
  readonly port: number;
  readonly dataDirectory: string;
  readonly logFormat: 'json' | 'text' | undefined;
  readonly logLevel: 'info' | 'warn' | 'error' | 'silent';
  /** Configured providers and their secrets; an empty list means that none is set. */
  readonly secrets: ReadonlyMap<SecretProvider, readonly string[]>;
  /** When a failed attempt is tried again, of a webhook and of an event for a destination alike. */
  readonly retryPolicy: RetryPolicy;
  /** How long webhooks and their dedupe keys are kept. */
  readonly retentionMs: number;
  /** Those that work in this home; the path of a file is absolute. */
  readonly destinations: readonly NamedDestination[];
  /** Of the HTTP destinations, by name; one that is missing has none. */
  readonly destinationSecrets: ReadonlyMap<string, readonly string[]>;
  readonly providerSettings: ReadonlyMap<SecretProvider, ProviderSettings>;
  /** Absolute; null when nothing of the user's is to be called. */
  readonly handlersPath: string | null;
  /** The file that was read; null when there is none. */
  readonly configPath: string | null;
}

export type LoadOutcome =
  | { readonly outcome: 'loaded'; readonly settings: Settings }
  | { readonly outcome: 'invalid'; readonly problems: readonly ConfigProblem[] };

const CONFIG_FILE_DEFAULT = 'payhook.config.ts';

export interface LoadInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /**
   * `aws`: signing secrets are in Secrets Manager, so that none has to be in the environment, in mode `live` either.
   * @default 'local'
   */
  readonly home?: 'local' | 'aws';
}

/** Runs the configuration module, so call it once. Never throws for what a user wrote. */
export const loadConfig = async ({ env, cwd, home = 'local' }: LoadInput): Promise<LoadOutcome> => {
  const problems: ConfigProblem[] = [];
  const environment = readEnvironment(env, problems);
  const path = resolve(cwd, env.PAYHOOK_CONFIG ?? CONFIG_FILE_DEFAULT);
  const isNamed = env.PAYHOOK_CONFIG !== undefined;
  const file = await readConfigFile(path, isNamed, problems);
  if (environment === undefined || file === undefined) return { outcome: 'invalid', problems };

  const settings = combine(environment, file.config, { cwd, home, configPath: file.isThere ? path : null }, problems);
  return problems.length > 0 ? { outcome: 'invalid', problems } : { outcome: 'loaded', settings };
};

const readEnvironment = (env: LoadInput['env'], problems: ConfigProblem[]): Environment | undefined => {
  const own = ownVariables(env);
  const parsed = environmentSchema.safeParse(own);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const name of issue.keys) {
        problems.push({
          where: `environment variable ${name}`,
          found: 'a name that Payhook does not know',
          expected: `remove it, or use one of ${KNOWN_VARIABLES.join(', ')}`,
        });
      }
    } else {
      const name = String(issue.path[0]);
      problems.push({
        where: `environment variable ${name}`,
        found: isSecretVariable(name) ? '(hidden)' : JSON.stringify(own[name]),
        expected: issue.message,
      });
    }
  }
  return undefined;
};

const readConfigFile = async (
  path: string,
  isNamed: boolean,
  problems: ConfigProblem[],
): Promise<{ config: CompleteConfig; isThere: boolean } | undefined> => {
  if (!existsSync(path)) {
    if (!isNamed) return { config: configSchema.parse({}), isThere: false };
    problems.push({
      where: 'environment variable PAYHOOK_CONFIG',
      found: path,
      expected: 'the path of a file that is there',
    });
    return undefined;
  }
  let exported: unknown;
  try {
    const module: { default?: unknown } = await import(pathToFileURL(path).href);
    exported = module.default;
  } catch (error) {
    problems.push({ where: path, found: firstLine(error), expected: 'a module that can be loaded' });
    return undefined;
  }
  if (exported === undefined) {
    problems.push({ where: path, found: 'no default export', expected: 'export default defineConfig({ … })' });
    return undefined;
  }
  const parsed = configSchema.safeParse(exported);
  if (parsed.success) return { config: parsed.data, isThere: true };
  problems.push(...parsed.error.issues.flatMap((issue) => problemsOf(issue, exported, path)));
  return undefined;
};

const firstLine = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).split('\n')[0] ?? '';

const problemsOf = (issue: z.core.$ZodIssue, exported: unknown, path: string): ConfigProblem[] => {
  const setting = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      where: `setting ${setting === '' ? key : `${setting}.${key}`} in ${path}`,
      found: 'a name that Payhook does not know',
      expected: 'remove it, or look for the right name in src/config/define-config.ts',
    }));
  }
  const found = issue.path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    exported,
  );
  const where = `setting ${setting} in ${path}`;
  if (issue.code === 'invalid_key') {
    return issue.issues.map(({ message }) => ({
      where,
      found: `the name ${JSON.stringify(issue.path.at(-1))}`,
      expected: message,
    }));
  }
  return [{ where, found: shown(found), expected: issue.message }];
};

/** A URL may hold a password, though it should not. */
const shown = (value: unknown): string =>
  (JSON.stringify(value) ?? String(value)).replace(/\/\/[^/@\s"]+@/g, '//(hidden)@');
/** What server and `payhook send` sign with while nothing is registered with Square; nobody has to reach it. */
export const DEVELOPMENT_SQUARE_URL = 'http://127.0.0.1:8080/webhook/square';

const combine = (
  environment: Environment,
  config: CompleteConfig,
  { cwd, home, configPath }: { cwd: string; home: 'local' | 'aws'; configPath: string | null },
  problems: ConfigProblem[],
): Settings => {
  const configured = (Object.keys(SECRET_VARIABLES) as SecretProvider[]).filter(
    (name) => config.providers[name] !== undefined,
  );
  const secrets = new Map(configured.map((name) => [name, environment[SECRET_VARIABLES[name]] ?? []] as const));
  const where = configPath ?? 'the defaults';
  const squareUrl = environment.PAYHOOK_SQUARE_NOTIFICATION_URL ?? config.providers.square?.notificationUrl;

  if (squareUrl === undefined && (secrets.get('square') ?? []).length > 0) {
    problems.push({
      where: 'environment variable PAYHOOK_SQUARE_NOTIFICATION_URL',
      found: `not set, though ${SECRET_VARIABLES.square} is`,
      expected: 'the notification URL exactly as registered with Square: it is part of what Square signs',
    });
  }
  if (config.mode === 'live') {
    if (home === 'local') checkLiveSecrets(secrets, where, problems);
    checkLiveSimulator(config, where, problems);
  }
  const base = configPath === null ? cwd : dirname(configPath);
  const handlersPath = config.handlers === undefined ? null : resolve(base, config.handlers);
  if (handlersPath !== null && !existsSync(handlersPath)) {
    problems.push({
      where: `setting handlers in ${where}`,
      found: handlersPath,
      expected: 'the path of a module that is there',
    });
  }

  const destinationSecrets = groupDestinationSecrets(environment[DESTINATION_SECRETS_VARIABLE] ?? []);
  checkDestinations(config, destinationSecrets, { home, where }, problems);

  const publicUrl = squareUrl ?? DEVELOPMENT_SQUARE_URL;
  const { paypal, stripe } = config.providers;
  const readPems = (files: readonly string[] | undefined): string[] =>
    (files ?? []).flatMap((file) => readPem(resolve(base, file), where, problems));
  const common: ProviderSettings = {
    publicUrl: null,
    toleranceMs: (stripe?.toleranceSeconds ?? 0) * SECOND_MS,
    certificateTrust: paypal?.certificateTrust ?? 'strict',
    trustedRoots: readPems(paypal?.trustedRootFiles),
    intermediates: readPems(paypal?.intermediateFiles),
    isSimulatorAllowed: paypal?.isSimulatorAllowed ?? false,
  };
  const standardToleranceMs = (config.providers['standard-webhooks']?.toleranceSeconds ?? 0) * SECOND_MS;
  const providerSettings = new Map<SecretProvider, ProviderSettings>(
    configured.map((name) => [
      name,
      name === 'square'
        ? { ...common, publicUrl }
        : name === 'standard-webhooks'
          ? { ...common, toleranceMs: standardToleranceMs }
          : common,
    ]),
  );
  const { attemptsMax, backoffBaseMs, backoffCapMs } = config.processing;
  return {
    config,
    port: environment.PAYHOOK_PORT,
    dataDirectory: resolve(cwd, environment.PAYHOOK_DATA_DIR),
    logFormat: environment.PAYHOOK_LOG_FORMAT,
    logLevel: environment.PAYHOOK_LOG_LEVEL,
    secrets,
    retryPolicy: { attemptsMax, backoffBaseMs, backoffCapMs },
    retentionMs: config.retentionDays * DAY_MS,
    destinations: destinationsOf(config, home).map((destination) =>
      destination.kind === 'ndjson' ? { ...destination, path: resolve(base, destination.path) } : destination,
    ),
    destinationSecrets,
    providerSettings,
    handlersPath,
    configPath,
  };
};

const checkLiveSecrets = (
  secrets: ReadonlyMap<SecretProvider, readonly string[]>,
  where: string,
  problems: ConfigProblem[],
): void => {
  for (const [name, values] of secrets) {
    if (values.length > 0) continue;
    problems.push({
      where: `environment variable ${SECRET_VARIABLES[name]}`,
      found: 'not set',
      expected: `in mode live every provider needs its own secrets: set it, or take ${name} out of providers in ${where}`,
    });
  }
};

const checkLiveSimulator = (config: CompleteConfig, where: string, problems: ConfigProblem[]): void => {
  if (config.providers.paypal?.isSimulatorAllowed === true) {
    problems.push({
      where: `setting providers.paypal.isSimulatorAllowed in ${where}`,
      found: 'true in mode live',
      expected: 'false: anybody can obtain a signed simulator event',
    });
  }
};

const readPem = (path: string, where: string, problems: ConfigProblem[]): string[] => {
  const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) {
    problems.push({
      where: `setting providers.paypal in ${where}`,
      found: path,
      expected: 'a file with PEM certificates',
    });
  }
  return certificates;
};

/** One report for all problems, for a person. */
export const describeProblems = (problems: readonly ConfigProblem[]): string =>
  [
    problems.length === 1 ? 'the configuration has a problem:' : `the configuration has ${problems.length} problems:`,
    ...problems.map(({ where, found, expected }) => `  - ${where}: found ${found}; expected ${expected}`),
  ].join('\n');
