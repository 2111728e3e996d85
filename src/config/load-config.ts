/**
 * Reads configuration once, at the edge: file and environment together, every problem reported at the same time, each
 * saying what was found and what to do. An invalid value never becomes a default.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { RetryPolicy } from '../core/retry-policy.ts';
import { screenText } from '../core/screen-text.ts';
import { DAY_MS, HOUR_MS } from '../core/time.ts';
import { EVENTS_APIS } from '../providers/events-apis.ts';
import type { ConfigurableProvider, SettingsInput } from '../providers/provider-settings.ts';
import { CONFIGURABLE_PROVIDERS } from '../providers/settings.ts';
import { type AskedApis, askedApisOf, checkAskedApis } from './asked-apis.ts';
import { checkDestinations, groupDestinationSecrets } from './check-destinations.ts';
import { checkLiveSecrets, checkSharedSecrets, checkTls } from './check-safety.ts';
import { type ConfigProblem, expectedName } from './config-problem.ts';
import { destinationsOf, type NamedDestination } from './destinations-of.ts';
import {
  DESTINATION_SECRETS_VARIABLE,
  type Environment,
  environmentSchemaOf,
  isSecretVariable,
  OPERATIONS_PORT_DEFAULT,
  ownVariables,
} from './environment.ts';
import { checkGivenConfig, readConfigFile } from './read-config-file.ts';
import type { CompleteConfig } from './schema.ts';

export interface Settings {
  readonly config: CompleteConfig;
  readonly port: number;
  /** Of metrics and health. */
  readonly operationsPort: number;
  /** False while it is the default, which a second server on the machine finds taken. */
  readonly isOperationsPortGiven: boolean;
  readonly consolePort: number;
  readonly dataDirectory: string;
  /** Absolute; null for the data directory. */
  readonly auditAnchorDirectory: string | null;
  readonly logFormat: 'json' | 'text' | undefined;
  readonly logLevel: 'info' | 'warn' | 'error' | 'silent';
  /** All that may be configured; `secrets` says which are. */
  readonly known: readonly ConfigurableProvider[];
  /** Configured providers and their secrets; an empty list means that none is set. */
  readonly secrets: ReadonlyMap<string, readonly string[]>;
  /** For the APIs of configured providers, by provider; one that is missing has none. */
  readonly apiCredentials: ReadonlyMap<string, readonly string[]>;
  /** Configured providers whose API is asked while a webhook is processed. */
  readonly askedApis: AskedApis;
  /** When a failed attempt is tried again, of a webhook and of an event for a destination alike. */
  readonly retryPolicy: RetryPolicy;
  /** How long webhooks and their dedupe keys are kept. */
  readonly retentionMs: number;
  /** How long rejected deliveries are kept; null when they are not. */
  readonly rejectedKeptForMs: number | null;
  /** Those that work in this home; the path of a file is absolute. */
  readonly destinations: readonly NamedDestination[];
  /** Of the HTTP destinations, by name; one that is missing has none. */
  readonly destinationSecrets: ReadonlyMap<string, readonly string[]>;
  /** Of the configured providers, by name: each of the provider's own type. */
  readonly providerSettings: ReadonlyMap<string, unknown>;
  /** Absolute; null when nothing of the user's is to be called. */
  readonly handlersPath: string | null;
  /** The file that was read; null when there is none. */
  readonly configPath: string | null;
  /** What is allowed here and should be told to whoever starts it. */
  readonly warnings: readonly string[];
}

export type LoadOutcome =
  | { readonly outcome: 'loaded'; readonly settings: Settings }
  | { readonly outcome: 'invalid'; readonly problems: readonly ConfigProblem[] };

const CONFIG_FILE_DEFAULT = 'payhook.config.ts';

export interface LoadInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** What a configuration file would export; none is read then. */
  readonly config?: unknown;
  /**
   * `aws`: signing secrets are in Secrets Manager, so that none has to be in the environment, in mode `live` either.
   * @default 'local'
   */
  readonly home?: 'local' | 'aws';
  /** @default every provider that Payhook knows */
  readonly providers?: readonly ConfigurableProvider[];
}

type Providers = readonly ConfigurableProvider[];

/** Runs the configuration module, so call it once. Never throws for what a user wrote. */
export const loadConfig = async (input: LoadInput): Promise<LoadOutcome> => {
  const { env, cwd, home = 'local', providers = CONFIGURABLE_PROVIDERS } = input;
  const problems: ConfigProblem[] = [];
  const environment = readEnvironment(env, providers, problems);
  const path = resolve(cwd, env.PAYHOOK_CONFIG ?? CONFIG_FILE_DEFAULT);
  const isNamed = env.PAYHOOK_CONFIG !== undefined;
  const file =
    input.config === undefined
      ? await readConfigFile(path, isNamed, providers, problems)
      : checkGivenConfig(input.config, providers, problems);
  if (environment === undefined || file === undefined) return { outcome: 'invalid', problems };

  const facts = { cwd, home, configPath: file.isThere ? path : null, providers };
  const warnings = checkTls(env, { mode: file.config.mode, home }, problems);
  const settings = { ...combine(environment, withHost(environment, file.config), facts, problems), warnings };
  return problems.length > 0 ? { outcome: 'invalid', problems } : { outcome: 'loaded', settings };
};

const readEnvironment = (
  env: LoadInput['env'],
  providers: Providers,
  problems: ConfigProblem[],
): Environment | undefined => {
  const own = ownVariables(env);
  const schema = environmentSchemaOf(providers);
  const parsed = schema.safeParse(own);
  if (parsed.success) return parsed.data as Environment;
  for (const issue of parsed.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const name of issue.keys) {
        problems.push({
          where: `environment variable ${name}`,
          found: 'a name that Payhook does not know',
          expected: expectedName(name, Object.keys(schema.shape)),
        });
      }
    } else {
      const name = String(issue.path[0]);
      problems.push({
        where: `environment variable ${name}`,
        found: isSecretVariable(name, providers) ? '(hidden)' : JSON.stringify(own[name]),
        expected: issue.message,
      });
    }
  }
  return undefined;
};

interface Facts {
  readonly cwd: string;
  readonly home: 'local' | 'aws';
  readonly configPath: string | null;
  readonly providers: Providers;
}

const combine = (
  environment: Environment,
  config: CompleteConfig,
  facts: Facts,
  problems: ConfigProblem[],
): Omit<Settings, 'warnings'> => {
  const { cwd, home, configPath } = facts;
  const where = configPath ?? 'the defaults';
  const base = configPath === null ? cwd : dirname(configPath);
  const configured = facts.providers.filter(({ provider }) => config.providers[provider.name] !== undefined);
  const secrets = new Map(
    configured.map(({ provider }) => [provider.name, secretsIn(environment[provider.secretVariable])] as const),
  );
  if (config.mode === 'live' && home === 'local') checkLiveSecrets(configured, secrets, where, problems);
  const providerSettings = new Map(
    configured.map((one) => {
      const { name } = one.provider;
      const hasSecrets = (secrets.get(name) ?? []).length > 0;
      return [name, settingsOf(one, { environment, config, hasSecrets, base, where }, problems)] as const;
    }),
  );
  const { anchorDirectory } = config.audit;
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
  const verifying = configured.map(({ provider: { name, secretVariable: variable } }) => ({
    name,
    variable,
    secrets: secrets.get(name) ?? [],
  }));
  checkSharedSecrets(verifying, destinationSecrets, problems);

  const apiCredentials = credentialsIn(environment, config, problems);
  const askedApis = askedApisOf(
    configured.map(({ provider }) => provider),
    (name) => providerSettings.get(name),
  );
  if (home === 'local') checkAskedApis(askedApis, apiCredentials, where, problems);

  const { giveUpAfterHours, attemptsMax, backoffBaseMs, backoffCapMs } = config.processing;
  return {
    config,
    known: facts.providers,
    port: environment.PAYHOOK_PORT,
    operationsPort: environment.PAYHOOK_OPERATIONS_PORT ?? operationsPortBeside(environment.PAYHOOK_PORT),
    isOperationsPortGiven: environment.PAYHOOK_OPERATIONS_PORT !== undefined,
    consolePort: environment.PAYHOOK_CONSOLE_PORT,
    dataDirectory: resolve(cwd, environment.PAYHOOK_DATA_DIR),
    auditAnchorDirectory: anchorDirectory === undefined ? null : resolve(base, anchorDirectory),
    logFormat: environment.PAYHOOK_LOG_FORMAT,
    logLevel: environment.PAYHOOK_LOG_LEVEL,
    secrets,
    apiCredentials,
    askedApis,
    retryPolicy: { giveUpAfterMs: giveUpAfterHours * HOUR_MS, attemptsMax, backoffBaseMs, backoffCapMs },
    retentionMs: config.retentionDays * DAY_MS,
    rejectedKeptForMs: areRejectedKept(config) ? config.rejected.days * DAY_MS : null,
    destinations: destinationsOf(config, home).map((destination) =>
      destination.kind === 'ndjson' ? { ...destination, path: resolve(base, destination.path) } : destination,
    ),
    destinationSecrets,
    providerSettings,
    handlersPath,
    configPath,
  };
};

/** The variable wins: the image of a container says where to listen, and the file is the same everywhere. */
const withHost = ({ PAYHOOK_HOST: host }: Environment, config: CompleteConfig): CompleteConfig =>
  host === undefined ? config : { ...config, edge: { ...config.edge, host } };

/** In mode live nobody keeps what strangers send unless it was decided. */
const areRejectedKept = ({ rejected, mode }: CompleteConfig): boolean => rejected.areKept ?? mode !== 'live';

/** A server that lets the system choose one port must not stand in the way of another one by a fixed second. */
const operationsPortBeside = (port: number): number => (port === 0 ? 0 : OPERATIONS_PORT_DEFAULT);

/** Of the mode that the home is of: what the other one lists is nobody's here. */
const credentialsIn = (
  environment: Environment,
  { mode, providers }: CompleteConfig,
  problems: ConfigProblem[],
): Settings['apiCredentials'] => {
  const listing = EVENTS_APIS.filter(({ provider }) => providers[provider] !== undefined);
  const credentials = listing.map(({ provider, credentialVariable, modeOfCredential }) => {
    const values = secretsIn(environment[credentialVariable]);
    if (mode !== undefined && values.some((value) => modeOfCredential(value) !== mode)) {
      problems.push({
        where: `environment variable ${credentialVariable}`,
        found: `a credential of mode ${mode === 'live' ? 'test' : 'live'}`,
        expected: `one of mode ${mode}, which the configuration is in`,
      });
    }
    return [provider, values] as const;
  });
  return new Map(credentials.filter(([, values]) => values.length > 0));
};

/** As the schema of the variable made them; none where it is not set. */
const secretsIn = (value: unknown): readonly string[] => (value ?? []) as readonly string[];

const settingsOf = (
  { provider, variables = {}, settingsOf: make }: ConfigurableProvider,
  given: {
    readonly environment: Environment;
    readonly config: CompleteConfig;
    readonly hasSecrets: boolean;
    /** The folder that paths of files are relative to. */
    readonly base: string;
    readonly where: string;
  },
  problems: ConfigProblem[],
): unknown => {
  const { environment, config, hasSecrets, base, where } = given;
  const input: SettingsInput<unknown> = {
    file: config.providers[provider.name],
    variables: Object.fromEntries(Object.keys(variables).map((name) => [name, environment[name]])),
    mode: config.mode,
    hasSecrets,
    readFile: (file) => {
      const path = resolve(base, file);
      return { path, text: existsSync(path) ? readFileSync(path, 'utf8') : null };
    },
    report: ({ setting = '', variable, found, expected }) => {
      const name = ['providers', provider.name, ...(setting === '' ? [] : [setting])].join('.');
      const what = variable === undefined ? `setting ${name} in ${where}` : `environment variable ${variable}`;
      problems.push({ where: what, found, expected });
    },
  };
  return make(input);
};

/** One report for all problems, for a person. What was found may be a URL with a token in it. */
export const describeProblems = (problems: readonly ConfigProblem[]): string =>
  [
    problems.length === 1 ? 'the configuration has a problem:' : `the configuration has ${problems.length} problems:`,
    ...problems.map(({ where, found, expected }) => `  - ${where}: found ${screenText(found)}; expected ${expected}`),
  ].join('\n');
