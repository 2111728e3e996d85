/** The environment variables of Payhook: one table, and the schema that reads them. Nothing else is called PAYHOOK_. */
import { z } from 'zod';
import type { Provider } from '../core/ports/provider.ts';
import { problemOfDestinationSecret } from '../destinations/destination-secret.ts';
import type { EventsApi } from '../providers/events-api.ts';
import { EVENTS_APIS } from '../providers/events-apis.ts';
import type { ConfigurableProvider } from '../providers/provider-settings.ts';

export const PORT_DEFAULT = 8080;
const CONSOLE_PORT_DEFAULT = 8081;
export const OPERATIONS_PORT_DEFAULT = 8082;
export const DATA_DIRECTORY_DEFAULT = '.payhook';

const PORT_TEXT = 'a whole number from 0 to 65535 (0 lets the system choose)';

const port = z
  .string()
  .regex(/^\d{1,5}$/, PORT_TEXT)
  .transform(Number)
  .refine((value) => value <= 65_535, PORT_TEXT);

const splitAtCommas = (text: string): readonly string[] => text.split(',');

/** A comma list of secrets, all of which are tried. Spaces around each are a copying mistake and are taken off. */
const secretsOf = ({ checkSecret, splitSecrets = splitAtCommas }: Pick<Provider, 'checkSecret' | 'splitSecrets'>) =>
  z
    .string()
    .transform((text) =>
      splitSecrets(text)
        .map((value) => value.trim())
        .filter((value) => value !== ''),
    )
    .superRefine((values, context) => {
      if (values.length === 0)
        context.addIssue({ code: 'custom', message: 'at least one value; unset it to do without' });
      values.forEach((value, index) => {
        const problem = checkSecret(value);
        if (problem !== null)
          context.addIssue({
            code: 'custom',
            message: `each value in its shape, but value ${index + 1} of ${values.length} ${problem}`,
          });
      });
    });

const MODES = ['live', 'test'] as const;

/** The same of credentials for a provider's API; one of each mode, so that each list of events is asked for once. */
const credentialsOf = ({ checkCredential, modeOfCredential }: EventsApi) =>
  secretsOf({ checkSecret: checkCredential }).superRefine((values, context) => {
    const modes = values.map(modeOfCredential);
    if (MODES.some((mode) => modes.filter((one) => one === mode).length > 1))
      context.addIssue({ code: 'custom', message: 'one value of each mode, live and test, at most' });
  });

/** Of the providers that may be configured. */
const eventsApisOf = (providers: readonly ConfigurableProvider[]): readonly EventsApi[] =>
  EVENTS_APIS.filter((api) => providers.some(({ provider }) => provider.name === api.provider));

/** A comma list of `name=secret`; a name that stands there twice has two secrets, and both sign. */
const destinationSecrets = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((pair) => pair.trim())
      .filter((pair) => pair !== '')
      .map(
        (pair) =>
          [pair.slice(0, Math.max(0, pair.indexOf('='))).trim(), pair.slice(pair.indexOf('=') + 1).trim()] as const,
      ),
  )
  .superRefine((pairs, context) => {
    pairs.forEach(([name, secret], index) => {
      const problem = name === '' ? 'is not name=secret' : problemOfDestinationSecret(secret);
      if (problem !== null)
        context.addIssue({ code: 'custom', message: `value ${index + 1} of ${pairs.length} ${problem}` });
    });
  });

export const DESTINATION_SECRETS_VARIABLE = 'PAYHOOK_DESTINATION_SECRETS';

/** A line break at the end of a value, as files of secrets and pipes leave one, would make it another path or name. */
const oneLine = (what: string) =>
  z
    .string()
    .min(1, what)
    .refine(
      (value) => value === value.trim() && !/\p{Cc}/u.test(value),
      `${what}, without white space around it or a line break in it`,
    );

const ownSchema = z.strictObject({
  PAYHOOK_HOST: oneLine('an address to listen on').optional(),
  PAYHOOK_PORT: port.default(PORT_DEFAULT),
  PAYHOOK_OPERATIONS_PORT: port.optional(),
  PAYHOOK_CONSOLE_PORT: port.default(CONSOLE_PORT_DEFAULT),
  PAYHOOK_DATA_DIR: oneLine('a path').default(DATA_DIRECTORY_DEFAULT),
  PAYHOOK_CONFIG: oneLine('a path').optional(),
  PAYHOOK_OPERATOR: oneLine('the name of an operator').optional(),
  PAYHOOK_LOG_FORMAT: z.enum(['json', 'text']).optional(),
  PAYHOOK_LOG_LEVEL: z.enum(['info', 'warn', 'error', 'silent']).default('info'),
  [DESTINATION_SECRETS_VARIABLE]: destinationSecrets.optional(),
});

/** Ours by name; what the variables of providers were read as stands beside them. */
export type Environment = z.infer<typeof ownSchema> & { readonly [providerVariable: string]: unknown };

export const environmentSchemaOf = (providers: readonly ConfigurableProvider[]) => {
  const further = providers.flatMap(({ variables = {} }) => Object.entries(variables));
  const secrets = providers.map(({ provider }) => [provider.secretVariable, secretsOf(provider)] as const);
  const credentials = eventsApisOf(providers).map((api) => [api.credentialVariable, credentialsOf(api)] as const);
  return ownSchema.extend(
    Object.fromEntries([...further, ...secrets, ...credentials].map(([name, schema]) => [name, schema.optional()])),
  );
};

const PREFIX = 'PAYHOOK_';

/** Only our variables: the schema refuses names that it does not know, which are typing mistakes. */
export const ownVariables = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[0].startsWith(PREFIX) && entry[1] !== undefined,
    ),
  );

/** Whether the value of the variable may not be shown. */
export const isSecretVariable = (name: string, providers: readonly ConfigurableProvider[]): boolean =>
  name === DESTINATION_SECRETS_VARIABLE ||
  providers.some(({ provider }) => provider.secretVariable === name) ||
  EVENTS_APIS.some(({ credentialVariable }) => credentialVariable === name);
