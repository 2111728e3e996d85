/** Rows that carry a code, the schema that they stand in, and transmissions, which only an entry of the trail names. */
import type { DatabaseSync } from 'node:sqlite';
import type { AuditRecord } from '../../audit/audit.ts';
import { type AuditProblem, problem } from '../../audit/problem.ts';
import { LIMITS } from '../../core/limits.ts';
import type { CheckStep } from './sqlite-check-step.ts';
import { expectedSchema, readSchema } from './sqlite-database.ts';
import { columnsOf, TABLES_WITH_MACS } from './sqlite-row-macs.ts';

/** What names a row of a table to a person. */
const NAMED_BY: Record<(typeof TABLES_WITH_MACS)[number], string> = {
  queue: `'the queue entry of webhook ' || coalesce((SELECT webhook_id FROM payment_webhooks w
    WHERE w.position = r.webhook_position), 'at place ' || webhook_position)`,
  transmissions: `'transmission ' || transmission_id || ' of ' || provider`,
  audit_chains: `'the end of chain ' || chain_id`,
  data_keys: `'data key ' || key_id`,
  key_files: `'the fingerprint of key file ' || file`,
  payments: `'payment ' || payment_id || ' of ' || provider`,
  payment_names: `'the name ' || name_id || ' of a payment of ' || provider`,
  payment_events: `'payment event ' || event_id`,
  payment_subjects: `'what is known of ' || kind || ' ' || subject_id || ' of ' || provider`,
  destination_entries: `'the entry of event ' || event_number || ' of webhook ' || coalesce((SELECT webhook_id
    FROM payment_webhooks w WHERE w.position = r.webhook_position), 'at place ' || webhook_position)
    || ' for destination ' || destination`,
  jobs: `'job ' || id`,
  job_parts: `'part ' || number || ' of job ' || job_id`,
  webhook_tombstones: `'the tombstone of chain ' || chain_id`,
  legal_holds: `'the legal hold of ' || kind || ' ' || id`,
};

/** An entry that nobody has claimed yet, or a server holds, has no code: it may say nothing but that its webhook is due. */
const IS_UNTOUCHED = 'r.mac IS NULL AND claim_number <= 0 AND claimed_times = 0 AND due_at <= ?2';

/** The code of each row against its content. A row without one was not written by Payhook. */
export const createCheckRows = (db: DatabaseSync): CheckStep => {
  const tables = TABLES_WITH_MACS.map((table) => {
    const columns = columnsOf(db, table).map(({ name }) => `r.${name}`);
    const untouched = table === 'queue' ? `(${IS_UNTOUCHED})` : '?2 IS NULL';
    return db.prepare(`SELECT ${NAMED_BY[table]} AS name, r.mac IS NULL AS hasNone FROM ${table} r
      WHERE payhook_mac_fits(r.mac, '${table}', ${columns.join(', ')}) = 0 AND NOT ${untouched} LIMIT ?1`);
  });
  return (after, limit, now) => {
    const table = TABLES_WITH_MACS[after];
    if (table === undefined) return { problems: [], last: undefined };
    const rows = tables[after]?.all(limit, now + LIMITS.brokenBackoffCapMs) ?? [];
    const problems = rows.map(({ name, hasNone }): AuditProblem => {
      const [kind, what] =
        hasNone === 1 ? (['state_added', 'was added'] as const) : (['state_edited', 'was edited'] as const);
      return problem(kind, `${name} ${what} by something else than Payhook (table ${table})`);
    });
    return { problems, last: after + 1 };
  };
};

/** A trigger, a view or a missing index changes what our statements do. */
export const createCheckSchema = (db: DatabaseSync): CheckStep => {
  return () => {
    const [found, expected] = [readSchema(db), expectedSchema()];
    const problems: AuditProblem[] = [];
    for (const [name, sql] of found) {
      if (!expected.has(name))
        problems.push(problem('state_added', `${name} was added to the database: it is not of Payhook`));
      else if (expected.get(name) !== sql) problems.push(problem('state_edited', `${name} of the database was edited`));
    }
    for (const name of expected.keys()) {
      if (!found.has(name)) problems.push(problem('state_removed', `${name} was removed from the database`));
    }
    return { problems, last: undefined };
  };
};

/** Without it a second body could come in under the same transmission. */
export const createCheckTransmissions = (db: DatabaseSync): CheckStep => {
  // One whose webhook was removed when its time had ended went with it.
  const read = db.prepare(`SELECT position, text FROM audit_entries e
    WHERE NOT EXISTS (SELECT 1 FROM webhook_tombstones t WHERE t.chain_id = e.chain_id AND t.end_position >= e.position)
    AND position > ? AND instr(text, '"transmission":"') > 0 ORDER BY position LIMIT 1000`);
  const get = db.prepare('SELECT body_sha256 AS body FROM transmissions WHERE provider = ? AND transmission_id = ?');
  return (after) => {
    const rows = read.all(after);
    const problems = rows.flatMap(({ text }): readonly AuditProblem[] => {
      const { received, resource }: AuditRecord = JSON.parse(String(text));
      if (received?.transmission === undefined) return [];
      const provider = resource.id.slice(0, resource.id.indexOf(':'));
      const found = get.get(provider, received.transmission);
      if (found?.body === received.bodySha256) return [];
      const what = found === undefined ? 'was removed' : 'names another body than its webhook has';
      const message = `transmission ${received.transmission} of ${provider}, which brought webhook ${resource.id}, ${what}`;
      return [problem(found === undefined ? 'state_removed' : 'state_edited', message)];
    });
    return { problems, last: rows.length === 0 ? undefined : Number(rows.at(-1)?.position) };
  };
};
