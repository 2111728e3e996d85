/**
 * Runs: audit entries as they were appended, many to an item. A run is written once, behind the newest one, or not at
 * all; that alone gives every entry its position, without gaps, whoever appends at the same time.
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { AuditEntry, ChainLink, LinkedEntry } from '../../core/audit.ts';
import { PayhookError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { isAwsError } from './aws-errors.ts';
import { storeError } from './dynamodb-errors.ts';
import { bytes, type Item, number, numberOf, text } from './dynamodb-webhook-items.ts';

export interface DynamodbAuditRunsDeps {
  readonly client: DynamoDBClient;
  readonly auditTable: string;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

/** The end of a chain that belongs to no webhook, and the run that holds its last entry. */
export interface ChainEnd extends ChainLink {
  readonly run: number;
}

export interface AuditRunItem {
  readonly firstPosition: number;
  readonly lastPosition: number;
  readonly createdAt: EpochMs;
  readonly entries: readonly AuditEntry[];
  /** The few chains that belong to no webhook, as they end after this run; carried on from run to run. */
  readonly ends: ReadonlyMap<string, ChainEnd>;
}

/** What is to be appended: entries, and the ends of chains that move with them. */
export interface PendingRun {
  readonly entries: readonly LinkedEntry[];
  readonly ends: ReadonlyMap<string, ChainLink>;
}

export interface DynamodbAuditRuns {
  newest(): Promise<AuditRunItem | undefined>;
  /** The run that holds this position, or the newest one before it. */
  at(position: number): Promise<AuditRunItem | undefined>;
  /** Runs that begin after this position, ascending, at most `limit`. */
  after(position: number, limit: number): Promise<readonly AuditRunItem[]>;
  /** Appends what `make` says should follow the newest run; asks again when somebody else was faster. */
  append(make: (newest: AuditRunItem | undefined) => PendingRun): Promise<void>;
}

const RUNS = 'runs';
/** Entries of one run: with texts of some 400 bytes they stay far below the 400 KB of an item, compressed or not. */
export const RUN_ENTRIES_MAX = 500;
/** Chains that belong to no webhook: rejections, operators, home and the like. */
const CHAIN_ENDS_MAX = 16;
/** Appenders that race each win once: far more of them than there are shards of the stream. */
const APPEND_TRIES_MAX = 60;
const APPEND_PAUSE_MS = 20;
const RUN_BYTES_MAX = 16 * 1024 * 1024;

export const createDynamodbAuditRuns = (deps: DynamodbAuditRunsDeps): DynamodbAuditRuns => {
  const { client, auditTable } = deps;
  const failed = storeError(auditTable, 'audit_unavailable');

  const query = async (condition: string, position: number, isAscending: boolean, limit: number) => {
    const { Items: items = [] } = await client
      .send(
        new QueryCommand({
          TableName: auditTable,
          KeyConditionExpression: `#part = :runs AND #number ${condition} :position`,
          ExpressionAttributeNames: { '#part': 'part', '#number': 'number' },
          ExpressionAttributeValues: { ':runs': text(RUNS), ':position': number(position) },
          ConsistentRead: true,
          ScanIndexForward: isAscending,
          Limit: limit,
        }),
      )
      .catch(failed);
    return items.map(runOf);
  };
  const newest = async () => (await query('>', 0, false, 1))[0];

  /** False when the place was taken by somebody else. */
  const put = async (item: Item): Promise<boolean> => {
    try {
      await client.send(
        new PutItemCommand({
          TableName: auditTable,
          Item: item,
          ConditionExpression: 'attribute_not_exists(part)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return true;
    } catch (error) {
      if (!isAwsError(error, 'ConditionalCheckFailedException')) return failed(error);
      // Our own run, when an answer was lost and the call repeated itself.
      return (error as { Item?: Item }).Item?.token?.S === item.token?.S;
    }
  };

  const appendNow = async (make: (newest: AuditRunItem | undefined) => PendingRun): Promise<void> => {
    for (let tries = 1; tries <= APPEND_TRIES_MAX; tries += 1) {
      const last = await newest();
      const pending = make(last);
      if (pending.entries.length === 0) return;
      if (await put(itemOf(deps, pending, last))) return;
      await pause(deps.randomness.fraction() * APPEND_PAUSE_MS * Math.min(tries, 10));
    }
    throw new PayhookError(
      'audit_unavailable',
      `table ${auditTable} took no audit entries in ${APPEND_TRIES_MAX} tries: others append all the time; try again`,
    );
  };

  // One at a time in this process: appends that race each other here would only cost calls.
  let last: Promise<void> = Promise.resolve();
  return {
    newest,
    at: async (position) => (await query('<=', position, false, 1))[0],
    after: (position, limit) => query('>', position, true, limit),
    append(make) {
      const appended = last.then(() => appendNow(make));
      last = appended.catch(() => undefined);
      return appended;
    },
  };
};

type PackedEntry = readonly [chainId: string, text: string, hash: string];

const itemOf = (
  { clock, randomness }: DynamodbAuditRunsDeps,
  { entries, ends }: PendingRun,
  last: AuditRunItem | undefined,
): Item => {
  assert(entries.length <= RUN_ENTRIES_MAX, `a run holds at most ${RUN_ENTRIES_MAX} entries`);
  const firstPosition = (last?.lastPosition ?? 0) + 1;
  const moved = [...ends].map(([chainId, link]): [string, ChainEnd] => [chainId, { ...link, run: firstPosition }]);
  const allEnds = new Map([...(last?.ends ?? []), ...moved]);
  assert(allEnds.size <= CHAIN_ENDS_MAX, `at most ${CHAIN_ENDS_MAX} chains belong to no webhook`);
  const packed = entries.map(({ chainId, text: entryText, hash }): PackedEntry => [chainId, entryText, hash]);
  return {
    part: text(RUNS),
    number: number(firstPosition),
    lastPosition: number(firstPosition + entries.length - 1),
    createdAt: number(clock.now()),
    entries: bytes(zstdCompressSync(JSON.stringify(packed))),
    token: text(randomness.id()),
    ends: text(JSON.stringify([...allEnds])),
  };
};

const runOf = (item: Item): AuditRunItem => {
  const firstPosition = numberOf(item, 'number');
  const lastPosition = numberOf(item, 'lastPosition');
  const packed = item.entries?.B;
  assert(firstPosition !== undefined && lastPosition !== undefined && packed !== undefined, 'a run is whole');
  const unpacked: readonly PackedEntry[] = JSON.parse(
    zstdDecompressSync(packed, { maxOutputLength: RUN_BYTES_MAX }).toString('utf8'),
  );
  return {
    firstPosition,
    lastPosition,
    createdAt: numberOf(item, 'createdAt') ?? 0,
    entries: unpacked.map(([chainId, entryText, hash], index) => ({
      position: firstPosition + index,
      chainId,
      text: entryText,
      hash,
    })),
    ends: new Map(JSON.parse(item.ends?.S ?? '[]') as [string, ChainEnd][]),
  };
};
