/** Tells when the account costs more than was planned. AWS counts some times a day: it bounds a month, not an hour. */
import { Stack } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { allowService } from '../ground/permissions.ts';
import type { StackNames } from '../ground/stack-names.ts';

export interface BudgetProps {
  readonly names: StackNames;
  readonly topic: Topic;
  /** Of the topic. */
  readonly key: Key;
  /** Of the whole account: costs are told apart by tags only where somebody has turned that on for billing. */
  readonly usdAMonth: number;
}

export class Budget extends Construct {
  constructor(scope: Construct, id: string, { names, topic, key, usdAMonth }: BudgetProps) {
    super(scope, id);
    const conditions = { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } };
    const service = 'budgets.amazonaws.com';
    allowService(topic, {
      sid: 'BudgetMayPublish',
      service,
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions,
    });
    allowService(key, { sid: 'BudgetToTopic', service, actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], conditions });
    const subscribers = [{ subscriptionType: 'SNS', address: topic.topicArn }];
    const tellAbove = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
      notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold, thresholdType: 'PERCENTAGE' },
      subscribers,
    });
    new CfnBudget(this, 'Month', {
      budget: {
        budgetName: names.budget,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: usdAMonth, unit: 'USD' },
      },
      notificationsWithSubscribers: [tellAbove('ACTUAL', 80), tellAbove('ACTUAL', 100), tellAbove('FORECASTED', 100)],
    });
  }
}
