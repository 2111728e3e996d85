/** Checks the configured destinations against the secrets in the environment. */
import { LIMITS } from '../core/limits.ts';
import type { ConfigProblem } from './config-problem.ts';
import { DESTINATION_SECRETS_VARIABLE } from './environment.ts';
import type { CompleteConfig } from './schema.ts';

/** A name that stands there twice has two secrets. */
export const groupDestinationSecrets = (
  pairs: readonly (readonly [string, string])[],
): ReadonlyMap<string, readonly string[]> => {
  const groups = new Map<string, string[]>();
  for (const [name, secret] of pairs) groups.set(name, [...(groups.get(name) ?? []), secret]);
  return groups;
};

/** What the schema cannot tell: the configuration and the environment have to fit each other. */
export const checkDestinations = (
  config: CompleteConfig,
  secrets: ReadonlyMap<string, readonly string[]>,
  { home, where }: { readonly home: 'local' | 'aws'; readonly where: string },
  problems: ConfigProblem[],
): void => {
  const names = Object.keys(config.destinations);
  if (names.length > LIMITS.destinationsMax) {
    problems.push({
      where: `setting destinations in ${where}`,
      found: `${names.length} destinations`,
      expected: `at most ${LIMITS.destinationsMax}`,
    });
  }
  const signed = names.filter((name) => config.destinations[name]?.kind === 'http');
  for (const name of secrets.keys()) {
    if (signed.includes(name)) continue;
    problems.push({
      where: `environment variable ${DESTINATION_SECRETS_VARIABLE}`,
      found: `a secret for ${name}`,
      expected: `the name of an http destination in ${where}${signed.length === 0 ? ', of which there is none' : `: ${signed.join(', ')}`}`,
    });
  }
  if (config.mode !== 'live' || home !== 'local') return;
  for (const name of signed.filter((one) => !secrets.has(one))) {
    problems.push({
      where: `environment variable ${DESTINATION_SECRETS_VARIABLE}`,
      found: `no secret for ${name}`,
      expected: `in mode live every http destination needs its own: ${name}=whsec_…, several separated by commas`,
    });
  }
};
