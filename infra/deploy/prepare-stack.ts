/** Everything the stack is made from, checked before anything is made: suffix, region, configuration, built functions. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { problemOfSuffix } from '../../src/config/aws-names.ts';
import { problemsOnAws } from '../../src/config/baked-settings.ts';
import type { ConfigProblem } from '../../src/config/config-problem.ts';
import type { PayhookConfig } from '../../src/config/define-config.ts';
import { describeProblems, loadConfig, type Settings } from '../../src/config/load-config.ts';
import type { CompleteConfig } from '../../src/config/schema.ts';
import { senderExecutionsOf } from '../../src/config/sender-executions.ts';
import { DAY_MS } from '../../src/core/time.ts';
import { PROVIDERS } from '../../src/providers/providers.ts';
import type { PayhookAssets, PreparedPayhook } from '../payhook-props.ts';
import { describePeak } from '../peak/describe-peak.ts';
import { planPeak, withRoomFor } from '../peak/plan-peak.ts';
import type { WarmTables } from '../peak/size-peak.ts';
import { askedOf, DEFAULT_LIMITS, limitsExceeded } from './account-limits.ts';

/** The queue of a destination with this name would have the name of the dead-letter queue of all destinations. */
const RESERVED_NAME = 'dead-letters';

/** Providers announce new addresses some days or weeks before. */
const ADDRESS_LIST_AGE_MS = 365 * DAY_MS;

export interface PrepareInput {
  /** As it came from outside. */
  readonly environmentSuffix: unknown;
  /** Only `PAYHOOK_CONFIG` and `CDK_DEFAULT_REGION` are looked at: secrets in the environment are none of the stack's business. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Instead of a configuration file. @default the file is read */
  readonly config?: PayhookConfig;
  /** Where `npm run build:functions` put the functions. */
  readonly buildDirectory: string;
  /** Tells a peak that comes from one that is over. */
  readonly now: number;
}

export type Prepared =
  | {
      readonly outcome: 'ready';
      readonly props: PreparedPayhook;
      /** What whoever deploys should know, a sentence or a line each. */
      readonly notes: readonly string[];
    }
  | { readonly outcome: 'refused'; readonly message: string };

const refused = (message: string): Prepared => ({ outcome: 'refused', message });

/** Loads the configuration module. Never throws for what a user wrote; `message` says what to do. */
export const prepareStack = async (input: PrepareInput): Promise<Prepared> => {
  const { environmentSuffix, env, cwd, buildDirectory, now } = input;
  if (typeof environmentSuffix !== 'string' || environmentSuffix === '') {
    return refused(
      'the environment suffix is missing: npm run deploy -- dev, or cdk deploy -c environmentSuffix=dev; it ends every name, so that several stacks fit into one account',
    );
  }
  const problem = problemOfSuffix(environmentSuffix);
  if (problem !== null) return refused(problem);

  const { PAYHOOK_CONFIG } = env;
  const named = PAYHOOK_CONFIG === undefined ? {} : { PAYHOOK_CONFIG };
  const loaded = await loadConfig({ env: named, cwd, home: 'aws', config: input.config });
  if (loaded.outcome === 'invalid') return refused(describeProblems(loaded.problems));
  const wrongRegion = problemOfRegion(loaded.settings.config.aws.region, env.CDK_DEFAULT_REGION);
  if (wrongRegion !== null) return refused(wrongRegion);
  const problems = [
    ...problemsOnAws(loaded.settings),
    ...problemsOfConcurrency(loaded.settings),
    ...problemsOfPeak(loaded.settings, now),
    ...problemsOfDestinations(loaded.settings),
    ...problemsOfAlarms(loaded.settings),
  ];
  if (problems.length > 0) return refused(describeProblems(problems));

  const assets: PayhookAssets = {
    receiver: join(buildDirectory, 'lambda', 'webhook-receiver'),
    processor: join(buildDirectory, 'lambda', 'payment-processor'),
    auditLogger: join(buildDirectory, 'lambda', 'audit-logger'),
    sender: join(buildDirectory, 'lambda', 'destination-sender'),
    reconciler: join(buildDirectory, 'lambda', 'reconciler'),
    layer: join(buildDirectory, 'layer'),
  };
  if (!Object.values(assets).every((path) => existsSync(path))) {
    return refused(`the functions are not built (nothing in ${buildDirectory}): run npm run build:functions first`);
  }
  const { config } = loaded.settings;
  const planned = planPeak(config.aws.peak, now);
  const props =
    planned.outcome === 'planned'
      ? { environmentSuffix, assets, config: withRoomFor(config, planned.plan.size), peak: planned.plan }
      : { environmentSuffix, assets, config };
  return {
    outcome: 'ready',
    props,
    notes: [
      ...(planned.outcome === 'over'
        ? [
            `the peak in aws.peak is over since ${planned.until.toISOString()}, and nothing is deployed for it: take it out`,
          ]
        : []),
      ...oldAddressLists(config, now),
      ...limitsExceeded(askedOf(props), DEFAULT_LIMITS, 'an account by default'),
    ],
  };
};

/** A provider that sends from a new address is slowed down, and nobody but a new release changes the list. */
const oldAddressLists = ({ providers }: CompleteConfig, now: number): readonly string[] =>
  PROVIDERS.filter(
    ({ name, publishedAddresses: { addresses, asOf } }) =>
      name in providers && addresses.length > 0 && now - Date.parse(`${asOf}-01`) > ADDRESS_LIST_AGE_MS,
  ).map(
    ({ title, publishedAddresses: { asOf, source } }) =>
      `the addresses that ${title} publishes are known as of ${asOf}: compare them with ${source}; from others it is held to edge.requestsPerSecondPerAddress`,
  );

/** What is only true of some providers: addresses that nobody publishes are held to the rate of strangers. */
export const describePlannedPeak = (
  { config, peak }: PreparedPayhook,
  already?: Partial<WarmTables>,
): readonly string[] => {
  const { reservedConcurrency: executions } = config.aws;
  if (peak === undefined || executions === false) return [];
  const unpublished = PROVIDERS.filter(
    ({ name, publishedAddresses }) => name in config.providers && publishedAddresses.addresses.length === 0,
  ).map(({ name }) => name);
  return describePeak(peak, { unpublished, executions, perAddress: config.edge.requestsPerSecondPerAddress }, already);
};

/** Two places say where; where they differ, somebody means another one than the other. */
export const problemOfRegion = (region: string, configured: string | undefined): string | null =>
  configured === undefined || configured === '' || configured === region
    ? null
    : `aws.region is ${region}, and your AWS configuration says ${configured}: set AWS_REGION=${region} for this command, or aws.region in payhook.config.ts`;

const problemsOfConcurrency = ({ config, configPath }: Settings): readonly ConfigProblem[] => {
  const { reservedConcurrency, provisionedConcurrency } = config.aws;
  if (reservedConcurrency === false || provisionedConcurrency <= reservedConcurrency.receiver) return [];
  return [
    {
      where: `setting aws.provisionedConcurrency in ${configPath ?? 'the defaults'}`,
      found: String(provisionedConcurrency),
      expected: `at most aws.reservedConcurrency.receiver, which is ${reservedConcurrency.receiver}: what is kept warm comes out of what is set aside`,
    },
  ];
};

const problemsOfPeak = ({ config, configPath }: Settings, now: number): readonly ConfigProblem[] => {
  const planned = planPeak(config.aws.peak, now);
  if (planned.outcome === 'none' || planned.outcome === 'over') return [];
  const where = (setting: string): string => `setting ${setting} in ${configPath ?? 'the defaults'}`;
  if (planned.outcome === 'ending') {
    return [
      {
        where: where('aws.peak.until'),
        found: planned.until.toISOString(),
        expected:
          'more than an hour from now: AWS takes no schedule for what is past when a deployment comes to it; deploy after the peak',
      },
    ];
  }
  if (config.aws.reservedConcurrency !== false) return [];
  return [
    {
      where: where('aws.reservedConcurrency'),
      found: 'false, and aws.peak',
      expected: 'executions that are set aside: without them a peak has what the account has left over',
    },
  ];
};

/** Whether alarms of this stack reach nobody that we know of. */
export const isNobodyTold = ({ aws }: Pick<CompleteConfig, 'aws'>): boolean =>
  aws.alarmEmails.length === 0 && !aws.areAlarmsSubscribedElsewhere;

const problemsOfAlarms = ({ config, configPath }: Settings): readonly ConfigProblem[] => {
  if (!isNobodyTold(config) || (config.mode !== 'live' && config.aws.retention !== 'regulated')) return [];
  return [
    {
      where: `setting aws.alarmEmails in ${configPath ?? 'the defaults'}`,
      found: 'nobody',
      expected:
        'somebody who is told about alarms, because this is about real payments; or aws.areAlarmsSubscribedElsewhere: true where a chat or a pager is subscribed to the topic',
    },
  ];
};

/** What the schema cannot tell, because it is so on AWS only. */
const problemsOfDestinations = ({ config, destinations, configPath }: Settings): readonly ConfigProblem[] => {
  const where = (setting: string): string => `setting ${setting} in ${configPath ?? 'the defaults'}`;
  const problems: ConfigProblem[] = [];
  if (destinations.some(({ name }) => name === RESERVED_NAME)) {
    problems.push({
      where: where(`destinations.${RESERVED_NAME}`),
      found: `the name ${RESERVED_NAME}`,
      expected: 'another name on AWS: a queue of the stack is called so',
    });
  }
  const buses = destinations.filter(({ kind }) => kind === 'eventbridge').map(({ name }) => name);
  if (buses.length > 1) {
    problems.push({
      where: where('destinations'),
      found: `${buses.join(' and ')} of kind eventbridge`,
      expected: 'one: a stack has one bus, and rules on it choose among the events',
    });
  }
  const { reservedConcurrency } = config.aws;
  const wanted = destinations.reduce((sum, destination) => sum + senderExecutionsOf(destination), 0);
  if (reservedConcurrency !== false && wanted > reservedConcurrency.sender) {
    problems.push({
      where: where('aws.reservedConcurrency.sender'),
      found: String(reservedConcurrency.sender),
      expected: `at least ${wanted}, which the destinations may use together: ${destinations
        .map((destination) => `${destination.name} ${senderExecutionsOf(destination)}`)
        .join(', ')}; or a lower concurrencyMax`,
    });
  }
  return problems;
};
