/** What tables take: at most in this account, and at once in this stack. */
import { DescribeLimitsCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ATTENTION_INDEX, type AwsNames, RECEIVED_INDEX, STORED_INDEX } from '../../src/config/aws-names.ts';
import type { WarmTables, WarmUnits } from '../peak/size-peak.ts';
import type { AccountLimits } from './account-limits.ts';
import { askAws } from './ask-aws.ts';

export const tableLimits = async (options: { readonly region: string }): Promise<Partial<AccountLimits>> => {
  const { TableMaxWriteCapacityUnits: write, TableMaxReadCapacityUnits: read } = await askAws(
    'the limits of DynamoDB',
    () => new DynamoDBClient(options).send(new DescribeLimitsCommand({})),
  );
  return {
    ...(write === undefined ? {} : { writeUnits: write }),
    ...(read === undefined ? {} : { readUnits: read }),
  };
};

/** Of tables that are there. AWS raises these by itself as well, and never lowers them. */
export const warmTablesOf = async (
  options: { readonly region: string },
  { webhookTable, paymentTable }: AwsNames,
): Promise<Partial<WarmTables>> => {
  const client = new DynamoDBClient(options);
  const [webhooks, payments] = await Promise.all([webhookTable, paymentTable].map((name) => warmUnitsOf(client, name)));
  return withoutUndefined({
    webhooks: webhooks?.table,
    byReceivedAt: webhooks?.indexes.get(RECEIVED_INDEX),
    byAttention: webhooks?.indexes.get(ATTENTION_INDEX),
    payments: payments?.table,
    byStoredAt: payments?.indexes.get(STORED_INDEX),
  });
};

interface WarmThroughput {
  readonly ReadUnitsPerSecond?: number | undefined;
  readonly WriteUnitsPerSecond?: number | undefined;
}

const warmUnitsOf = async (client: DynamoDBClient, name: string) => {
  const described = await askAws(`table ${name}`, () => client.send(new DescribeTableCommand({ TableName: name })), {
    errors: ['ResourceNotFoundException'],
    otherwise: null,
  });
  if (described === null) return undefined;
  const { WarmThroughput: warm, GlobalSecondaryIndexes: indexes = [] } = described.Table ?? {};
  return {
    table: unitsOf(warm),
    indexes: new Map(indexes.map(({ IndexName: index = '', WarmThroughput: own }) => [index, unitsOf(own)])),
  };
};

const unitsOf = (warm: WarmThroughput | undefined): WarmUnits | undefined =>
  warm?.WriteUnitsPerSecond === undefined || warm.ReadUnitsPerSecond === undefined
    ? undefined
    : { write: warm.WriteUnitsPerSecond, read: warm.ReadUnitsPerSecond };

const withoutUndefined = (
  tables: {
    readonly [Name in keyof WarmTables]: WarmUnits | undefined;
  },
): Partial<WarmTables> =>
  Object.fromEntries(Object.entries(tables).filter(([, units]) => units !== undefined)) as Partial<WarmTables>;
