/**
 * SQL of lists of webhooks. An index gives the order and what of a filter it knows; the rest is looked for among the first
 * `lookAtMax` rows that it gives, never among all.
 */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { causeOf, isOfCause } from '../../core/cause.ts';
import { type Effects, effectsFromText, type HandlerEffect } from '../../core/effects.ts';
import { LIMITS } from '../../core/limits.ts';
import { CAUSED, eventTypePrefix, statusesOf, wasPutFor } from '../../core/match-webhook.ts';
import { cursorOf, type Page, type PageOfMany, pageOf, readCursor } from '../../core/page.ts';
import type { WebhookFilter } from '../../core/ports/webhook-store.ts';
import type { WebhookStatus } from '../../core/status.ts';
import type { BriefWebhook, WebhookSummary } from '../../core/webhook.ts';
import { createBuiltStatements } from './sqlite-built-statements.ts';
import {
  and,
  andAfter,
  type Conditions,
  noConditions,
  type Sql,
  type WalkSql,
  walkSql,
  where,
} from './sqlite-conditions.ts';
import { BRIEF_COLUMNS, type BriefRow, briefOf, SUMMARY_COLUMNS, summaryOf } from './sqlite-webhook-rows.ts';

const LIST = 'webhooks';

/** What the order of the lists is by: an index serves all of it. */
const rangeOf = ({ since, until, after }: WebhookFilter): Conditions => {
  const range = noConditions();
  if (since !== undefined) and(range, 'received_at >= ?', since);
  if (until !== undefined) and(range, 'received_at < ?', until);
  if (after !== undefined) andAfter(range, 'received_at', ...readCursor(LIST, after, ['number', 'number'] as const));
  return range;
};

/** Every condition that no index has. */
const restOf = (filter: WebhookFilter, unindexed: readonly WebhookStatus[] | undefined): Conditions => {
  const rest = noConditions();
  const { provider, eventType, mode, account, objectId, lastError, cause, handler, destination } = filter;
  const { secretId, origin, cardData } = filter;
  if (unindexed !== undefined) and(rest, `status IN (${unindexed.map(() => '?').join(', ')})`, ...unindexed);
  const exactly = { provider, mode, account, last_error: lastError };
  for (const [column, value] of Object.entries(exactly)) if (value !== undefined) and(rest, `${column} = ?`, value);
  if (objectId !== undefined) {
    const isParent = `instr(details, ?) > 0 AND EXISTS (SELECT 1 FROM json_each(details, '$.parentIds') WHERE value = ?)`;
    and(rest, `(object_id = ? OR (${isParent}))`, objectId, JSON.stringify(objectId), objectId);
  }
  if (eventType !== undefined) {
    const prefix = eventTypePrefix(eventType);
    if (prefix === null) and(rest, 'event_type = ?', eventType);
    else and(rest, 'substr(event_type, 1, ?) = ?', prefix.length, prefix);
  }
  if (secretId !== undefined) and(rest, `json_extract(details, '$.secretId') = ?`, secretId);
  if (origin !== undefined) and(rest, `coalesce(json_extract(details, '$.origin'), 'delivery') = ?`, origin);
  if (cardData !== undefined) {
    const isFound = `EXISTS (SELECT 1 FROM json_each(details, '$.cardData') WHERE value > 0)`;
    and(rest, cardData === 'found' ? isFound : `NOT ${isFound}`);
  }
  if (cause !== undefined) and(rest, 'payhook_cause(status, event_type, last_error, effects, ?) = 1', cause);
  if (handler !== undefined) {
    // Most effects do not even hold its name, which is told without reading them.
    and(rest, 'instr(effects, ?) > 0', JSON.stringify(handler.name));
    and(rest, 'payhook_handler(effects, ?, ?) = 1', handler.name, handler.outcome ?? null);
  }
  if (destination !== undefined) {
    and(rest, 'instr(effects, ?) > 0', JSON.stringify(destination));
    and(rest, 'payhook_destination(effects, ?) = 1', destination);
  }
  return rest;
};

const PLACE = ['position', 'received_at'];
/** What a cause is computed of. */
const OF_CAUSE = ['status', 'event_type', 'last_error', 'effects'];

/** Each column that is looked at is copied out of every row: only those that the filter asks for. */
const lookedAt = (filter: WebhookFilter, unindexed: readonly WebhookStatus[] | undefined): string => {
  const { provider, mode, account, lastError, objectId, eventType, cause, handler, destination } = filter;
  const asked: readonly (readonly [unknown, readonly string[]])[] = [
    [unindexed, ['status']],
    [provider, ['provider']],
    [mode, ['mode']],
    [account, ['account']],
    [lastError, ['last_error']],
    [objectId, ['object_id', 'details']],
    [filter.secretId ?? filter.origin ?? filter.cardData, ['details']],
    [eventType, ['event_type']],
    [cause, OF_CAUSE],
    [handler, ['effects']],
    [destination, ['effects']],
  ];
  const columns = asked.flatMap(([part, names]) => (part === undefined ? [] : names));
  return [...new Set([...PLACE, ...columns])].join(', ');
};

export const webhookListSql = (filter: WebhookFilter, read?: string): WalkSql => {
  const { limit, lookAtMax = LIMITS.listLookedAtMax } = filter;
  const statuses = statusesOf(filter) ?? (filter.cause === undefined ? undefined : CAUSED);
  const indexed = statuses?.every((status) => status !== 'processed') === true ? statuses : undefined;
  const unindexed = indexed === undefined ? statuses : undefined;
  const range = rangeOf(filter);
  /** The literal condition is that of the partial index. */
  const ofStatus = (columns: string, status?: WebhookStatus): Sql => ({
    text: `SELECT ${columns} FROM payment_webhooks${where([...(status === undefined ? [] : ["status <> 'processed'", 'status = ?']), ...range.texts])}`,
    values: [...(status === undefined ? [] : [status]), ...range.values],
  });
  return walkSql({
    // One walk of the index for each status, merged by time.
    rows: (columns) => {
      const each = indexed?.map((status) => ofStatus(columns, status)) ?? [ofStatus(columns)];
      return { text: each.map(({ text }) => text).join(' UNION ALL '), values: each.flatMap(({ values }) => values) };
    },
    columns: lookedAt(filter, unindexed),
    place: PLACE.join(', '),
    read,
    order: 'ORDER BY received_at DESC, position DESC',
    rest: restOf(filter, unindexed),
    limit,
    lookAtMax,
  });
};

const effectsOf = (value: SQLOutputValue | undefined): Effects =>
  effectsFromText(value === null || value === undefined ? null : String(value));

const addFunctions = (db: DatabaseSync): void => {
  db.function('payhook_handler', { deterministic: true }, (effects, name, outcome) => {
    const isIt = (effect: HandlerEffect) => effect.handler === name && (outcome === null || effect.outcome === outcome);
    return effectsOf(effects).handlers.some(isIt) ? 1 : 0;
  });
  db.function('payhook_destination', { deterministic: true }, (effects, name) =>
    wasPutFor(String(name), { effects: effectsOf(effects) }) ? 1 : 0,
  );
  db.function('payhook_cause', { deterministic: true }, (status, eventType, lastError, effects, asked) => {
    const cause = causeOf({
      status: status as WebhookStatus,
      eventType: String(eventType),
      lastError: lastError === null ? null : String(lastError),
      effects: effectsOf(effects),
    });
    return cause !== null && isOfCause(String(asked), cause.cause) ? 1 : 0;
  });
};

const createList = (db: DatabaseSync) => {
  const get = db.prepare(`SELECT ${SUMMARY_COLUMNS} FROM payment_webhooks WHERE position = ?`);
  const statement = createBuiltStatements(db);
  const rows = ({ text, values }: Sql) =>
    statement(text)
      .all(...values)
      .map((row) => {
        const at = Number(row.received_at);
        return { row, at, cursor: cursorOf(LIST, at, Number(row.position)) };
      });
  return (filter: WebhookFilter): Page<WebhookSummary> => {
    const sql = webhookListSql(filter, SUMMARY_COLUMNS);
    const found = rows(sql.page).flatMap(({ row, ...place }) => {
      const whole = sql.last === null ? row : get.get(Number(row.position));
      return whole === undefined ? [] : [{ ...place, item: summaryOf(whole) }];
    });
    const isFull = found.length > filter.limit;
    return pageOf(found, filter.limit, isFull || sql.last === null ? null : (rows(sql.last)[0] ?? null));
  };
};

const firstOf = <Item>(items: Iterable<Item>): Item | undefined => {
  for (const item of items) return item;
  return undefined;
};

type Place = readonly [position: number, receivedAt: number, ...columns: unknown[]];

/** `end`: the place of the last of so many, where there are more. One by one: what a row is made of is garbage while it is young. */
const readBriefs = (
  places: Iterable<Place>,
  limit: number,
  rowAt: (place: Place) => BriefRow | undefined,
): { readonly items: readonly BriefWebhook[]; readonly end: Place | undefined } => {
  const items: BriefWebhook[] = [];
  let [count, before]: [number, Place | undefined] = [0, undefined];
  for (const place of places) {
    if (count === limit) return { items, end: before };
    count += 1;
    before = place;
    const row = rowAt(place);
    if (row !== undefined) items.push(briefOf(row));
  }
  return { items, end: undefined };
};

/** The same, of thousands: no names, no cursors. */
const createListBrief = (db: DatabaseSync) => {
  const get = db.prepare(`SELECT ${BRIEF_COLUMNS} FROM payment_webhooks WHERE position = ?`);
  get.setReturnArrays(true);
  const statement = createBuiltStatements(db, true);
  const rows = ({ text, values }: Sql): Iterable<Place> =>
    statement(text).iterate(...values) as unknown as Iterable<Place>;
  const cursorAt = ([position, receivedAt]: Place): string => cursorOf(LIST, receivedAt, position);
  return (filter: WebhookFilter): PageOfMany<BriefWebhook> => {
    const sql = webhookListSql(filter, BRIEF_COLUMNS);
    const rowAt = (place: Place): BriefRow | undefined =>
      (sql.last === null ? place : get.get(place[0])) as unknown as BriefRow | undefined;
    const { items, end } = readBriefs(rows(sql.page), filter.limit, rowAt);
    const isFull = end !== undefined;
    const last = end ?? (sql.last === null ? undefined : firstOf(rows(sql.last)));
    return {
      items,
      next: last === undefined ? null : cursorAt(last),
      scannedUntil: isFull ? null : (last?.[1] ?? null),
    };
  };
};

export const createWebhookLists = (db: DatabaseSync) => {
  addFunctions(db);
  return { webhookList: createList(db), webhookListBrief: createListBrief(db) };
};
