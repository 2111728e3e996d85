/**
 * The positions of rows that are appended. A table is asked once in a transaction where its last row is: nobody else writes
 * until it ends.
 */
import type { DatabaseSync } from 'node:sqlite';

export interface NextPositions {
  /** Each call of what it returns gives the next position of the table, which the caller uses. */
  of(table: 'audit_entries' | 'payments'): () => number;
  /** A transaction has begun: others may have written before it. Whoever never says so has the tables asked each time. */
  begin(): void;
}

export const createNextPositions = (db: DatabaseSync): NextPositions => {
  let last: Map<string, number> | undefined;
  return {
    of(table) {
      const read = db.prepare(`SELECT max(position) AS position FROM ${table}`);
      return () => {
        const position = (last?.get(table) ?? Number(read.get()?.position)) + 1;
        last?.set(table, position);
        return position;
      };
    },
    begin() {
      last = new Map();
    },
  };
};
