/** What stands in a provider's secret: `{"secrets":["…","…"]}`, in the order in which they are tried. */
import { PayhookError } from '../../../core/errors.ts';

/** Both of a rotation, and some that were left over. */
const SECRETS_MAX = 10;

export const writeSecretValues = (values: readonly string[]): string => JSON.stringify({ secrets: values });

/**
 * The values; each is checked with `check`, which says what is wrong with one or null. Throws `secrets_unavailable` with
 * one sentence that shows none of them, and no cause: the engine's error would quote the text.
 */
export const readSecretValues = (
  secretName: string,
  text: string | undefined,
  check: (value: string) => string | null,
): readonly string[] => {
  const values = valuesIn(text);
  if (values === undefined) {
    throw unusable(secretName, `does not hold {"secrets":["…"]} with at most ${SECRETS_MAX} texts`);
  }
  values.forEach((value, index) => {
    const problem = check(value);
    if (problem !== null) throw unusable(secretName, `value ${index + 1} of ${values.length} ${problem}`);
  });
  return values;
};

const unusable = (secretName: string, problem: string): PayhookError =>
  new PayhookError(
    'secrets_unavailable',
    `secret ${secretName} cannot be used: ${problem}; set it with payhook secrets set <provider>`,
  );

const valuesIn = (text: string | undefined): readonly string[] | undefined => {
  const value = parse(text ?? '');
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('secrets' in value) || !Array.isArray(value.secrets) || Object.keys(value).length !== 1) return undefined;
  const secrets: readonly unknown[] = value.secrets;
  return secrets.length <= SECRETS_MAX && secrets.every((secret) => typeof secret === 'string') ? secrets : undefined;
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Reported like a value that is JSON of another shape.
    return undefined;
  }
};
