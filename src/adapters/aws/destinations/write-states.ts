/** Every write to the states of a webhook's entries: entries that wait, what became of one, and the count of what was given up. */

import { setTimeout as pause } from 'node:timers/promises';
import type { UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { PayhookError } from '../../../core/errors.ts';
import type { Randomness } from '../../../core/ports/randomness.ts';
import { SECOND_MS } from '../../../core/time.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import type { DestinationClaim, DestinationEntry } from '../../../destinations/destination-queue.ts';
import { storeError } from '../dynamodb/errors.ts';
import { type Item, number, text } from '../dynamodb/values.ts';
import { isAwsError } from '../errors.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import {
  countAttribute,
  ENQUEUED_AT,
  errorAttribute,
  GIVEN_UP_KEY,
  readState,
  type StateOfEntry,
  stateAttribute,
  statesKey,
  stateValue,
} from './items.ts';

export interface DynamodbDestinationStatesDeps {
  readonly client: DynamodbCalls;
  /** The table of the payments; its time to live is `expiresAt`. */
  readonly tableName: string;
  /** States are kept this long after the entries were put. */
  readonly retentionMs: number;
  readonly randomness: Pick<Randomness, 'fraction'>;
}

/** An entry that waits, and since when. */
export interface PutEntry {
  readonly entry: DestinationEntry;
  readonly enqueuedAt: EpochMs;
}

/** Entries of one webhook are put by one processor, and settled by a few senders at a time. */
const TRIES_MAX = 20;
const PAUSE_MS = 20;

/** The first time, nothing is known of the webhook, and that is what the first write asks for. */
export const putWaitingOf = async (
  deps: DynamodbDestinationStatesDeps,
  entries: readonly DestinationEntry[],
  at: EpochMs,
): Promise<readonly PutEntry[]> => {
  let known: Item = {};
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    const before = entries.map((entry) => ({ entry, state: readState(deps.tableName, known, entry) }));
    const changed = before.filter(({ state }) => state?.state !== 'waiting');
    const found = changed.length === 0 ? undefined : await tryPut(deps, changed, known, at);
    if (found === undefined) {
      await countAgain(deps, changed);
      return before.map(({ entry, state }) => ({
        entry,
        enqueuedAt: state?.state === 'waiting' ? state.enqueuedAt : at,
      }));
    }
    known = found;
    if (tries > 1) await pause(deps.randomness.fraction() * PAUSE_MS * tries);
  }
  throw new PayhookError(
    'store_busy',
    `the states of a webhook's destinations in table ${deps.tableName} were changed by others each of ${TRIES_MAX} times: try again later`,
  );
};

interface EntryBefore {
  readonly entry: DestinationEntry;
  readonly state: StateOfEntry | undefined;
}

/** Undefined when it was written; otherwise the item, in which an entry is not as it was known. */
const tryPut = async (
  deps: DynamodbDestinationStatesDeps,
  changed: readonly EntryBefore[],
  known: Item,
  at: EpochMs,
): Promise<Item | undefined> => {
  const [first] = changed;
  if (first === undefined) return undefined;
  const names: Record<string, string> = { '#expiresAt': 'expiresAt' };
  const values: Item = {
    ':expiresAt': number(expiryOf(deps, at)),
    ':waiting': stateValue({ state: 'waiting', failures: 0, enqueuedAt: at, changedAt: at }),
  };
  const [sets, removes, conditions]: [string[], string[], string[]] = [['#expiresAt = :expiresAt'], [], []];
  for (const [index, { entry }] of changed.entries()) {
    const attribute = stateAttribute(entry);
    names[`#s${index}`] = attribute;
    sets.push(`#s${index} = :waiting`);
    const before = known[attribute];
    if (before === undefined) {
      conditions.push(`attribute_not_exists(#s${index})`);
      continue;
    }
    values[`:s${index}`] = before;
    conditions.push(`#s${index} = :s${index}`);
    names[`#e${index}`] = errorAttribute(entry);
    removes.push(`#e${index}`);
  }
  const written = await updateStates(deps, {
    Key: { id: text(statesKey(first.entry)) },
    UpdateExpression: `SET ${sets.join(', ')}${removes.length === 0 ? '' : ` REMOVE ${removes.join(', ')}`}`,
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  });
  return written.outcome === 'written' ? undefined : written.found;
};

/** Those that were given up are so no longer. */
const countAgain = async (deps: DynamodbDestinationStatesDeps, changed: readonly EntryBefore[]): Promise<void> => {
  const again = changed.filter(({ state }) => state?.state === 'given_up');
  for (const { entry } of again) await addGivenUp(deps, entry.destination, -1);
};

/** What an attempt came to. */
export type MarkOutcome =
  | { readonly outcome: 'delivered' }
  | { readonly outcome: 'failed' | 'given_up'; readonly error: string };

const STATE_AFTER = { delivered: 'delivered', failed: 'waiting', given_up: 'given_up' } as const;

export const markClaim = async (
  deps: DynamodbDestinationStatesDeps,
  { entry, enqueuedAt, failures }: DestinationClaim,
  result: MarkOutcome,
  at: EpochMs,
): Promise<void> => {
  const isDelivered = result.outcome === 'delivered';
  const state: StateOfEntry = {
    state: STATE_AFTER[result.outcome],
    failures: isDelivered ? failures : failures + 1,
    enqueuedAt,
    changedAt: at,
  };
  const before = await setState(deps, entry, state, isDelivered ? null : result.error);
  if (before === 'kept') return;
  if (state.state === 'given_up') await addGivenUp(deps, entry.destination, 1);
  // Somebody had moved its message back out of the queue of what was given up.
  else if (before?.state === 'given_up') await addGivenUp(deps, entry.destination, -1);
};

/** What it was before. `kept`: it was put again since, or is given up already, and stays so. */
const setState = async (
  deps: DynamodbDestinationStatesDeps,
  entry: DestinationEntry,
  state: StateOfEntry,
  error: string | null,
): Promise<StateOfEntry | 'kept' | undefined> => {
  // A message that comes twice must not count twice as given up.
  const isNotCounted = state.state === 'given_up' ? ' AND #state[0] <> :givenUp' : '';
  const written = await updateStates(deps, {
    ReturnValues: 'UPDATED_OLD',
    Key: { id: text(statesKey(entry)) },
    UpdateExpression: `SET #state = :state, #expiresAt = if_not_exists(#expiresAt, :expiresAt)${error === null ? '' : ', #error = :error'}`,
    ConditionExpression: `attribute_not_exists(#state) OR (#state[${ENQUEUED_AT}] <= :enqueuedAt${isNotCounted})`,
    ExpressionAttributeNames: {
      '#state': stateAttribute(entry),
      '#expiresAt': 'expiresAt',
      ...(error === null ? {} : { '#error': errorAttribute(entry) }),
    },
    ExpressionAttributeValues: {
      ':state': stateValue(state),
      ':expiresAt': number(expiryOf(deps, state.changedAt)),
      ':enqueuedAt': number(state.enqueuedAt),
      ...(isNotCounted === '' ? {} : { ':givenUp': text('given_up') }),
      ...(error === null ? {} : { ':error': text(error) }),
    },
  });
  return written.outcome === 'written' ? readState(deps.tableName, written.before, entry) : 'kept';
};

/** In whole seconds, as time to live counts. */
const expiryOf = ({ retentionMs }: DynamodbDestinationStatesDeps, at: EpochMs): number =>
  Math.ceil((at + retentionMs) / SECOND_MS);

type Written =
  /** `before`: what `ReturnValues` asked for. */
  | { readonly outcome: 'written'; readonly before: Item }
  /** The item that did not meet the condition, empty when there is none. */
  | { readonly outcome: 'not_met'; readonly found: Item };

const updateStates = async (
  { client, tableName }: DynamodbDestinationStatesDeps,
  input: Omit<UpdateItemCommandInput, 'TableName'>,
): Promise<Written> => {
  try {
    const { Attributes: before = {} } = await client.updateItem({
      TableName: tableName,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      ...input,
    });
    return { outcome: 'written', before };
  } catch (error) {
    if (!isAwsError(error, 'ConditionalCheckFailedException')) return storeError(tableName)(error);
    return { outcome: 'not_met', found: (error as { Item?: Item }).Item ?? {} };
  }
};

const addGivenUp = async (deps: DynamodbDestinationStatesDeps, destination: string, by: 1 | -1): Promise<void> => {
  await updateStates(deps, {
    Key: { id: text(GIVEN_UP_KEY) },
    UpdateExpression: 'ADD #destination :by',
    ExpressionAttributeNames: { '#destination': countAttribute(destination) },
    ExpressionAttributeValues: { ':by': number(by) },
  });
};
