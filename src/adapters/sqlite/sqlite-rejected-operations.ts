/** SQL of the rejected box: one row a place, in a table that no genuine delivery touches. */
import type { DatabaseSync } from 'node:sqlite';
import {
  placeOf,
  type RejectedDelivery,
  type RejectedFilter,
  type RejectedSummary,
} from '../../core/ports/rejected-box.ts';
import type { EpochMs } from '../../core/webhook.ts';

export interface RejectedOperations {
  rejectedKeep(delivery: RejectedDelivery): void;
  rejectedGet(input: { id: string; now: EpochMs }): RejectedDelivery | undefined;
  rejectedList(input: { filter: RejectedFilter; now: EpochMs }): readonly RejectedSummary[];
  rejectedMarkAccepted(input: { id: string; at: EpochMs }): void;
}

/** What each one that comes takes away of those whose time is over: they go faster than they came. */
const EXPIRED_AT_ONCE = 8;

type Row = Readonly<Record<string, unknown>>;

const summaryOf = ({ summary, accepted_at: acceptedAt }: Row): RejectedSummary => ({
  ...(JSON.parse(String(summary)) as RejectedSummary),
  acceptedAt: acceptedAt === null ? null : Number(acceptedAt),
});

export const createRejectedOperations = (db: DatabaseSync): RejectedOperations => {
  const put = db.prepare(`INSERT OR REPLACE INTO rejected_deliveries
    (place, id, provider, rejected_at, expires_at, accepted_at, summary, payload_key_id, payload)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const removeExpired = db.prepare(`DELETE FROM rejected_deliveries WHERE place IN
    (SELECT place FROM rejected_deliveries WHERE expires_at <= ? LIMIT ${EXPIRED_AT_ONCE})`);
  const get = db.prepare('SELECT * FROM rejected_deliveries WHERE place = ? AND id = ? AND expires_at > ?');
  const list = db.prepare(`SELECT summary, accepted_at FROM rejected_deliveries
    WHERE rejected_at >= ? AND rejected_at < ? AND expires_at > ? AND (provider = ? OR ? = '')
    ORDER BY rejected_at DESC LIMIT ?`);
  const markAccepted = db.prepare('UPDATE rejected_deliveries SET accepted_at = ? WHERE place = ? AND id = ?');
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
    rejectedList({ filter: { provider = '', since = 0, until = Number.MAX_SAFE_INTEGER, limit }, now }) {
      return list.all(since, until, now, provider, provider, limit).map(summaryOf);
    },
    rejectedMarkAccepted: ({ id, at }) => void markAccepted.run(at, placeOf(id), id),
  };
};
