/** What became of a webhook in the world, as `webhooks show` shows it: payment events, handlers, destinations. */
import type { PresentState } from '../core/present-state.ts';
import type { Webhook } from '../core/webhook.ts';
import { attemptJson, eventIdOf, handlerJson, presentJson } from '../operate/effect-json.ts';
import { sectionLines } from './table.ts';

const text = (value: unknown): string => (value === null ? '' : String(value));

const cells = (fields: Record<string, unknown>, names: readonly string[]): string[] =>
  names.map((name) => text(fields[name]));

/** A table for each of them that there is something to say about, with an empty line before it. */
export const effectLines = (
  webhook: Webhook,
  destinations: readonly Record<string, unknown>[],
  columns: number | undefined,
): string[] => {
  const { events, handlers } = webhook.effects;
  // The id of the only event is that of the webhook, which stands above.
  const ofEvent = <Name>(name: Name): readonly Name[] => (events.length > 1 ? [name] : []);
  const eventRows = events.map((event, index) =>
    cells({ ...event, eventId: eventIdOf(webhook, index) }, [...EVENT_FIELDS, ...ofEvent('eventId')]),
  );
  const handlerRows = handlers.map((effect) =>
    cells(handlerJson(webhook, effect), [...HANDLER_FIELDS, ...ofEvent('eventId')]),
  );
  const destinationRows = destinations.map((status) =>
    cells(status, [...DESTINATION_FIELDS, ...ofEvent('eventId'), 'lastError']),
  );
  const presentRows = (webhook.effects.present ?? []).map((state) => cells(presentFields(state), PRESENT_FIELDS));
  const attemptRows = (webhook.effects.history ?? []).map((attempt) => cells(attemptJson(attempt), ATTEMPT_FIELDS));
  return [
    ...sectionLines(['PAYMENT EVENT', 'NEWS', 'PAYMENT', ...ofEvent('EVENT ID')], eventRows, columns),
    ...sectionLines(['HANDLER', 'OUTCOME', 'ATTEMPTS', ...ofEvent('EVENT ID')], handlerRows, columns),
    ...sectionLines(
      ['DESTINATION', 'STATE', 'FAILURES', 'SINCE', ...ofEvent('EVENT ID'), 'LAST ERROR'],
      destinationRows,
      columns,
    ),
    ...sectionLines(['ITS PROVIDER HAS', 'ID', 'BECAUSE', 'OUTCOME', 'ASKED AT', 'WHAT'], presentRows, columns),
    ...sectionLines(['ATTEMPT ENDED', 'OUTCOME', 'MS', 'REASON', 'HANDLER', 'ERROR'], attemptRows, columns),
  ];
};

const presentFields = (state: PresentState): Record<string, unknown> => {
  const { names = [], detail = names.map(({ id }) => id).join(' '), ...said } = presentJson(state);
  return { ...said, detail };
};

const EVENT_FIELDS = ['type', 'news', 'paymentId'];
const HANDLER_FIELDS = ['handler', 'outcome', 'attempts'];
const DESTINATION_FIELDS = ['destination', 'state', 'failures', 'changedAt'];
const PRESENT_FIELDS = ['kind', 'id', 'why', 'outcome', 'at', 'detail'];

const ATTEMPT_FIELDS = ['at', 'outcome', 'durationMs', 'reason', 'handler', 'error'];
