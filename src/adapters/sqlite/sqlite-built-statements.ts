/**
 * Statements of queries that are put together of what a filter asks. The pages of a report have one text: of ten thousand
 * webhooks some three hundred. And a statement holds memory of SQLite's until JavaScript's collector finds it.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Texts, not queries: those that differ in their values only share one. More than a person's screens ask in turns. */
const KEPT_MAX = 32;

/** The statement of a text. `areArrays`: its rows have no names, which makes them in half the time. */
export const createBuiltStatements = (db: DatabaseSync, areArrays = false): ((text: string) => StatementSync) => {
  const kept = new Map<string, StatementSync>();
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const prepared = db.prepare(text);
    if (areArrays) prepared.setReturnArrays(true);
    if (kept.size === KEPT_MAX) kept.clear();
    kept.set(text, prepared);
    return prepared;
  };
};
