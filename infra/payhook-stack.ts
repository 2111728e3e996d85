/** The AWS home as a stack of its own, which `npm run deploy` deploys. */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { retentionOf } from './ground/retention.ts';
import { stackNames } from './ground/stack-names.ts';
import { Payhook } from './payhook.ts';
import type { PreparedPayhook } from './payhook-props.ts';

/** The output with the address that providers call. */
export const WEBHOOK_URL_OUTPUT = 'WebhookUrl';

export class PayhookStack extends Stack {
  readonly payhook: Payhook;

  constructor(scope: Construct, props: PreparedPayhook) {
    const names = stackNames(props.environmentSuffix);
    super(scope, names.stack, {
      stackName: names.stack,
      description: 'Payhook: receives, verifies, stores, processes and audits payment webhooks',
      // The account is left open: the template is the same for every account, and nothing is asked of AWS to make it.
      env: { region: props.config.aws.region },
      terminationProtection: retentionOf(props.config.aws.retention, props.isFirstDeployment).isProtected,
    });
    // `Default` is no part of logical ids: those of stacks that are deployed stay.
    this.payhook = new Payhook(this, 'Default', props);
    new CfnOutput(this, WEBHOOK_URL_OUTPUT, {
      value: this.payhook.webhookUrl,
      description: 'Providers call this address, followed by / and their name',
    });
    const { domainTarget } = this.payhook;
    if (domainTarget !== undefined) {
      new CfnOutput(this, 'DomainTarget', {
        value: domainTarget,
        description: 'Where the domain has to lead: a CNAME of its name, or an alias in Route 53',
      });
    }
  }
}
