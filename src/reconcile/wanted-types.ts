/** Which listed events become webhooks: an endpoint is subscribed to some types, and a list has them all. */
import type { ProviderMapping } from '../payments/mapping.ts';

/** Of one provider: whether an event of this type is recovered. */
export type IsWanted = (eventType: string) => boolean;

const matches = (pattern: string, eventType: string): boolean =>
  pattern.endsWith('*') ? eventType.startsWith(pattern.slice(0, -1)) : pattern === eventType;

/**
 * The patterns, where there are any. Else every type but those that are known to say nothing of payments: one that nobody has
 * heard of may be about money.
 */
export const wantedTypesOf = (
  patterns: readonly string[] | undefined,
  mapping: Pick<ProviderMapping, 'leftOut'> | undefined,
): IsWanted => {
  if (patterns !== undefined) return (eventType) => patterns.some((pattern) => matches(pattern, eventType));
  const leftOut = new Set(Object.values(mapping?.leftOut ?? {}).flat());
  return (eventType) => !leftOut.has(eventType);
};
