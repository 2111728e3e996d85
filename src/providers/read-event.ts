/** The start that most providers share: a body that is one JSON object with an id and a type. */
import type { ParseOutcome } from '../core/ports/provider.ts';
import { isJsonObject, type JsonObject, readJsonOnce } from '../core/read-json.ts';
import { textOf, wholeTextOf } from './read-fields.ts';

export type ReadEvent =
  | { readonly outcome: 'read'; readonly event: JsonObject; readonly id: string; readonly eventType: string }
  | Extract<ParseOutcome, { outcome: 'unparsable' }>;

/** `idField` and `typeField` are what the provider calls them. The id is never cut: it identifies the event. */
export const readEvent = (body: Uint8Array, idField: string, typeField: string): ReadEvent => {
  const read = readJsonOnce(body);
  if (read.outcome === 'unreadable') return { outcome: 'unparsable', reason: read.reason };
  const event = read.value;
  if (!isJsonObject(event)) return { outcome: 'unparsable', reason: 'shape_unexpected' };
  const id = wholeTextOf(event[idField]);
  if (id === null) return { outcome: 'unparsable', reason: 'event_id_missing' };
  const eventType = textOf(event[typeField]);
  if (eventType === null) return { outcome: 'unparsable', reason: 'event_type_missing' };
  return { outcome: 'read', event, id, eventType };
};
