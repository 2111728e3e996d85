/** Marks what became of an entry, unless it was put again meanwhile. */
import type { EpochMs } from '../../../core/webhook.ts';
import type { DestinationClaim, DestinationEntry } from '../../../destinations/destination-queue.ts';
import { number, text } from '../dynamodb/values.ts';
import { ENQUEUED_AT, errorAttribute, type StateOfEntry, stateAttribute, statesKey, stateValue } from './items.ts';
import { addGivenUp, type DynamodbDestinationStatesDeps, expiryOf, updateStates } from './update.ts';

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
  const isMarked = await setState(deps, entry, state, isDelivered ? null : result.error);
  if (isMarked && result.outcome === 'given_up') await addGivenUp(deps, entry.destination, 1);
};

/** False when the entry was put again since, or is given up already and stays so. */
const setState = async (
  deps: DynamodbDestinationStatesDeps,
  entry: DestinationEntry,
  state: StateOfEntry,
  error: string | null,
): Promise<boolean> => {
  // A message that comes twice must not count twice as given up.
  const isNotCounted = state.state === 'given_up' ? ' AND #state[0] <> :givenUp' : '';
  const found = await updateStates(deps, {
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
  return found === undefined;
};
