/** `payhook config`: the configuration as it takes effect, without any secret. */
import type { Settings } from '../config/load-config.ts';
import { shownUrl } from '../core/shown-url.ts';
import { type CommandContext, loadSettings } from './command-context.ts';
import type { ExitCode } from './report-failure.ts';

const describeSecrets = ({ known, config }: Settings, name: string, values: readonly string[]): string => {
  const variable = known.find(({ provider }) => provider.name === name)?.provider.secretVariable;
  if (values.length > 0) return `${values.length} set in ${variable}`;
  return config.mode === 'live' ? 'none' : `made for development (${variable} is not set)`;
};

/** Where providers deliver: the path is Payhook's own and says nothing. */
const OWN_PATH = /^https?:\/\/[^/?#@\s]+\/webhook\/[a-z0-9-]+$/;

/** Whatever is a URL, under whatever name: a new setting is hidden before anybody thinks of it. */
const withoutUrlSecrets = (_name: string, value: unknown): unknown =>
  typeof value === 'string' && URL.canParse(value) && value.includes('://') && !OWN_PATH.test(value)
    ? shownUrl(value)
    : value;

/** Also the quickest way to check a configuration: prints all problems and ends with 2 when there are any. */
export const showConfig = async (context: CommandContext, options: { readonly json?: boolean }): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  const secrets = [...settings.secrets].map(
    ([name, values]) => [name, describeSecrets(settings, name, values)] as const,
  );
  const shown = {
    configFile: settings.configPath,
    dataDirectory: settings.dataDirectory,
    port: settings.port,
    operationsPort: settings.operationsPort,
    consolePort: settings.consolePort,
    handlers: settings.handlersPath,
    secrets: Object.fromEntries(secrets),
    ...settings.config,
  };
  for (const warning of settings.warnings) context.warn(`payhook: ${warning}`);
  for (const line of JSON.stringify(shown, withoutUrlSecrets, options.json === true ? 0 : 2).split('\n'))
    context.print(line);
  return 0;
};
