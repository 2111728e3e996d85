/** What is wrong with a secret at every provider alike: the ends of the sentence "value 2 of 3 …". Never the secret itself. */

/** Keys of other doors, which people paste by mistake: they would verify nothing, and do not belong here. */
const OTHER_KEYS: readonly (readonly [RegExp, string])[] = [
  [/^(?:sk|rk|pk)_/, 'is an API key, not a secret that webhooks are signed with'],
  [/^we_/, 'is the id of a webhook endpoint, not its signing secret (whsec_…)'],
  [
    /^(?:sq0[a-z]{3}-|EAAA)/,
    'is an access token or application secret of Square, not the signature key of a subscription',
  ],
  [/^-----BEGIN /, 'is a PEM file, not a signing secret'],
  [/^https?:/, 'is a URL, not a signing secret'],
];

const QUOTES = /^["'`“”‘’]|["'`“”‘’]$/;

export const commonProblem = (trimmed: string): string | null => {
  if (trimmed === '') return 'is empty';
  if (QUOTES.test(trimmed)) return 'stands in quotation marks: take them off';
  return OTHER_KEYS.find(([shape]) => shape.test(trimmed))?.[1] ?? null;
};

const WORDS_OF_PLACEHOLDERS = /your[_-]|[_-]here$|placeholder|change[_-]?me|replace[_-]?me|example/i;

/** Whether it was put there to be replaced: three dots, angle brackets, a word that says so, one character repeated. */
export const isPlaceholder = (secret: string): boolean => {
  const withoutPrefix = secret.replace(/^wh[a-z]+_/, '');
  const isRepeated = new Set(withoutPrefix.toLowerCase()).size < 2;
  return isRepeated || /\.\.|…|[<>{}$*]/.test(secret) || WORDS_OF_PLACEHOLDERS.test(secret);
};

/** Null when the secret has the shape; else what is wrong, and what is expected: an end of "value 2 of 3 …". */
export const shapeProblem = (
  secret: string,
  isShaped: (secret: string) => boolean,
  expected: string,
): string | null => {
  const trimmed = secret.trim();
  if (/\s/.test(trimmed)) return 'contains white space';
  const problem = commonProblem(trimmed);
  if (problem !== null) return `${problem}; expected ${expected}`;
  return isShaped(trimmed) && !isPlaceholder(trimmed) ? null : `is not ${expected}`;
};
