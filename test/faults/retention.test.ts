/**
 * Retention: what has had its time goes, in batches that may end anywhere; what waits, is held or has not had its time stays,
 * and the trail is whole after each batch.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import { DAY_MS } from '../../src/core/time.ts';
import type { EpochMs } from '../../src/core/webhook.ts';
import { jsonLines, runHere } from '../cli/run-here.ts';
import { createSigner, SECRET_ENV, serving, stripeEvent } from '../server/signed.ts';
import { applyRetention, clockAt } from '../support/apply-retention.ts';
import {
  createTestFolder,
  type HomeSetup,
  PROJECT_ROOT,
  post,
  type Ran,
  readStored,
  startLocalServer,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';

const SETUP: HomeSetup = {
  env: SECRET_ENV,
  config: { processing: { backoffBaseMs: 3_600_000, backoffCapMs: 3_600_000 } } as never,
  handlers: `import { on } from ${JSON.stringify(join(PROJECT_ROOT, 'src', 'payhook.ts'))};
export const ship = on('payment.*', ({ id }) => { if (id === 'stripe:evt_waits') throw new Error('the warehouse is closed'); });`,
};

const SUBSCRIPTION = JSON.stringify({
  id: 'WH-1',
  event_version: '1.0',
  create_time: '2026-11-23T12:00:00.000Z',
  resource_type: 'subscription',
  event_type: 'BILLING.SUBSCRIPTION.ACTIVATED',
  resource: { id: 'I-1', status: 'ACTIVE' },
});

const KEPT = { keptDays: 400 };
const START = Date.now() - 1000 * DAY_MS;
const DUE = START + 401 * DAY_MS;
const NAMES = ['a', 'b', 'c'];

const countOf = (folder: TestFolder, table: string): number => {
  using db = new DatabaseSync(join(folder.data, 'payhook.db'), { readOnly: true });
  return Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
};

const edit = (folder: TestFolder, sql: string): void => {
  using db = new DatabaseSync(join(folder.data, 'payhook.db'), { enableForeignKeyConstraints: false });
  db.exec(sql);
};

/** Delivers the events as of this time, and processes them. */
const deliver = async (folder: TestFolder, now: EpochMs, ids: readonly string[], paypal?: string): Promise<void> => {
  const { sign, leafPem } = await createSigner(now);
  await using server = await startLocalServer({
    ...SETUP,
    folder,
    clock: clockAt(now),
    certificates: serving(leafPem),
  });
  for (const id of ids)
    expect((await post(server.url, 'stripe', sign('stripe', stripeEvent(id), { now }))).status).toBe(200);
  if (paypal !== undefined)
    expect((await post(server.url, 'paypal', sign('paypal', paypal, { now }))).status).toBe(200);
  await waitUntil('all but one are processed', () =>
    readStored(folder.data).webhooks.every(({ id, status }) =>
      id === 'stripe:evt_waits' ? status === 'retrying' : status === 'processed' || status === 'ignored',
    ),
  );
};

let saved: TestFolder;

beforeAll(async () => {
  saved = createTestFolder();
  await deliver(saved, START, [...NAMES.map((name) => `evt_${name}`)], SUBSCRIPTION);
});

afterAll(() => saved[Symbol.dispose]());

const copy = (): TestFolder => {
  const folder = createTestFolder();
  cpSync(saved.data, folder.data, { recursive: true });
  return folder;
};

const run = (folder: TestFolder, now: EpochMs, ...args: string[]): Promise<Ran> =>
  runHere(args, writeSetup(folder, SETUP), { clock: clockAt(now) });

const expectWhole = async (folder: TestFolder, now: EpochMs): Promise<void> => {
  const ran = await run(folder, now, 'audit', 'verify', '--deep');
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('is whole')]);
};

const stored = (folder: TestFolder): readonly string[] => readStored(folder.data).webhooks.map(({ id }) => id);

describe('retention', () => {
  test('leaves everything alone that has not had its time', async () => {
    using folder = copy();

    expect(await applyRetention(folder.data, START + 399 * DAY_MS, KEPT)).toEqual({
      webhooks: 0,
      payments: 0,
      subjects: 0,
      auditEntries: 0,
      lines: [],
    });

    expect(stored(folder)).toHaveLength(4);
    await expectWhole(folder, START + 399 * DAY_MS);
  });

  test('removes webhooks with all that belongs to them, payments, subjects and keys for duplicates, and tells the trail', async () => {
    using folder = copy();

    const removed = await applyRetention(folder.data, DUE, KEPT);

    expect(removed).toMatchObject({ webhooks: 4, payments: 3, subjects: 1 });
    const tables = ['payment_webhooks', 'webhook_payloads', 'queue', 'transmissions', 'destination_entries'];
    const emptied = [...tables, 'payments', 'payment_names', 'payment_events', 'payment_subjects'];
    expect(emptied.map((table) => [table, countOf(folder, table)])).toEqual(emptied.map((table) => [table, 0]));
    const entries = jsonLines(await run(folder, DUE, 'audit', 'show', '--json'));
    expect(entries.filter(({ event }) => event === 'RETENTION_APPLIED')).toMatchObject([
      { count: 1, resource: { id: 'subjects' } },
      { count: 3, resource: { id: 'payments' } },
      { count: 4, resource: { id: 'webhooks' }, actor: { type: 'component', id: 'retention' } },
    ]);
    expect(removed.lines).toContainEqual(
      expect.objectContaining({ event: 'retention.applied', fields: { kind: 'webhooks', count: 4 } }),
    );
    await expectWhole(folder, DUE);
  });

  test('removes the beginning of the trail once something stands behind it, and verification begins there', async () => {
    using folder = copy();
    await applyRetention(folder.data, DUE, KEPT);
    await deliver(folder, DUE, ['evt_later']);

    const { auditEntries } = await applyRetention(folder.data, DUE + DAY_MS, KEPT);

    expect(auditEntries).toBeGreaterThan(5);
    const [check] = jsonLines(await run(folder, DUE + DAY_MS, 'audit', 'verify', '--json'));
    expect(check).toMatchObject({
      outcome: 'whole',
      webhooks: 1,
      begins: { afterDigest: 1, removedAt: new Date(DUE + DAY_MS).toISOString() },
    });
    expect(countOf(folder, 'webhook_tombstones')).toBe(0);
    await expectWhole(folder, DUE + DAY_MS);
  });

  test('keeps the trail from the first entry on of a webhook that is stored', async () => {
    using folder = copy();
    await run(folder, START, 'legal-holds', 'add', 'stripe:evt_b', '--reason', 'a dispute');

    expect(await applyRetention(folder.data, DUE, KEPT)).toMatchObject({ webhooks: 3, auditEntries: 0 });

    await expectWhole(folder, DUE);
  });

  test('leaves what waits, whatever its age', async () => {
    using folder = createTestFolder();
    await deliver(folder, START, ['evt_a', 'evt_waits']);

    expect(await applyRetention(folder.data, DUE, KEPT)).toMatchObject({ webhooks: 1, payments: 1 });

    expect(stored(folder)).toEqual(['stripe:evt_waits']);
    await expectWhole(folder, DUE);
  });

  test.each([
    ['a webhook', 'stripe:evt_b'],
    ['a payment', 'pi_evt_b'],
  ])('leaves %s on legal hold, with what belongs to it, until the hold is taken away', async (_, id) => {
    using folder = copy();
    expect(await run(folder, START, 'legal-holds', 'add', id, '--reason', 'a dispute')).toMatchObject({ code: 0 });
    expect(jsonLines(await run(folder, START, 'legal-holds', 'list', '--json'))).toMatchObject([
      { id, reason: 'a dispute' },
    ]);

    await applyRetention(folder.data, DUE, KEPT);
    expect(stored(folder)).toEqual(['stripe:evt_b']);
    expect((await run(folder, DUE, 'payments', 'show', 'pi_evt_b')).code).toBe(0);
    await expectWhole(folder, DUE);

    expect((await run(folder, DUE, 'legal-holds', 'remove', id, '--reason', 'settled')).code).toBe(0);
    expect((await run(folder, DUE, 'legal-holds', 'remove', id, '--reason', 'settled')).code).toBe(1);
    await applyRetention(folder.data, DUE, KEPT);
    expect([stored(folder), countOf(folder, 'payments')]).toEqual([[], 0]);
    await expectWhole(folder, DUE);
    const events = jsonLines(await run(folder, DUE, 'audit', 'show', '--json')).map(({ event }) => event);
    expect(events).toEqual(expect.arrayContaining(['LEGAL_HOLD_ADDED', 'LEGAL_HOLD_REMOVED']));
  });

  test('holds nothing that is not there', async () => {
    using folder = copy();

    const ran = await run(folder, START, 'legal-holds', 'add', 'stripe:evt_nobody', '--reason', 'x');

    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('there is no webhook and no payment')]);
  });

  test('never believes a row that was edited to be removed: it stays and is found', async () => {
    using folder = copy();
    edit(folder, `UPDATE payment_webhooks SET expires_at = 1, received_at = 1 WHERE webhook_id = 'stripe:evt_a'`);

    expect(await applyRetention(folder.data, START + 399 * DAY_MS, KEPT)).toMatchObject({ webhooks: 0 });

    expect((await run(folder, DUE, 'audit', 'verify')).stdout).toContain('stripe:evt_a was edited');
  });

  test('removes nothing of a trail that is not as it was signed', async () => {
    using folder = copy();
    await applyRetention(folder.data, DUE, KEPT);
    await deliver(folder, DUE, ['evt_later']);
    edit(folder, `UPDATE audit_entries SET text = text || ' ' WHERE position = 2`);
    const entries = countOf(folder, 'audit_entries');

    await expect(applyRetention(folder.data, DUE + DAY_MS, KEPT)).rejects.toThrow(/digest 1 has had its time/);

    expect(countOf(folder, 'audit_entries')).toBe(entries);
    expect((await run(folder, DUE, 'audit', 'verify')).stdout).toContain('entry 2 of chain');
  });

  test('a webhook that somebody else removed is missed, though it had had its time', async () => {
    using folder = copy();
    edit(folder, `DELETE FROM payment_webhooks WHERE webhook_id = 'stripe:evt_a'`);
    await applyRetention(folder.data, DUE, KEPT);

    expect((await run(folder, DUE, 'audit', 'verify')).stdout).toContain('webhook stripe:evt_a was removed');
  });

  test('lets a webhook that comes once more live again, and go again', async () => {
    using folder = copy();
    await run(folder, START, 'legal-holds', 'add', 'stripe:evt_c', '--reason', 'the trail stays');
    await applyRetention(folder.data, DUE, KEPT);
    await deliver(folder, DUE, ['evt_a']);

    expect(stored(folder)).toEqual(['stripe:evt_c', 'stripe:evt_a']);
    await expectWhole(folder, DUE);
    const again = DUE + 401 * DAY_MS;
    await applyRetention(folder.data, again, KEPT);
    expect(stored(folder)).toEqual(['stripe:evt_c']);
    await expectWhole(folder, again);

    await deliver(folder, again, ['evt_a']);
    edit(folder, `DELETE FROM payment_webhooks WHERE webhook_id = 'stripe:evt_a'`);
    expect((await run(folder, again, 'audit', 'verify')).stdout).toMatch(/stripe:evt_a was removed: .* once more/);
  });
});

describe('a round that ends between any two batches', () => {
  const MANY = 3 * LIMITS.retentionBatchMax;
  let many: TestFolder;

  beforeAll(async () => {
    many = createTestFolder();
    const ids = Array.from({ length: MANY }, (_, index) => `evt_${index}`);
    await deliver(many, START, ids);
    await deliver(many, START + 100 * DAY_MS, ['evt_young']);
  });

  afterAll(() => many[Symbol.dispose]());

  test('leaves a whole trail, and what has not had its time; the next ones go on to the end', async () => {
    using folder = createTestFolder();
    cpSync(many.data, folder.data, { recursive: true });
    const sizes: number[] = [];
    for (let before = MANY + 1; ; ) {
      const { webhooks } = await applyRetention(folder.data, DUE, { ...KEPT, rest: async () => false });
      const after = countOf(folder, 'payment_webhooks');
      expect(before - after).toBe(webhooks);
      await expectWhole(folder, DUE);
      expect(stored(folder)).toContain('stripe:evt_young');
      if (webhooks === 0) break;
      sizes.push(webhooks);
      before = after;
    }

    expect(sizes).toEqual([LIMITS.retentionBatchMax, LIMITS.retentionBatchMax, LIMITS.retentionBatchMax]);
    expect(stored(folder)).toEqual(['stripe:evt_young']);
  });

  test('is never taken for an edit by a check that runs meanwhile', async () => {
    using folder = createTestFolder();
    cpSync(many.data, folder.data, { recursive: true });
    let checks = 0;

    await applyRetention(folder.data, DUE, {
      ...KEPT,
      rest: async () => {
        await expectWhole(folder, DUE);
        checks += 1;
        return true;
      },
    });

    expect(checks).toBeGreaterThan(3);
  });
});
