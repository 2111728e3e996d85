/**
 * For words that are not ours before they are stored, logged or shown: what a handler threw, what a destination answered,
 * a header, an error of a library. Hides card data, and whatever has the shape of a secret.
 */
import { maskCardData } from './card-data/card-data.ts';
import type { LogFields, Logger } from './ports/logger.ts';
import { shownUrl } from './shown-url.ts';

const HIDDEN = '[hidden]';

type Rule = readonly [RegExp, string | ((match: string) => string)];

/** Shapes that nothing but a secret has, and values behind a name that says so. */
const SECRETS: readonly Rule[] = [
  [/-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,32}PRIVATE KEY-----|$)/g, HIDDEN],
  [/\b(?!file:)[a-z][a-z0-9+.-]{1,15}:\/\/[^\s"'<>`\\]+/gi, (url) => shownUrl(url)],
  [
    /\b((?:sk|rk)_(?:live|test)|whs[ek]c?|ghp|gho|xox[abprs]|sq0csp|access_token\$\w+)([_$-])[A-Za-z0-9+/=_$-]{6,}/g,
    `$1$2${HIDDEN}`,
  ],
  [/\b(Bearer|Basic)(\s{1,4})[A-Za-z0-9._~+/=-]{6,}/gi, `$1$2${HIDDEN}`],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, HIDDEN],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, HIDDEN],
  [
    /\b((?:[a-z]{1,20}[_-]?)?(?:password|passwd|secret|api[_-]?key|access[_-]?key|private[_-]?key|token|authorization)["']?\s{0,4}[:=]\s{0,4}["']?)[^\s"',;&}]{4,}/gi,
    `$1${HIDDEN}`,
  ],
];

const withoutSecrets = (text: string): string => {
  let screened = text;
  for (const [shape, shown] of SECRETS) {
    screened = typeof shown === 'string' ? screened.replace(shape, shown) : screened.replace(shape, shown);
  }
  return screened;
};

/** The text without card numbers, codes, tracks, secrets, and with nothing but the origin of its URLs. Never throws. */
export const screenText = (text: string): string => withoutSecrets(maskCardData(text));

/** The same, at most so many characters. A text of any length costs no more than a few times that. */
export const screenedText = (text: string, charsMax: number): string => {
  // Screened before it is cut: half a number or half a secret has no shape any more.
  const looked = text.slice(0, charsMax * LOOKED_AT);
  const screened = screenText(looked);
  // Where much was hidden the end of what was looked at comes into sight, and with it what was cut there.
  const kept = looked.length < text.length ? screened.slice(0, Math.max(0, screened.length - CUT_CHARS)) : screened;
  return kept.slice(0, charsMax).toWellFormed();
};

const LOOKED_AT = 4;
/** A card number with three separators between all of its digits is not longer; nor is what tells a secret. */
const CUT_CHARS = 100;

/** The fields of a log line with the words in them screened. Ids and codes are ours, or were screened before. */
export const screenedFields = (fields: LogFields): LogFields =>
  fields.message === undefined ? fields : { ...fields, message: screenText(fields.message) };

/** For code that is not ours: whatever it logs is screened, whatever it calls it. Nothing but words and numbers passes. */
export const screenedLogger = (logger: Logger): Logger => {
  const line =
    (level: 'info' | 'warn' | 'error'): Logger['info'] =>
    (event, fields) =>
      logger[level](screenText(String(event)), screenedValues(fields));
  return { info: line('info'), warn: line('warn'), error: line('error') };
};

const screenedValues = (fields: unknown): LogFields =>
  Object.fromEntries(Object.entries(fields ?? {}).map(([name, value]) => [screenText(name), screenedValue(value)]));

const screenedValue = (value: unknown): unknown => {
  if (value === undefined || value === null || typeof value === 'boolean') return value;
  const text = describe(value);
  const screened = screenText(text);
  return typeof value === 'number' && screened === text ? value : screened;
};

const describe = (value: unknown): string => {
  if (typeof value !== 'object') return String(value);
  try {
    return value instanceof Error ? `${value.name}: ${value.message}` : (JSON.stringify(value) ?? '');
  } catch {
    return 'a value that cannot be described';
  }
};
