/** Lambda's filter patterns, as far as the stack uses them: which records of a stream its function is called for. */

/** True when one of the patterns fits, or there is none. Throws for a rule that is not known here. */
export const isWanted = (patterns: readonly unknown[], record: unknown): boolean =>
  patterns.length === 0 || patterns.some((pattern) => fits(pattern, record));

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** All fields of a pattern have to fit, and of the rules of a field one. */
const fits = (pattern: unknown, value: unknown): boolean => {
  if (Array.isArray(pattern)) return pattern.some((rule) => fitsRule(rule, value));
  if (!isObject(pattern)) throw new Error(`a pattern is an object: ${JSON.stringify(pattern)}`);
  return Object.entries(pattern).every(([name, inner]) => fits(inner, isObject(value) ? value[name] : undefined));
};

const fitsRule = (rule: unknown, value: unknown): boolean => {
  if (!isObject(rule)) return rule === value;
  if (typeof rule.prefix === 'string') return typeof value === 'string' && value.startsWith(rule.prefix);
  if (typeof rule.exists === 'boolean') return (value !== undefined) === rule.exists;
  throw new Error(`a rule of a filter that is not known here: ${JSON.stringify(rule)}`);
};
