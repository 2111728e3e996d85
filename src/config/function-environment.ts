/**
 * The environment variables of the functions, in one place: the stack sets exactly these, a function that misses
 * one fails at init. Never a secret among them: signing secrets are read from Secrets Manager.
 */
import { PayhookError } from '../core/errors.ts';

const COMMON_VARIABLES = ['PAYHOOK_ENVIRONMENT_SUFFIX', 'PAYHOOK_ALERT_TOPIC_ARN'] as const;

export const FUNCTION_VARIABLES = {
  receiver: [
    ...COMMON_VARIABLES,
    'PAYHOOK_WEBHOOK_TABLE',
    'PAYHOOK_REJECTED_TABLE',
    'PAYHOOK_WORK_QUEUE_URL',
    'PAYHOOK_AUDIT_QUEUE_URL',
    'PAYHOOK_DATA_KEY_ARN',
  ],
  processor: [
    ...COMMON_VARIABLES,
    'PAYHOOK_WEBHOOK_TABLE',
    'PAYHOOK_PAYMENT_TABLE',
    'PAYHOOK_WORK_QUEUE_URL',
    'PAYHOOK_DEAD_LETTER_QUEUE_URL',
    'PAYHOOK_DESTINATION_QUEUE_URLS',
    'PAYHOOK_DATA_KEY_ARN',
  ],
  sender: [
    ...COMMON_VARIABLES,
    'PAYHOOK_WEBHOOK_TABLE',
    'PAYHOOK_PAYMENT_TABLE',
    'PAYHOOK_DESTINATION_QUEUE_URLS',
    'PAYHOOK_DESTINATION_DEAD_LETTER_QUEUE_URL',
    'PAYHOOK_DATA_KEY_ARN',
  ],
  reconciler: [...COMMON_VARIABLES, 'PAYHOOK_WEBHOOK_TABLE', 'PAYHOOK_WORK_QUEUE_URL', 'PAYHOOK_DATA_KEY_ARN'],
  auditLogger: [...COMMON_VARIABLES, 'PAYHOOK_AUDIT_TABLE', 'PAYHOOK_DIGEST_KEY_ARN', 'PAYHOOK_ARCHIVE_BUCKET'],
} as const;

export type FunctionRole = keyof typeof FUNCTION_VARIABLES;
export type CommonVariable = (typeof COMMON_VARIABLES)[number];
/** What a function has besides those of every function. */
export type OwnVariable<Role extends FunctionRole> = Exclude<(typeof FUNCTION_VARIABLES)[Role][number], CommonVariable>;
export type FunctionEnvironment<Role extends FunctionRole> = Readonly<
  Record<CommonVariable, string> & Record<OwnVariable<Role>, string>
>;

/** Read at init. Throws one `configuration_invalid` that names every variable that is missing or empty. */
export const readFunctionEnvironment = <Role extends FunctionRole>(
  role: Role,
  env: Readonly<Record<string, string | undefined>>,
): FunctionEnvironment<Role> => {
  const names: readonly string[] = FUNCTION_VARIABLES[role];
  const missing = names.filter((name) => (env[name] ?? '') === '');
  if (missing.length > 0) {
    throw new PayhookError(
      'configuration_invalid',
      `the function has no ${missing.join(', ')} in its environment: deploy the stack, which sets them`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, env[name]])) as FunctionEnvironment<Role>;
};

/** The queues of destinations, by name: `PAYHOOK_DESTINATION_QUEUE_URLS` is a JSON object. Throws `configuration_invalid`. */
export const readQueueUrls = (text: string): ReadonlyMap<string, string> => {
  try {
    const urls = Object.entries(JSON.parse(text) as Record<string, unknown>);
    if (urls.every((entry): entry is [string, string] => typeof entry[1] === 'string')) return new Map(urls);
  } catch {
    // Reported below, like JSON of another shape.
  }
  throw new PayhookError(
    'configuration_invalid',
    'PAYHOOK_DESTINATION_QUEUE_URLS of the function is no JSON object of names and URLs: deploy the stack, which sets it',
  );
};
