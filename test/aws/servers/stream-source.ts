/** The shards of a table's stream, read by its API; records as Lambda hands them over: bytes in base64, times in seconds. */
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record as StreamsRecord,
} from '@aws-sdk/client-dynamodb-streams';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import type { PumpedRecord } from './stream-delivery.ts';
import type { ShardSource } from './stream-pump.ts';

const asLambdaHasIt = ({ dynamodb, userIdentity, ...record }: StreamsRecord): PumpedRecord => {
  const { ApproximateCreationDateTime: at, ...rest } = dynamodb ?? {};
  const text = JSON.stringify(
    { ...record, dynamodb: { ...rest, ApproximateCreationDateTime: (at?.getTime() ?? 0) / 1000 } },
    function (this: Record<string, unknown>, name, value) {
      // A Buffer has become an object before it comes here.
      const own = this[name];
      return own instanceof Uint8Array ? Buffer.from(own).toString('base64') : value;
    },
  );
  const identity =
    userIdentity === undefined
      ? {}
      : { userIdentity: { principalId: userIdentity.PrincipalId, type: userIdentity.Type } };
  return { ...JSON.parse(text), ...identity };
};

/** From the oldest record that the stream still has on. */
export const createStreamSource = async (emulatorUrl: string, tableName: string): Promise<ShardSource> => {
  const options = emulatorClientOptions(emulatorUrl);
  const { Table: table } = await new DynamoDBClient(options).send(new DescribeTableCommand({ TableName: tableName }));
  const streamArn = table?.LatestStreamArn;
  if (streamArn === undefined) throw new Error(`table ${tableName} has no stream`);
  const client = new DynamoDBStreamsClient(options);
  const iterators = new Map<string, string>();

  const firstIterator = async (shardId: string): Promise<string> => {
    const from = { StreamArn: streamArn, ShardId: shardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    return (await client.send(new GetShardIteratorCommand(from))).ShardIterator ?? '';
  };

  return {
    async shards() {
      const { StreamDescription: stream } = await client.send(new DescribeStreamCommand({ StreamArn: streamArn }));
      return (stream?.Shards ?? []).map(({ ShardId: shardId = '', ParentShardId: parentId = null }) => ({
        shardId,
        parentId,
      }));
    },
    async read(shardId) {
      const ShardIterator = iterators.get(shardId) ?? (await firstIterator(shardId));
      const { Records: records = [], NextShardIterator: next } = await client.send(
        new GetRecordsCommand({ ShardIterator }),
      );
      if (next !== undefined) iterators.set(shardId, next);
      return { records: records.map(asLambdaHasIt), isClosed: next === undefined };
    },
  };
};
