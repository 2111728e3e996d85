/** Marks entries of a webhook as waiting, all with one write. */
import { setTimeout as pause } from 'node:timers/promises';
import { PayhookError } from '../../../core/errors.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import type { DestinationEntry } from '../../../destinations/destination-queue.ts';
import { type Item, number, text } from '../dynamodb/values.ts';
import { errorAttribute, readState, type StateOfEntry, stateAttribute, statesKey, stateValue } from './items.ts';
import { addGivenUp, type DynamodbDestinationStatesDeps, expiryOf, updateStates } from './update.ts';

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
  return updateStates(deps, {
    Key: { id: text(statesKey(first.entry)) },
    UpdateExpression: `SET ${sets.join(', ')}${removes.length === 0 ? '' : ` REMOVE ${removes.join(', ')}`}`,
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  });
};

/** Those that were given up are so no longer. */
const countAgain = async (deps: DynamodbDestinationStatesDeps, changed: readonly EntryBefore[]): Promise<void> => {
  const again = changed.filter(({ state }) => state?.state === 'given_up');
  for (const { entry } of again) await addGivenUp(deps, entry.destination, -1);
};
