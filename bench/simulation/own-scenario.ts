/** The peak that the configuration plans (`aws.peak`), as a scenario: from nothing to its rate in one second, until its end. */
import { describeProblems, loadConfig } from '../../src/config/load-config.ts';
import type { CompleteConfig } from '../../src/config/schema.ts';
import { PROVIDERS } from './assumptions.ts';
import type { Scenario } from './scenarios.ts';
import { plannedFor } from './stack-settings.ts';

const HOUR = 3600;
/** Later than the last retry of what the firewall refused. */
const RETRIES_SECONDS = 72 * HOUR;

/** Null where none is planned; a sentence where the configuration cannot be used. */
export const ownScenario = async (
  env: { readonly PAYHOOK_CONFIG: string | undefined },
  cwd: string,
): Promise<Scenario | string | null> => {
  const { PAYHOOK_CONFIG: path } = env;
  const loaded = await loadConfig({ env: path === undefined ? {} : { PAYHOOK_CONFIG: path }, cwd, home: 'aws' });
  if (loaded.outcome === 'invalid') return describeProblems(loaded.problems);
  const { config } = loaded.settings;
  return config.aws.peak === undefined ? null : scenarioOf(config, config.aws.peak);
};

export const scenarioOf = (
  config: CompleteConfig,
  { webhooksPerSecond, from, until }: NonNullable<CompleteConfig['aws']['peak']>,
): Scenario => {
  const seconds = Math.round((Date.parse(until) - Date.parse(from)) / 1000);
  // As it is configured: what the firewall lets through of one address is part of the plan.
  const settings = {
    ...plannedFor(webhooksPerSecond, config),
    perOtherAddress: config.edge.requestsPerSecondPerAddress,
  };
  const isHeldBack = PROVIDERS.some(
    ({ name, share, addresses }) =>
      name === 'paypal' && webhooksPerSecond * share > settings.perOtherAddress * addresses,
  );
  return {
    name: 'peak',
    title: `The planned peak: ${webhooksPerSecond.toLocaleString('en-US')}/s for ${(seconds / HOUR).toFixed(1)} hours`,
    seed: 7,
    weatherAt: (second) => ({
      arrivals: second < seconds ? webhooksPerSecond : 0,
      isDownstreamOut: false,
      isDynamodbBrown: false,
    }),
    arrivalsEnd: seconds,
    changes: [0],
    drawnSeconds: seconds + HOUR,
    runs: [{ settings, processedWithin: seconds + (isHeldBack ? RETRIES_SECONDS : HOUR), processingP99Within: 60 }],
  };
};
