/** `docs/reference/environment.md`: every variable, out of the schema that refuses all others. */
import { environmentSchemaOf, isSecretVariable } from '../../src/config/environment.ts';
import { CONFIGURABLE_PROVIDERS } from '../../src/providers/settings.ts';
import { code, table } from './markdown.ts';

const WHAT: Readonly<Record<string, string>> = {
  PAYHOOK_HOST: 'Address to listen on; overrides `edge.host`.',
  PAYHOOK_PORT: 'Port for providers; 0 lets the system choose. Default 8080.',
  PAYHOOK_OPERATIONS_PORT: 'Port of metrics and health. Default 8082, or another one when that is taken.',
  PAYHOOK_OPERATOR: 'Who acts, where [operators](../operators.md) are defined; `--operator` counts before it.',
  PAYHOOK_CONSOLE_PORT: 'Port of `payhook console`, on this machine alone; 0 lets the system choose. Default 8081.',
  PAYHOOK_DATA_DIR: 'Where the database and the keys are. Default `.payhook`.',
  PAYHOOK_CONFIG: 'Path of the configuration. Default `payhook.config.ts`, which need not be there.',
  PAYHOOK_LOG_FORMAT: '`json` or `text`. Default `text` on a terminal, `json` elsewhere.',
  PAYHOOK_LOG_LEVEL: '`info`, `warn`, `error` or `silent`. Default `info`.',
  PAYHOOK_DESTINATION_SECRETS:
    'Of http destinations: `name=whsec_…`, several separated by commas; a name may stand twice.',
  PAYHOOK_STRIPE_SIGNING_SECRETS: 'Stripe: `whsec_…` of the endpoint, several separated by commas.',
  PAYHOOK_PAYPAL_WEBHOOK_IDS: 'PayPal: id of the webhook in the developer dashboard, several separated by commas.',
  PAYHOOK_SQUARE_SIGNATURE_KEYS: 'Square: signature key of the subscription, several separated by commas.',
  PAYHOOK_STRIPE_API_CREDENTIALS:
    'Stripe, for reconciliation: a restricted key that may read events, `rk_live_…` or `rk_test_…`; one of each mode.',
  PAYHOOK_PAYPAL_API_CREDENTIALS:
    'PayPal, for reconciliation: `live:` or `test:`, client id, `:`, client secret of the REST app; one of each mode.',
  PAYHOOK_SQUARE_API_CREDENTIALS:
    'Square, for reconciliation: `live:` or `test:` and the access token of the application; one of each mode.',
  PAYHOOK_SQUARE_NOTIFICATION_URL:
    'Square: the notification URL exactly as registered; it is part of what Square signs.',
  PAYHOOK_ADYEN_HMAC_KEYS:
    'Adyen: 64 hexadecimal characters, `live:` or `test:` may stand in front; several separated by commas.',
  PAYHOOK_STANDARD_WEBHOOKS_SECRETS:
    'Standard Webhooks: `name=whsec_…` (or `whpk_…`) of each sender, separated by commas.',
};

export const environmentPage = (): string => {
  const names = Object.keys(environmentSchemaOf(CONFIGURABLE_PROVIDERS).shape).sort();
  const rows = names.map((name) => {
    const what = WHAT[name];
    if (what === undefined) throw new Error(`the variable ${name} has no description`);
    return [code(name), isSecretVariable(name, CONFIGURABLE_PROVIDERS) ? 'yes' : '', what];
  });
  return `${[
    '# Environment',
    'Generated from the schema: `npm run docs`. Another name that begins with `PAYHOOK_` is an error, never ignored.',
    table(['Variable', 'Secret', 'What'], rows),
    'Also understood: `NO_COLOR` and `FORCE_COLOR`; on AWS the usual variables of its SDK.',
  ].join('\n\n')}\n`;
};
