/** The environment variables of Payhook: one table, and the schema that reads them. Nothing else is called PAYHOOK_. */
import { z } from 'zod';
import { problemOfDestinationSecret } from '../destinations/destination-secret.ts';
import { PROVIDERS } from '../providers/providers.ts';

export const PORT_DEFAULT = 8080;
export const DATA_DIRECTORY_DEFAULT = '.payhook';

const PORT_TEXT = 'a whole number from 0 to 65535 (0 lets the system choose)';

const port = z
  .string()
  .regex(/^\d{1,5}$/, PORT_TEXT)
  .transform(Number)
  .refine((value) => value <= 65_535, PORT_TEXT);

/** A comma list of secrets, all of which are tried. Spaces around each are a copying mistake and are taken off. */
const secretsOf = (providerName: string) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((value) => value.trim())
        .filter((value) => value !== ''),
    )
    .superRefine((values, context) => {
      const provider = PROVIDERS.find((known) => known.name === providerName);
      if (values.length === 0)
        context.addIssue({ code: 'custom', message: 'at least one value; unset it to do without' });
      values.forEach((value, index) => {
        const problem = provider?.checkSecret(value) ?? null;
        if (problem !== null)
          context.addIssue({ code: 'custom', message: `value ${index + 1} of ${values.length} ${problem}` });
      });
    });

/** Variable that holds the secrets of each provider. */
export const SECRET_VARIABLES = {
  stripe: 'PAYHOOK_STRIPE_SIGNING_SECRETS',
  paypal: 'PAYHOOK_PAYPAL_WEBHOOK_IDS',
  square: 'PAYHOOK_SQUARE_SIGNATURE_KEYS',
  adyen: 'PAYHOOK_ADYEN_HMAC_KEYS',
  'standard-webhooks': 'PAYHOOK_STANDARD_WEBHOOKS_SECRETS',
} as const;

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

export const environmentSchema = z.strictObject({
  PAYHOOK_PORT: port.default(PORT_DEFAULT),
  PAYHOOK_CONSOLE_PORT: port.optional(),
  PAYHOOK_DATA_DIR: z.string().min(1, 'a path').default(DATA_DIRECTORY_DEFAULT),
  PAYHOOK_CONFIG: z.string().min(1, 'a path').optional(),
  PAYHOOK_LOG_FORMAT: z.enum(['json', 'text']).optional(),
  PAYHOOK_LOG_LEVEL: z.enum(['info', 'warn', 'error', 'silent']).default('info'),
  PAYHOOK_SQUARE_NOTIFICATION_URL: z.url({ protocol: /^https?$/, error: 'a full http(s) URL' }).optional(),
  [DESTINATION_SECRETS_VARIABLE]: destinationSecrets.optional(),
  [SECRET_VARIABLES.stripe]: secretsOf('stripe').optional(),
  [SECRET_VARIABLES.paypal]: secretsOf('paypal').optional(),
  [SECRET_VARIABLES.square]: secretsOf('square').optional(),
  [SECRET_VARIABLES.adyen]: secretsOf('adyen').optional(),
  [SECRET_VARIABLES['standard-webhooks']]: secretsOf('standard-webhooks').optional(),
});

export type Environment = z.infer<typeof environmentSchema>;
export type SecretProvider = keyof typeof SECRET_VARIABLES;

const PREFIX = 'PAYHOOK_';

/** Only our variables: the schema refuses names that it does not know, which are typing mistakes. */
export const ownVariables = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[0].startsWith(PREFIX) && entry[1] !== undefined,
    ),
  );

export const KNOWN_VARIABLES: readonly string[] = Object.keys(environmentSchema.shape);

/** Variables whose value may not be shown. */
export const isSecretVariable = (name: string): boolean =>
  name === DESTINATION_SECRETS_VARIABLE || (Object.values(SECRET_VARIABLES) as readonly string[]).includes(name);
