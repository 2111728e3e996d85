/** How large the database is, and what makes it grow. */
import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../../core/webhook.ts';

export interface DatabaseGrowth {
  readonly bytes: number;
  /** Freed by retention: used again before the file grows. */
  readonly unusedBytes: number;
  /** About how many webhooks are stored, and how many of them came since the given time: by their places, not counted. */
  readonly webhooks: number;
  readonly received: number;
}

export interface GrowthOperations {
  databaseGrowth(input: { readonly since: EpochMs }): DatabaseGrowth;
}

/** The first two by the ends of the table, the last by the index of times. */
export const GROWTH_SQL = `SELECT (SELECT min(position) FROM payment_webhooks) AS first,
  (SELECT max(position) FROM payment_webhooks) AS last,
  (SELECT position FROM payment_webhooks WHERE received_at >= ? ORDER BY received_at LIMIT 1) AS recent`;

export const createGrowthOperations = (db: DatabaseSync): GrowthOperations => {
  const [pages, free, pageBytes] = ['page_count', 'freelist_count', 'page_size'].map((name) => {
    const pragma = db.prepare(`PRAGMA ${name}`);
    return () => Number(pragma.get()?.[name]);
  }) as [() => number, () => number, () => number];
  const places = db.prepare(GROWTH_SQL);
  return {
    databaseGrowth({ since }) {
      const { first, last, recent } = places.get(since) as Readonly<Record<string, number | null>>;
      const countFrom = (place: number | null | undefined): number =>
        place == null || last == null ? 0 : last - place + 1;
      return {
        bytes: pages() * pageBytes(),
        unusedBytes: free() * pageBytes(),
        webhooks: countFrom(first),
        received: countFrom(recent),
      };
    },
  };
};
