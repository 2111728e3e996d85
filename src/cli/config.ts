/** `payhook config`: the configuration as it takes effect, without any secret. */
import { providerNamed } from '../providers/providers.ts';
import { type CommandContext, loadSettings } from './command-context.ts';
import type { ExitCode } from './report-failure.ts';

const describeSecrets = (name: string, values: readonly string[], isLive: boolean): string => {
  const variable = providerNamed(name)?.secretVariable;
  if (values.length > 0) return `${values.length} set in ${variable}`;
  return isLive ? 'none' : `made for development (${variable} is not set)`;
};

/** Also the quickest way to check a configuration: prints all problems and ends with 2 when there are any. */
export const showConfig = async (context: CommandContext, options: { readonly json?: boolean }): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  const isLive = settings.config.mode === 'live';
  const secrets = [...settings.secrets].map(([name, values]) => [name, describeSecrets(name, values, isLive)] as const);
  const shown = {
    configFile: settings.configPath,
    dataDirectory: settings.dataDirectory,
    port: settings.port,
    handlers: settings.handlersPath,
    secrets: Object.fromEntries(secrets),
    ...settings.config,
  };
  context.print(JSON.stringify(shown, null, options.json === true ? 0 : 2));
  return 0;
};
