/**
 * Reads a DynamoDB stream and calls a function with it as an event source mapping of Lambda does: shards side by side and
 * each in its order, parents before their children, filters, parallelisation by key, and a bucket for what it gives up on.
 */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type DeliveryRules, deliver, type GivenUp, type Invoked, type PumpedRecord } from './stream-delivery.ts';
import { isWanted } from './stream-filters.ts';

export interface StreamMapping extends DeliveryRules {
  readonly batchSize: number;
  /** Batches of one shard at a time; records of one key never beside each other. */
  readonly parallelizationFactor: number;
  /** Patterns, of which one has to fit. */
  readonly filters: readonly unknown[];
}

export interface Shard {
  readonly shardId: string;
  readonly parentId: string | null;
}

export interface ShardSource {
  shards(): Promise<readonly Shard[]>;
  /** What is new in the shard since the last call; `isClosed`: nothing will ever be. */
  read(shardId: string): Promise<{ readonly records: readonly PumpedRecord[]; readonly isClosed: boolean }>;
}

export interface StreamPumpDeps {
  readonly mapping: StreamMapping;
  readonly source: ShardSource;
  readonly invoke: (records: readonly PumpedRecord[]) => Promise<Invoked>;
  /** Keeps what Lambda writes into the bucket of its failure destination. */
  readonly keepFailure: (key: string, text: string) => Promise<void>;
  /** @default the clock of the machine */
  readonly now?: () => number;
  /** Between two tries. @default 20 ms */
  readonly pause?: () => Promise<void>;
}

export interface StreamPump extends AsyncDisposable {
  /** Batches that were given up so far. */
  readonly givenUp: readonly GivenUp[];
  /** Reads what there is once, and resolves when all of it has ended. One call at a time. */
  pumpOnce(): Promise<void>;
  /** Goes on reading until it is disposed of. */
  start(): void;
}

const POLL_MS = 50;
const RETRY_PAUSE_MS = 20;
const MAPPING_UUID = '00000000-0000-4000-8000-000000000000';

export const createStreamPump = (deps: StreamPumpDeps): StreamPump => {
  const { mapping, source, now = Date.now } = deps;
  const givenUp: GivenUp[] = [];
  const closed = new Set<string>();
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  const giveUp = (shardId: string) => async (failure: GivenUp) => {
    await deps.keepFailure(keyOf(shardId, now()), textOf(shardId, failure, now()));
    givenUp.push(failure);
  };

  const pumpShard = async (shardId: string): Promise<void> => {
    const { records, isClosed } = await source.read(shardId);
    const wanted = records.filter((record) => isWanted(mapping.filters, record));
    const lanes = Map.groupBy(wanted, (record) => laneOf(record, mapping.parallelizationFactor));
    const deliverAll = async (lane: readonly PumpedRecord[]): Promise<void> => {
      for (let first = 0; first < lane.length; first += mapping.batchSize) {
        const how = { ...deps, now, giveUp: giveUp(shardId), pause: deps.pause ?? (() => pause(RETRY_PAUSE_MS)) };
        await deliver(mapping, how, lane.slice(first, first + mapping.batchSize));
      }
    };
    await Promise.all([...lanes.values()].map(deliverAll));
    if (isClosed) closed.add(shardId);
  };

  const pumpOnce = async (): Promise<void> => {
    const shards = await source.shards();
    const ids = new Set(shards.map(({ shardId }) => shardId));
    const isReady = ({ shardId, parentId }: Shard): boolean =>
      !closed.has(shardId) && (parentId === null || !ids.has(parentId) || closed.has(parentId));
    await Promise.all(shards.filter(isReady).map(({ shardId }) => pumpShard(shardId)));
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await pumpOnce();
      await pause(POLL_MS);
    }
  };

  return {
    givenUp,
    pumpOnce,
    start: () => {
      running = run();
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
    },
  };
};

/** By the partition key: the first of the keys. */
const laneOf = ({ dynamodb }: PumpedRecord, factor: number): number => {
  const [key] = Object.values(dynamodb.Keys ?? {});
  return (
    (createHash('sha256')
      .update(JSON.stringify(key ?? null))
      .digest()[0] ?? 0) % factor
  );
};

const isoOf = (ms: number): string => new Date(ms).toISOString();

const keyOf = (shardId: string, now: number): string =>
  `aws/lambda/${MAPPING_UUID}/${shardId}/${isoOf(now).slice(0, 19).replaceAll(':', '.')}-${randomUUID()}`;

/** With S3 as the destination the event stands in it, as a text. */
const textOf = (shardId: string, { records, condition, invokeCount }: GivenUp, now: number): string => {
  const [first, last] = [records.at(0)?.dynamodb, records.at(-1)?.dynamodb];
  const arrival = (seconds = 0): string => isoOf(seconds * 1000);
  return JSON.stringify({
    requestContext: { requestId: randomUUID(), condition, approximateInvokeCount: invokeCount },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: isoOf(now),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first?.SequenceNumber,
      endSequenceNumber: last?.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first?.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: arrival(last?.ApproximateCreationDateTime),
      batchSize: records.length,
    },
    payload: JSON.stringify({ Records: records }),
  });
};
