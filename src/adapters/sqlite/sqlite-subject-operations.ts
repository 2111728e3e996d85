/** SQL of what is known of invoices, subscriptions and the like: one row each. Reading and writing are one transaction. */
import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../../core/webhook.ts';
import {
  recordSubject,
  type SubjectChange,
  type SubjectReceived,
  subjectFromText,
  subjectToText,
} from '../../payments/subject.ts';

export interface SubjectOperations {
  subjectApply(input: { change: SubjectChange; at: EpochMs }): SubjectReceived;
}

export const createSubjectOperations = (db: DatabaseSync): SubjectOperations => {
  const read = db.prepare(
    'SELECT record FROM payment_subjects WHERE kind = ? AND subject_id = ? AND provider = ? AND account = ?',
  );
  const put = db.prepare(`INSERT INTO payment_subjects (kind, subject_id, provider, account, record, changed_at)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET record = excluded.record, changed_at = excluded.changed_at`);
  return {
    subjectApply({ change, at }) {
      // A key has no nulls.
      const key = [change.kind, change.id, change.provider, change.account ?? ''] as const;
      const row = read.get(...key);
      const { received, record } = recordSubject(
        row === undefined ? null : subjectFromText(String(row.record)),
        change,
      );
      if (record !== null) put.run(...key, subjectToText(record), at);
      return received;
    },
  };
};
