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
import { bytes, type Item, number, requiredBytes, requiredNumber, text, textOf } from './dynamodb-values.ts';

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

/** What is to be appended: entries as `packEntries` packed them, and the ends of chains that move with them. */
export interface PendingRun {
  readonly packed: PackedEntries;
  readonly ends: ReadonlyMap<string, ChainLink>;
}

export interface PackedEntries {
  readonly count: number;
  readonly bytes: Uint8Array;
}

export interface DynamodbAuditRuns {
  newest(): Promise<AuditRunItem | undefined>;
  /** The run that holds this position, or the newest one before it. */
  at(position: number): Promise<AuditRunItem | undefined>;
  /** Runs that begin after this position, ascending, at most `limit`. */
  after(position: number, limit: number): Promise<readonly AuditRunItem[]>;
  /** First position of the first run that was appended at or after the instant; where the next run begins if none was. */
  firstSince(instant: EpochMs): Promise<number>;
  /** Appends what `make` says should follow the newest run; asks again when somebody else was faster. */
  append(make: (newest: AuditRunItem | undefined) => PendingRun): Promise<void>;
}

const RUNS = 'runs';
/** Entries of one run: a batch of the stream makes at most two hundred. */
export const RUN_ENTRIES_MAX = 500;
/** An item holds 400 KB with its other attributes. Entries compress to a third: almost always the number is the limit. */
const PACKED_BYTES_MAX = 300 * 1024;
/** Of the entries before compression; more is not unpacked, so more is not packed. */
const UNPACKED_BYTES_MAX = 16 * 1024 * 1024;
/** Chains that belong to no webhook: rejections, operators, home and the like. */
const CHAIN_ENDS_MAX = 16;
/** Appenders that race each win once: far more of them than there are shards of the stream. */
const APPEND_TRIES_MAX = 60;
const APPEND_PAUSE_MS = 20;

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
    return items.map((item) => runOf(auditTable, item));
  };
  const newest = async () => (await query('>', 0, false, 1))[0];
  const at = async (position: number) => (await query('<=', position, false, 1))[0];

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
      if (await put(itemOf(deps, make(last), last))) return;
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
    at,
    async firstSince(instant) {
      let low = 1;
      let high = ((await newest())?.lastPosition ?? 0) + 1;
      while (low < high) {
        const run = await at(Math.floor((low + high) / 2));
        if (run === undefined) return low;
        if (run.createdAt < instant) low = Math.max(low + 1, run.lastPosition + 1);
        else high = run.firstPosition;
      }
      return low;
    },
    after: (position, limit) => query('>', position, true, limit),
    append(make) {
      const appended = last.then(() => appendNow(make));
      last = appended.catch(() => undefined);
      return appended;
    },
  };
};

type PackedEntry = readonly [chainId: string, text: string, hash: string];

/** The entries as a run holds them; undefined when they are too many or too large for one run. */
export const packEntries = (entries: readonly LinkedEntry[]): PackedEntries | undefined => {
  if (entries.length > RUN_ENTRIES_MAX) return undefined;
  const packed = entries.map(({ chainId, text: entryText, hash }): PackedEntry => [chainId, entryText, hash]);
  const unpacked = Buffer.from(JSON.stringify(packed), 'utf8');
  if (unpacked.length > UNPACKED_BYTES_MAX) return undefined;
  const compressed = zstdCompressSync(unpacked);
  return compressed.length > PACKED_BYTES_MAX ? undefined : { count: entries.length, bytes: compressed };
};

const itemOf = (
  { clock, randomness }: DynamodbAuditRunsDeps,
  { packed, ends }: PendingRun,
  last: AuditRunItem | undefined,
): Item => {
  assert(packed.count > 0, 'a run holds at least one entry');
  const firstPosition = (last?.lastPosition ?? 0) + 1;
  const moved = [...ends].map(([chainId, link]): [string, ChainEnd] => [chainId, { ...link, run: firstPosition }]);
  const allEnds = new Map([...(last?.ends ?? []), ...moved]);
  assert(allEnds.size <= CHAIN_ENDS_MAX, `at most ${CHAIN_ENDS_MAX} chains belong to no webhook`);
  return {
    part: text(RUNS),
    number: number(firstPosition),
    lastPosition: number(firstPosition + packed.count - 1),
    createdAt: number(clock.now()),
    entries: bytes(packed.bytes),
    token: text(randomness.id()),
    ends: text(JSON.stringify([...allEnds])),
  };
};

const runOf = (auditTable: string, item: Item): AuditRunItem => {
  try {
    const firstPosition = requiredNumber(item, 'number');
    const unpacked = zstdDecompressSync(requiredBytes(item, 'entries'), { maxOutputLength: UNPACKED_BYTES_MAX });
    const packed: readonly PackedEntry[] = JSON.parse(unpacked.toString('utf8'));
    return {
      firstPosition,
      lastPosition: requiredNumber(item, 'lastPosition'),
      createdAt: requiredNumber(item, 'createdAt'),
      entries: packed.map(([chainId, entryText, hash], index) => ({
        position: firstPosition + index,
        chainId,
        text: entryText,
        hash,
      })),
      ends: new Map(JSON.parse(textOf(item, 'ends') ?? '[]') as [string, ChainEnd][]),
    };
  } catch (cause) {
    throw new PayhookError(
      'store_damaged',
      `the audit entries from position ${item.number?.N} on in table ${auditTable} cannot be read: something else than Payhook wrote them; compare with a restored copy of the table`,
      { cause },
    );
  }
};
