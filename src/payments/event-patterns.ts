/** Which types of events a handler or a destination wants: `payment.succeeded`, `refund.*`, `*`. */
import { didYouMean } from '../core/nearest-name.ts';

const GROUP = /^([a-z_]+)\.\*$/;

const matches = (pattern: string, type: string): boolean =>
  pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)));

/** Whether any of the patterns stands for the type. */
export const isWanted = (patterns: readonly string[], type: string): boolean =>
  patterns.some((pattern) => matches(pattern, type));

/** What is wrong with a pattern, as what is expected; null when it stands for at least one of the types. */
export const problemOfPattern = (pattern: string, knownTypes: readonly string[]): string | null => {
  if (knownTypes.some((type) => matches(pattern, type))) return null;
  const group = GROUP.exec(pattern)?.[1] ?? pattern.split('.')[0] ?? '';
  const ofGroup = knownTypes.filter((type) => type.startsWith(`${group}.`));
  const groups = [...new Set(knownTypes.map((type) => `${type.split('.')[0]}.*`))];
  const meant = didYouMean(pattern, [...knownTypes, ...groups]);
  if (meant !== '') return `a type of event (${meant})`;
  return ofGroup.length > 0
    ? `one of ${ofGroup.join(', ')}, or ${group}.*`
    : `a type of event such as payment.succeeded, or one of ${groups.join(', ')}, or *`;
};
