/**
 * A message authentication code on every row that no audit entry vouches for, and on every entry until a digest covers it:
 * only whoever has the home's key can make one. Triggers of our own connections keep the codes, so no statement has to
 * think of them, and a row that somebody else wrote has none that fits. A statement may bring the code of its row along.
 */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { createHmacSha256, type HmacSha256 } from '../../core/hmac-sha256.ts';

/** `of` answers null, and `fits` false, until the home has handed its keys over. */
export interface RowMacs {
  of(...values: readonly (SQLInputValue | undefined)[]): string | null;
  fits(mac: unknown, ...values: readonly (SQLInputValue | undefined)[]): boolean;
  hasKeys(): boolean;
  /** The newest key first: it makes new codes, each of them checks. Asked for before anything else is. */
  useKeys(keys: readonly Uint8Array[]): void;
}

/** Not here: `payment_webhooks`, `webhook_payloads`, `audit_entries`, `audit_digests` and `trail_start`, whose content is hashed and signed, and the probe. */
export const TABLES_WITH_MACS = [
  'queue',
  'transmissions',
  'audit_chains',
  'data_keys',
  'key_files',
  'payments',
  'payment_names',
  'payment_events',
  'payment_subjects',
  'destination_entries',
  'jobs',
  'job_parts',
  'webhook_tombstones',
  'legal_holds',
] as const;

/** A row on the queue that nobody has claimed says nothing that a code could protect, and each delivery makes one. */
const WITHOUT_MAC_AT_FIRST = new Set<string>(['queue']);

/** No two lists of values have one text. */
const textOf = (values: readonly (SQLInputValue | undefined)[]): string => {
  let text = '';
  for (const value of values) {
    if (value === null || value === undefined) text += 'n;';
    else if (typeof value === 'string') text += `t${value.length}:${value};`;
    else if (typeof value === 'object') text += `b${Buffer.from(value as Uint8Array).toString('base64')};`;
    else text += `i${value};`;
  }
  return text;
};

/** Columns that are computed of rows with codes, and checked against them: they came when rows had codes without them. */
const DERIVED: Readonly<Record<string, readonly string[]>> = {
  payments: ['mode', 'currency', 'exponent', 'amount', 'captured'],
};

interface Column {
  readonly name: string;
  readonly isKey: boolean;
}

export const columnsOf = (db: DatabaseSync, table: string): readonly Column[] =>
  db
    .prepare(`PRAGMA table_info(${table})`)
    .all()
    .map(({ name, pk }) => ({ name: String(name), isKey: Number(pk) > 0 }))
    .filter(({ name }) => name !== 'mac' && DERIVED[table]?.includes(name) !== true);

/** The call that makes the code of a row out of all its columns; `row` stands before each of their names. */
const macCall = (table: string, columns: readonly Column[], row = ''): string =>
  `payhook_mac('${table}', ${columns.map(({ name }) => `${row}${name}`).join(', ')})`;

const createTriggers = (db: DatabaseSync): void => {
  for (const table of TABLES_WITH_MACS) {
    const columns = columnsOf(db, table);
    const here = columns.filter(({ isKey }) => isKey).map(({ name }) => `${name} = NEW.${name}`);
    const keep = `BEGIN UPDATE ${table} SET mac = ${macCall(table, columns, 'NEW.')} WHERE ${here.join(' AND ')}; END`;
    const names = columns.map(({ name }) => name).join(', ');
    // Temporary: they belong to this connection and are not in the file.
    db.exec(`CREATE TEMP TRIGGER IF NOT EXISTS ${table}_changed AFTER UPDATE OF ${names} ON main.${table}
      WHEN NEW.mac IS OLD.mac ${keep}`);
    if (WITHOUT_MAC_AT_FIRST.has(table)) continue;
    db.exec(`CREATE TEMP TRIGGER IF NOT EXISTS ${table}_added AFTER INSERT ON main.${table}
      WHEN NEW.mac IS NULL ${keep}`);
  }
};

/**
 * Puts whole rows into a table together with their codes: for rows that every webhook writes, which a trigger would write
 * twice. The values stand under the names of their columns.
 */
export const prepareInsertWithMac = (
  db: DatabaseSync,
  macs: RowMacs,
  table: (typeof TABLES_WITH_MACS)[number],
  onConflict = '',
): ((row: Readonly<Record<string, SQLInputValue>>) => void) => {
  const names = columnsOf(db, table).map(({ name }) => name);
  const derived = DERIVED[table] ?? [];
  const all = [...names, ...derived, 'mac'];
  const insert = db.prepare(
    `INSERT INTO ${table} (${all.join(', ')}) VALUES (${all.map(() => '?').join(', ')}) ${onConflict}`,
  );
  return (row) => {
    const values = names.map((name) => row[name] as SQLInputValue);
    insert.run(...values, ...derived.map((name) => row[name] as SQLInputValue), macs.of(table, ...values));
  };
};

/**
 * Rows of before version 0.2 get their codes once, when the newest entry of the trail is one of that time. An entry that
 * follows closes that door: nobody can take it away again without the digests telling.
 */
const addToRowsOfBefore = (db: DatabaseSync): void => {
  const newest = db.prepare('SELECT text FROM audit_entries ORDER BY position DESC LIMIT 1').get();
  if (newest === undefined || !isOfBefore(String(newest.text))) return;
  for (const table of TABLES_WITH_MACS) {
    db.exec(`UPDATE ${table} SET mac = ${macCall(table, columnsOf(db, table))} WHERE mac IS NULL`);
  }
};

/** Whether the text of an entry was written before version 0.2, which put no codes on rows. */
export const isOfBefore = (text: string): boolean => text.startsWith('{"v":1,');

export const createRowMacs = (db: DatabaseSync): RowMacs => {
  let hmacs: readonly HmacSha256[] = [];
  const macs: RowMacs = {
    of: (...values) => hmacs[0]?.('base64url', textOf(values)) ?? null,
    fits: (mac, ...values) => hmacs.some((hmac) => hmac('base64url', textOf(values)) === mac),
    hasKeys: () => hmacs.length > 0,
    useKeys(keys) {
      hmacs = keys.map(createHmacSha256);
      createTriggers(db);
      addToRowsOfBefore(db);
    },
  };
  // Whole numbers as such: one that somebody wrote beyond 2^53 must not end the check of all others.
  const options = { varargs: true, useBigIntArguments: true };
  db.function('payhook_mac', options, (...values) => macs.of(...values));
  db.function('payhook_mac_fits', options, (mac, ...values) => (macs.fits(mac, ...values) ? 1 : 0));
  return macs;
};
