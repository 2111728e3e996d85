/** What stands below all stages: keys, alerts, the shared layer, and how the stack is made. */
import type { Construct } from 'constructs';
import { type KnownProvider, PROVIDERS } from '../../src/providers/providers.ts';
import type { PreparedPayhook } from '../payhook-props.ts';
import type { PeakPlan } from '../peak/plan-peak.ts';
import { AlertTopic } from '../watch/alert-topic.ts';
import { Keys } from './keys.ts';
import { createSharedLayer, type FunctionCommon } from './payhook-function.ts';
import { createDeadLetterQueue } from './queue.ts';
import type { Retention } from './retention.ts';
import type { StackNames } from './stack-names.ts';

export interface Ground {
  readonly config: PreparedPayhook['config'];
  readonly knownProviders: readonly KnownProvider[];
  /** Of those that are configured. */
  readonly providerNames: readonly string[];
  readonly keys: Keys;
  readonly alertTopic: AlertTopic;
  readonly common: FunctionCommon;
  readonly peak: PeakPlan | undefined;
}

export const addGround = (
  scope: Construct,
  { config, assets, peak, knownProviders = PROVIDERS }: PreparedPayhook,
  names: StackNames,
  retention: Retention,
): Ground => {
  const keys = new Keys(scope, 'Keys', { names, retention });
  const key = keys.data;
  const alertKey = keys.alerts;
  const alertTopic = new AlertTopic(scope, 'AlertTopic', {
    names,
    key: alertKey,
    emails: config.aws.alarmEmails,
    isTraced: config.aws.areAlertsTraced,
  });
  const failureQueue = createDeadLetterQueue(scope, 'InvocationFailures', { name: names.failureQueue, key: alertKey });
  const layer = createSharedLayer(scope, 'SharedLayer', { names, assetDirectory: assets.layer });
  return {
    config,
    knownProviders,
    providerNames: Object.keys(config.providers),
    keys,
    alertTopic,
    peak,
    common: {
      names,
      key,
      alertKey,
      retention,
      warmTables: peak?.size.tables,
      layer,
      failureQueue,
      alertTopic: alertTopic.topic,
      assets,
      reservedConcurrency: config.aws.reservedConcurrency === false ? {} : config.aws.reservedConcurrency,
    },
  };
};
