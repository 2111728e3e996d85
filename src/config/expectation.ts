/** What a setting should have been, in words that go on after "expected". */
import type { z } from 'zod';

const NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  url: 'a URL',
  email: 'an e-mail address',
};

const named = (kind: string): string => NAMES[kind] ?? kind;

const bound = (issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, limit: string, amount: unknown): string => {
  switch (issue.origin) {
    case 'string':
      return `a text of ${limit} ${String(amount)} characters`;
    case 'array':
      return `a list of ${limit} ${String(amount)}`;
    default:
      return `${limit} ${String(amount)}`;
  }
};

/** Of an object whose kind is none that there is, in zod's words. */
const oneOf = (message: string): string => {
  const [, kinds] = /^Invalid discriminator value\. Expected (.+)$/.exec(message) ?? [];
  return kinds === undefined ? message : `one of ${kinds.replaceAll("'", '"').replaceAll(' | ', ', ')}`;
};

export const expectationOf = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return named(issue.expected);
    case 'too_small':
      return bound(issue, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return bound(issue, 'at most', issue.maximum);
    case 'invalid_format':
      return issue.format in NAMES ? named(issue.format) : issue.message;
    case 'invalid_value':
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'invalid_union':
      return oneOf(issue.message);
    default:
      return issue.message;
  }
};
