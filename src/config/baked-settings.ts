/**
 * The configuration as the functions on AWS carry it: read and checked once, when they are built, and put into their
 * bundles. A function reads no configuration file and finds nothing out at run time.
 */
import { askingSettings } from './asked-apis.ts';
import type { ConfigProblem } from './config-problem.ts';
import type { ReconcileSettings } from './event-sources.ts';
import type { Settings } from './load-config.ts';

export interface BakedSettings
  extends Pick<Settings, 'retentionMs' | 'rejectedKeptForMs' | 'retryPolicy' | 'destinations' | 'askedApis'> {
  readonly mode: 'live' | 'test' | null;
  /** The configured providers, each with settings of its own type. */
  readonly providers: readonly { readonly name: string; readonly settings: unknown }[];
  readonly handlerMsMax: number;
  /** Of reconciliation: which lists, and what of them. */
  readonly reconcile: Pick<
    ReconcileSettings,
    'accounts' | 'apiUrls' | 'areThinEventsListed' | 'endpointUrls' | 'eventTypes'
  >;
}

/** The processor may run 5 minutes; what is left after a handler writes the outcome. */
const HANDLER_MS_MAX = 270_000;

/** What the AWS home cannot do of what the configuration asks; empty when it can do everything. */
export const problemsOnAws = ({ config, configPath, askedApis }: Settings): readonly ConfigProblem[] => {
  const where = (setting: string): string => `setting ${setting} in ${configPath ?? 'the defaults'}`;
  const problems: ConfigProblem[] = [];
  if (config.processing.handlerMsMax > HANDLER_MS_MAX) {
    problems.push({
      where: where('processing.handlerMsMax'),
      found: String(config.processing.handlerMsMax),
      expected: `at most ${HANDLER_MS_MAX} on AWS: the processor is stopped after 5 minutes`,
    });
  }
  const { region, domain } = config.aws;
  if (domain !== undefined && domain.certificateArn.split(':')[3] !== region) {
    problems.push({
      where: where('aws.domain.certificateArn'),
      found: domain.certificateArn,
      expected: `a certificate in ${region}, where the stack is`,
    });
  }
  const [asking] = askingSettings(askedApis);
  if (!config.reconcile.isAutomatic && asking !== undefined) {
    problems.push({
      where: where('reconcile.isAutomatic'),
      found: `false, and ${asking.setting}`,
      expected: 'true: that takes the credential of the function reconciler, which is not deployed otherwise',
    });
  }
  for (const provider of Object.keys(config.aws.silenceAlarmHours)) {
    if (provider in config.providers) continue;
    problems.push({
      where: where(`aws.silenceAlarmHours.${provider}`),
      found: 'a provider that is not configured',
      expected: `one of ${Object.keys(config.providers).join(', ')}`,
    });
  }
  return problems;
};

const reconcileOf = (settings: ReconcileSettings): BakedSettings['reconcile'] => {
  const { accounts, apiUrls, areThinEventsListed, endpointUrls, eventTypes } = settings;
  return { accounts, apiUrls, areThinEventsListed, endpointUrls, eventTypes };
};

export const bakeSettings = ({
  config,
  providerSettings,
  retentionMs,
  rejectedKeptForMs,
  retryPolicy,
  destinations,
  askedApis,
}: Settings): BakedSettings => ({
  mode: config.mode ?? null,
  providers: [...providerSettings].map(([name, settings]) => ({ name, settings })),
  retentionMs,
  rejectedKeptForMs,
  retryPolicy,
  handlerMsMax: config.processing.handlerMsMax,
  reconcile: reconcileOf(config.reconcile),
  destinations,
  askedApis,
});
