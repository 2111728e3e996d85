/** SQL of the rejected box: one row a place, in a table that no genuine delivery touches. */
import type { DatabaseSync } from 'node:sqlite';
import { type Page, pageOf } from '../../core/page.ts';
import {
  placeAfterRejected,
  placeOf,
  type RejectedAccepted,
  type RejectedDelivery,
  type RejectedFilter,
  type RejectedSummary,
  rejectedCursor,
} from '../../core/ports/rejected-box.ts';
import type { EpochMs } from '../../core/webhook.ts';

export interface RejectedOperations {
  rejectedKeep(delivery: RejectedDelivery): void;
  rejectedGet(input: { id: string; now: EpochMs }): RejectedDelivery | undefined;
  rejectedList(input: { filter: RejectedFilter; now: EpochMs }): Page<RejectedSummary>;
  rejectedMarkAccepted(input: { id: string } & RejectedAccepted): void;
}

/** What each one that comes takes away of those whose time is over: they go faster than they came. */
const EXPIRED_AT_ONCE = 8;

type Row = Readonly<Record<string, unknown>>;

const summaryOf = ({ summary, accepted_at: acceptedAt }: Row): RejectedSummary => ({
  ...(JSON.parse(String(summary)) as RejectedSummary),
  acceptedAt: acceptedAt === null ? null : Number(acceptedAt),
});

/** The table is bounded: what the index of times does not know is looked for in all of it. */
export const REJECTED_LIST_SQL = `SELECT summary, accepted_at FROM rejected_deliveries
  WHERE rejected_at >= ?1 AND rejected_at < ?2 AND rejected_at <= ?3 AND (rejected_at < ?3 OR id < ?4) AND expires_at > ?5
    AND (?6 = '' OR provider = ?6) AND (?7 = '' OR json_extract(summary, '$.reason') = ?7)
    AND (?8 = '' OR json_extract(summary, '$.sourceAddress') = ?8)
  ORDER BY rejected_at DESC, id DESC LIMIT ?9`;

export const createRejectedOperations = (db: DatabaseSync): RejectedOperations => {
  const put = db.prepare(`INSERT OR REPLACE INTO rejected_deliveries
    (place, id, provider, rejected_at, expires_at, accepted_at, summary, payload_key_id, payload)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const removeExpired = db.prepare(`DELETE FROM rejected_deliveries WHERE place IN
    (SELECT place FROM rejected_deliveries WHERE expires_at <= ? LIMIT ${EXPIRED_AT_ONCE})`);
  const get = db.prepare('SELECT * FROM rejected_deliveries WHERE place = ? AND id = ? AND expires_at > ?');
  const list = db.prepare(REJECTED_LIST_SQL);
  const markAccepted = db.prepare(`UPDATE rejected_deliveries
    SET accepted_at = ?, summary = json_set(summary, '$.webhookIds', json(?)) WHERE place = ? AND id = ?`);
  return {
    rejectedKeep({ payload, ...summary }) {
      removeExpired.run(summary.rejectedAt);
      const { id, provider, rejectedAt, expiresAt, acceptedAt } = summary;
      const text = JSON.stringify(summary);
      put.run(placeOf(id), id, provider, rejectedAt, expiresAt, acceptedAt, text, payload.keyId, payload.bytes);
    },
    rejectedGet({ id, now }) {
      const row = get.get(placeOf(id), id, now);
      if (row === undefined) return undefined;
      const payload = { keyId: String(row.payload_key_id), bytes: row.payload as Uint8Array };
      return { ...summaryOf(row), payload };
    },
    rejectedList({ filter, now }) {
      const {
        provider = '',
        reason = '',
        address = '',
        since = 0,
        until = Number.MAX_SAFE_INTEGER,
        after,
        limit,
      } = filter;
      const place = placeAfterRejected(after);
      const items = list.all(since, until, ...place, now, provider, reason, address, limit + 1).map(summaryOf);
      const found = items.map((item) => ({ item, at: item.rejectedAt, cursor: rejectedCursor(item) }));
      return pageOf(found, limit, null);
    },
    rejectedMarkAccepted: ({ id, at, webhookIds }) =>
      void markAccepted.run(at, JSON.stringify(webhookIds), placeOf(id), id),
  };
};
