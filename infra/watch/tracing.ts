/**
 * How much X-Ray records. Without a rule of its own it would be 5 of 100, which at full rate costs more than receiving.
 * What functions do inside they tell by themselves (`src/adapters/aws/tracing/`): X-Ray's SDK costs time at every start.
 */
import { CfnSamplingRule } from 'aws-cdk-lib/aws-xray';
import type { Construct } from 'constructs';
import type { StackNames } from '../ground/stack-names.ts';

export interface TraceSamplingProps {
  readonly names: StackNames;
  /** Part of the deliveries that are recorded, besides one each second. */
  readonly sampledRatio: number;
}

/** Decided once, at the API: the functions and queues behind it follow. */
export const createTraceSampling = (scope: Construct, id: string, { names, sampledRatio }: TraceSamplingProps) =>
  new CfnSamplingRule(scope, id, {
    samplingRule: {
      version: 1,
      ruleName: names.rule('tracing'),
      priority: 100,
      reservoirSize: 1,
      fixedRate: sampledRatio,
      serviceName: `${names.api}/${names.stage}`,
      serviceType: 'AWS::ApiGateway::Stage',
      host: '*',
      httpMethod: '*',
      urlPath: '*',
      resourceArn: '*',
    },
  });
