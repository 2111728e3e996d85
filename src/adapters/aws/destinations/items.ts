/**
 * What became of a webhook's entries, as one item: two attributes for each entry, named after its destination and event,
 * so that all entries are put with one write and each is settled with one.
 */
import assert from 'node:assert/strict';
import type { EpochMs, WebhookKey } from '../../../core/webhook.ts';
import {
  DESTINATION_STATES,
  type DestinationEntry,
  type DestinationStatus,
} from '../../../destinations/destination-queue.ts';
import { damaged } from '../dynamodb/errors.ts';
import { assertInstant, type Item, number, text, textOf } from '../dynamodb/values.ts';

const STATES_PREFIX = 'destinations:';
/** One item counts what was given up, with an attribute for each destination. Not JSON: no webhook has this key. */
export const GIVEN_UP_KEY = `${STATES_PREFIX}given-up`;

/** Unambiguous for any webhook id: JSON quotes it. It is shorter than DynamoDB's keys, as webhook ids are keys there. */
export const statesKey = ({ webhookId, timestamp }: WebhookKey): string =>
  `${STATES_PREFIX}${JSON.stringify([webhookId, timestamp])}`;

/** `@ledger`, and `@ledger#2` for the second event of the webhook. */
const STATE = '@';
/** `!ledger`: the last error; not there when there was none. */
const ERROR = '!';

type EntryOfWebhook = Pick<DestinationEntry, 'webhookId' | 'eventId' | 'destination'>;

const attributeOf = (prefix: string, { webhookId, eventId, destination }: EntryOfWebhook): string => {
  assert(eventId.startsWith(webhookId), 'the id of an event begins with the id of its webhook');
  return `${prefix}${destination}${eventId.slice(webhookId.length)}`;
};
export const stateAttribute = (entry: EntryOfWebhook): string => attributeOf(STATE, entry);
export const errorAttribute = (entry: EntryOfWebhook): string => attributeOf(ERROR, entry);
export const countAttribute = (destination: string): string => `${STATE}${destination}`;

export type StateOfEntry = Pick<DestinationStatus, 'state' | 'failures' | 'enqueuedAt' | 'changedAt'>;

/** Where in the list the time stands that tells one stay of an entry in its queue from the next. */
export const ENQUEUED_AT = 2;

export const stateValue = ({ state, failures, enqueuedAt, changedAt }: StateOfEntry) => ({
  L: [text(state), number(failures), number(enqueuedAt), number(changedAt)],
});

const instantOf = (value: string | undefined): EpochMs => assertInstant(Number(value), 'of an entry');

const stateOf = (item: Item, attribute: string): StateOfEntry => {
  const [name, failures, enqueuedAt, changedAt] = item[attribute]?.L ?? [];
  const state = DESTINATION_STATES.find((known) => known === name?.S);
  assert(state !== undefined && Number.isSafeInteger(Number(failures?.N)), 'the entry has a known state');
  return {
    state,
    failures: Number(failures?.N),
    enqueuedAt: instantOf(enqueuedAt?.N),
    changedAt: instantOf(changedAt?.N),
  };
};

const orDamaged = <T>(tableName: string, item: Item, read: () => T): T => {
  try {
    return read();
  } catch (cause) {
    throw damaged(tableName, textOf(item, 'id'), cause);
  }
};

/** The state of one entry; undefined when the item does not know it. `store_damaged` for what is none. */
export const readState = (tableName: string, item: Item, entry: EntryOfWebhook): StateOfEntry | undefined => {
  const attribute = stateAttribute(entry);
  return item[attribute] === undefined ? undefined : orDamaged(tableName, item, () => stateOf(item, attribute));
};

const placeOf = (attribute: string): readonly [destination: string, event: string] => {
  const hash = attribute.indexOf('#');
  return hash === -1 ? [attribute.slice(1), ''] : [attribute.slice(1, hash), attribute.slice(hash)];
};

const compareEvents = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

/** All entries of the webhook, by event as the webhook has them and then by destination. */
export const readStates = (tableName: string, item: Item, webhookId: string): readonly DestinationStatus[] =>
  orDamaged(tableName, item, () =>
    Object.keys(item)
      .filter((attribute) => attribute.startsWith(STATE))
      .map((attribute) => {
        const [destination, event] = placeOf(attribute);
        const lastError = textOf(item, `${ERROR}${attribute.slice(1)}`) ?? null;
        return { destination, eventId: `${webhookId}${event}`, ...stateOf(item, attribute), lastError };
      })
      .toSorted((a, b) => compareEvents(a.eventId, b.eventId) || (a.destination < b.destination ? -1 : 1)),
  );
