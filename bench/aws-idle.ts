/** What the synthesised stack holds that costs money while nothing happens. */

import type { BuiltFunctions } from '../infra/deploy/build-functions.ts';
import { addPayhook, createApp } from '../infra/payhook-app.ts';
import { configSchemaOf } from '../src/config/schema.ts';
import { LIMITS } from '../src/core/limits.ts';
import { MINUTE_MS } from '../src/core/time.ts';
import { EVENTS_APIS } from '../src/providers/events-apis.ts';
import { CONFIGURABLE_PROVIDERS } from '../src/providers/settings.ts';
import type { IdleUsage } from './aws-cost.ts';

const MINUTES_PER_MONTH = 30 * 24 * 60;

interface Resource {
  readonly Type: string;
  readonly Properties?: {
    readonly Rules?: readonly unknown[];
    readonly EventSourceArn?: unknown;
    /** Of an alarm that is computed: the metrics, and what is computed of them. */
    readonly Metrics?: readonly { readonly MetricStat?: unknown }[];
  };
}

/** An alarm is paid by the metrics that it looks at. */
const metricsOf = ({ Properties: properties }: Resource): number =>
  properties?.Metrics?.filter(({ MetricStat: metric }) => metric !== undefined).length ?? 1;

/** Of a stack for the three providers of the brief. */
export const idleUsage = (built: BuiltFunctions, outDirectory: string): IdleUsage => {
  const app = createApp(outDirectory);
  const { functions, layer } = built;
  const stack = addPayhook(app, {
    environmentSuffix: 'bench',
    config: configSchemaOf(CONFIGURABLE_PROVIDERS).parse({ providers: { stripe: {}, paypal: {}, square: {} } }),
    assets: {
      receiver: functions['webhook-receiver'],
      processor: functions['payment-processor'],
      auditLogger: functions['audit-logger'],
      sender: functions['destination-sender'],
      reconciler: functions.reconciler,
      layer,
    },
  });
  const { template } = app.synth().getStackArtifact(stack.artifactId);
  const resources: readonly Resource[] = Object.values(template.Resources);
  const count = (type: string): number => resources.filter((resource) => resource.Type === type).length;
  const acl = resources.find((resource) => resource.Type === 'AWS::WAFv2::WebACL');
  const sources = resources.filter((resource) => resource.Type === 'AWS::Lambda::EventSourceMapping');
  return {
    wafRules: acl?.Properties?.Rules?.length ?? 0,
    kmsKeys: count('AWS::KMS::Key'),
    secrets: count('AWS::SecretsManager::Secret'),
    alarmMetrics: resources
      .filter(({ Type: type }) => type === 'AWS::CloudWatch::Alarm')
      .reduce((sum, alarm) => sum + metricsOf(alarm), 0),
    dashboards: count('AWS::CloudWatch::Dashboard'),
    polledQueues: sources.filter(({ Properties: properties }) => JSON.stringify(properties).includes('Queue')).length,
    scheduledRunsPerMonth: MINUTES_PER_MONTH,
    reconciler: {
      rounds: (MINUTES_PER_MONTH * MINUTE_MS) / LIMITS.reconcileEveryMs,
      lists: EVENTS_APIS.length,
      looks: (MINUTES_PER_MONTH * MINUTE_MS) / LIMITS.endpointsEveryMs,
    },
  };
};
