import { createHmac } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { columnsOf, createRowMacs, prepareInsertWithMac, TABLES_WITH_MACS } from './sqlite-row-macs.ts';
import { MIGRATIONS } from './sqlite-schema.ts';

const KEY = new Uint8Array(32).fill(7);

const open = () => {
  const db = new DatabaseSync(':memory:');
  for (const migration of MIGRATIONS) db.exec(migration);
  return { db, macs: createRowMacs(db) };
};

describe('codes on rows', () => {
  test('are HMAC-SHA-256 of the values, each with its kind and length', () => {
    const { macs } = open();
    expect([macs.of('x'), macs.fits(null, 'x')]).toEqual([null, false]);

    macs.useKeys([KEY]);

    const text = 't5:queue;i17;n;bAQI=;i-3;t2:ä;;';
    const values = ['queue', 17, null, new Uint8Array([1, 2]), -3n, 'ä;'] as const;
    expect(macs.of(...values)).toBe(createHmac('sha256', KEY).update(text).digest('base64url'));
  });

  test('are made by the newest key and checked by all', () => {
    const { macs } = open();
    macs.useKeys([KEY]);
    const old = macs.of('a', 1);

    macs.useKeys([new Uint8Array(32).fill(8), KEY]);

    expect([macs.fits(old, 'a', 1), macs.fits(macs.of('a', 1), 'a', 1)]).toEqual([true, true]);
    expect([macs.of('a', 1) === old, macs.fits(old, 'a', 2)]).toEqual([false, false]);
  });

  test('are on every table but those that are hashed and signed, and the probe', () => {
    const { db } = open();

    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    const others = tables.map(({ name }) => String(name)).filter((name) => !TABLES_WITH_MACS.some((t) => t === name));

    expect(others.sort()).toEqual([
      'audit_digests',
      'audit_entries',
      'payment_webhooks',
      // How far reconciliation came: docs/audit.md says what somebody gains who sets it forward.
      'reconcile_checkpoints',
      // Sealed, and nothing that was accepted: docs/audit.md says so.
      'rejected_deliveries',
      // What is usual for providers: no part of what is stored of them.
      'silence',
      'trail_start',
      'webhook_payloads',
      'write_probe',
    ]);
  });

  test('change with the row through whatever statement, and do not when somebody else changes it', () => {
    const { db, macs } = open();
    macs.useKeys([KEY]);
    const fits = () =>
      db
        .prepare(`SELECT payhook_mac_fits(mac, 'payments', ${columnsOf(db, 'payments').map(({ name }) => name)}) AS fits
          FROM payments`)
        .get()?.fits;
    db.exec(`INSERT INTO payments (provider, account, payment_id, status, stored_at, changed_at)
      VALUES ('stripe', '', 'pi_1', 'succeeded', 1, 1)`);
    expect(fits()).toBe(1);

    db.exec("UPDATE payments SET status = 'failed'");
    expect(fits()).toBe(1);

    db.exec("DROP TRIGGER payments_changed; UPDATE payments SET status = 'succeeded'");
    expect(fits()).toBe(0);
  });

  test('are the same when a statement brings them along, until another changes the row', () => {
    const { db, macs } = open();
    macs.useKeys([KEY]);
    const onConflict = 'ON CONFLICT DO UPDATE SET payment_position = excluded.payment_position, mac = excluded.mac';
    const insert = prepareInsertWithMac(db, macs, 'payment_names', onConflict);
    const code = () => db.prepare('SELECT mac FROM payment_names').get()?.mac;
    const name = { name_id: 'pi_1', provider: 'stripe', account: '' };
    insert({ ...name, payment_position: 1 });
    const first = code();
    insert({ ...name, payment_position: 2 });
    expect([first, code()]).toEqual([1, 2].map((place) => macs.of('payment_names', 'pi_1', 'stripe', '', place)));

    db.exec('UPDATE payment_names SET payment_position = 1');
    expect(code()).toBe(first);
  });
});
