/** The configuration as it takes effect, without any secret. */
import { shownUrl } from '../core/shown-url.ts';
import type { Settings } from './load-config.ts';

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

/** As JSON would have it: what is undefined is not in it. */
export const shownConfig = (settings: Settings): Readonly<Record<string, unknown>> => {
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
  return JSON.parse(JSON.stringify(shown, withoutUrlSecrets));
};
