/**
 * Runs: audit entries as they were appended, many to an item. A run is written once, behind the newest one, or not at
 * all; that alone gives every entry its position, without gaps, whoever appends at the same time.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { PayhookError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Randomness } from '../../../core/ports/randomness.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import { storeError } from '../dynamodb/errors.ts';
import { type Item, number, text } from '../dynamodb/values.ts';
import { isAwsError } from '../errors.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { type AuditRunItem, type PendingRun, RUNS, runItemOf, runOf } from './run-items.ts';

export interface DynamodbAuditRunsDeps {
  readonly client: DynamodbCalls;
  readonly auditTable: string;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

export interface DynamodbAuditRuns {
  newest(): Promise<AuditRunItem | undefined>;
  /** The run that holds this position, or the newest one before it. */
  at(position: number): Promise<AuditRunItem | undefined>;
  /** Runs that begin at or before this position, the newest first, at most `limit`. */
  until(position: number, limit: number): Promise<readonly AuditRunItem[]>;
  /** Runs that begin after this position, ascending, at most `limit`. */
  after(position: number, limit: number): Promise<readonly AuditRunItem[]>;
  /** First position of the first run that was appended at or after the instant; where the next run begins if none was. */
  firstSince(instant: EpochMs): Promise<number>;
  /** Appends what `make` says should follow the newest run; asks again when somebody else was faster. */
  append(make: (newest: AuditRunItem | undefined) => PendingRun): Promise<void>;
}

/** Appenders that race each win once: far more of them than there are shards of the stream. */
const APPEND_TRIES_MAX = 60;
const APPEND_PAUSE_MS = 20;

export const createDynamodbAuditRuns = (deps: DynamodbAuditRunsDeps): DynamodbAuditRuns => {
  const { client, auditTable } = deps;
  const failed = storeError(auditTable, 'audit_unavailable');

  const query = async (condition: string, position: number, isAscending: boolean, limit: number) => {
    const { Items: items = [] } = await client
      .query({
        TableName: auditTable,
        KeyConditionExpression: `#part = :runs AND #number ${condition} :position`,
        ExpressionAttributeNames: { '#part': 'part', '#number': 'number' },
        ExpressionAttributeValues: { ':runs': text(RUNS), ':position': number(position) },
        ConsistentRead: true,
        ScanIndexForward: isAscending,
        Limit: limit,
      })
      .catch(failed);
    return items.map((item) => runOf(auditTable, item));
  };
  const newest = async () => (await query('>', 0, false, 1))[0];
  const at = async (position: number) => (await query('<=', position, false, 1))[0];

  /** False when the place was taken by somebody else. */
  const put = async (item: Item): Promise<boolean> => {
    try {
      await client.putItem({
        TableName: auditTable,
        Item: item,
        ConditionExpression: 'attribute_not_exists(part)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
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
      if (await put(runItemOf(make(last), last, { createdAt: deps.clock.now(), token: deps.randomness.id() }))) return;
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
    until: (position, limit) => query('<=', position, false, limit),
    after: (position, limit) => query('>', position, true, limit),
    append(make) {
      const appended = last.then(() => appendNow(make));
      last = appended.catch(() => undefined);
      return appended;
    },
  };
};
