/**
 * A CDK app that Payhook is a part of: in a stack of its own making, under its tags, with its alarms beside those of
 * Payhook. `npx cdk synth`, in this folder.
 */
import { join } from 'node:path';
import { App, CfnOutput, Duration, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { Payhook } from 'payhook/aws';
import config from './payhook.config.ts';

class ShopStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    const payhook = new Payhook(this, 'Payhook', {
      environmentSuffix: 'shop',
      config,
      handlers: join(import.meta.dirname, 'handlers.ts'),
    });

    const onCall = new Role(this, 'OnCall', { assumedBy: new AccountRootPrincipal() });
    payhook.grantReplay(onCall);

    new Alarm(this, 'ManyDeadLetters', {
      metric: payhook.metricDeadLetters({ period: Duration.minutes(5), statistic: 'Maximum' }),
      threshold: 100,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    });
    new CfnOutput(this, 'WebhookUrl', { value: payhook.webhookUrl });
  }
}

const app = new App();
const stack = new ShopStack(app, 'Shop', { env: { region: 'us-east-1' } });
Tags.of(stack).add('cost-centre', 'payments');
