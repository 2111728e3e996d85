/** SQL of what was learnt of silence: one row. */
import type { DatabaseSync } from 'node:sqlite';
import type { StoredSilence } from '../../core/ports/silence-records.ts';

export interface SilenceOperations {
  silenceGet(input: Readonly<Record<never, never>>): StoredSilence | undefined;
  silencePut(input: StoredSilence): boolean;
}

export const createSilenceOperations = (db: DatabaseSync): SilenceOperations => {
  const get = db.prepare('SELECT text, revision FROM silence WHERE id = 1');
  const insert = db.prepare('INSERT INTO silence (id, text, revision) VALUES (1, ?, 1) ON CONFLICT (id) DO NOTHING');
  const update = db.prepare('UPDATE silence SET text = ?, revision = revision + 1 WHERE id = 1 AND revision = ?');
  return {
    silenceGet() {
      const row = get.get();
      return row === undefined ? undefined : { text: String(row.text), revision: Number(row.revision) };
    },
    silencePut: ({ text, revision }) =>
      Number((revision === 0 ? insert.run(text) : update.run(text, revision)).changes) === 1,
  };
};
