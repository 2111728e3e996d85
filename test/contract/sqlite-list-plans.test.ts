/** How SQLite looks for what a list asks: in the order of an index, or among a bounded number of rows of one; never among all. */
import { afterAll, describe, expect, test } from 'vitest';
import {
  AUDIT_CHAIN_END_SQL,
  AUDIT_CHAINED_SQL,
  AUDIT_LATEST_SQL,
} from '../../src/adapters/sqlite/sqlite-audit-operations.ts';
import type { Sql, WalkSql } from '../../src/adapters/sqlite/sqlite-conditions.ts';
import { openDatabase } from '../../src/adapters/sqlite/sqlite-database.ts';
import { GROWTH_SQL } from '../../src/adapters/sqlite/sqlite-growth-operations.ts';
import { jobListSql } from '../../src/adapters/sqlite/sqlite-job-operations.ts';
import { paymentListSql } from '../../src/adapters/sqlite/sqlite-payment-list.ts';
import { REJECTED_LIST_SQL } from '../../src/adapters/sqlite/sqlite-rejected-operations.ts';
import { RETENTION_SQL } from '../../src/adapters/sqlite/sqlite-retention-operations.ts';
import { createOperations } from '../../src/adapters/sqlite/sqlite-statements.ts';
import { webhookListSql } from '../../src/adapters/sqlite/sqlite-webhook-list.ts';
import { cursorOf } from '../../src/core/page.ts';
import type { WebhookFilter } from '../../src/core/ports/webhook-store.ts';
import { WEBHOOK_STATUSES } from '../../src/core/status.ts';
import type { JobsQuery } from '../../src/jobs/job-store.ts';
import type { PaymentFilter } from '../../src/payments/payment-store.ts';

const db = openDatabase({ path: ':memory:' });
createOperations(db);
afterAll(() => db.close());

const planOf = ({ text, values }: Sql): readonly string[] =>
  db
    .prepare(`EXPLAIN QUERY PLAN ${text}`)
    .all(...values)
    .map(({ detail }) => String(detail));

/** Every combination of these, each there or not. */
const combinations = <Filter extends object>(parts: readonly Partial<Filter>[]): readonly Partial<Filter>[] =>
  parts.reduce<readonly Partial<Filter>[]>(
    (all, part) => all.flatMap((filter) => [filter, { ...filter, ...part }]),
    [{}],
  );

/** Nothing is sorted, and no table is read from its beginning; inside of a bounded query rows are looked at one by one. */
const expectBounded = ({ page, last }: WalkSql, what: object): void => {
  for (const sql of last === null ? [page] : [page, last]) {
    const plan = planOf(sql);
    const lines = plan.filter(
      (line) =>
        !/^(?:CO-ROUTINE|MERGE|LEFT|RIGHT|COMPOUND|SCAN \(subquery|CORRELATED|SEARCH payment_events|SCAN json_each)/.test(
          line,
        ),
    );
    expect(lines.length, JSON.stringify({ what, plan })).toBeGreaterThan(0);
    for (const line of lines)
      expect(line, JSON.stringify({ what, plan })).toMatch(/USING (?:COVERING )?INDEX (?:webhooks|payments|jobs)_by_/);
    expect(sql.text.match(/ LIMIT /g)?.length).toBeGreaterThan(0);
  }
  // What no index knows is asked of a subquery that ends by itself.
  if (last !== null) expect(page.text).toMatch(/FROM \(.* LIMIT \?\) WHERE .* LIMIT \?$/);
};

const TIMES = [{ since: 1 }, { until: 9 }] as const;

describe('the plan of a list', () => {
  test('of webhooks has an index for every combination of filters, and sorts nothing', () => {
    const statuses = [...WEBHOOK_STATUSES, ['dead_lettered', 'retrying'], ['received', 'processed']] as const;
    const filters = combinations<WebhookFilter>([
      ...TIMES,
      { after: cursorOf('webhooks', 5, 5) },
      { provider: 'stripe' },
      { eventType: 'charge.*', mode: 'live' },
      { account: 'a', objectId: 'b' },
      { handler: { name: 'shipOrder', outcome: 'failed' } },
      { destination: 'ledger', cause: 'handler_failed' },
      { secretId: 'stripe#1', origin: 'delivery', cardData: 'found' },
    ]);

    for (const filter of filters) {
      for (const status of [undefined, ...statuses]) {
        expectBounded(webhookListSql({ ...filter, status, limit: 20 }), { ...filter, status });
      }
    }
    expect(filters.length * statuses.length).toBeGreaterThan(500);
  });

  test('of what needs attention uses the index of it', () => {
    for (const status of ['dead_lettered', 'retrying', 'received', 'ignored'] as const) {
      expect(planOf(webhookListSql({ status, limit: 5 }).page).join()).toContain('webhooks_by_status (status=?');
    }
    expect(planOf(webhookListSql({ status: ['dead_lettered', 'retrying'], limit: 5 }).page).join('\n')).toMatch(
      /MERGE[\s\S]*webhooks_by_status[\s\S]*webhooks_by_status/,
    );
  });

  test('of payments has an index for every combination of filters, and sorts nothing', () => {
    const filters = combinations<PaymentFilter>([
      ...TIMES,
      { after: cursorOf('payments', 5, 5) },
      { provider: 'stripe' },
      { account: 'a' },
      { mode: 'live', related: 'cus_1' },
      { status: ['succeeded', 'failed'] },
    ]);

    for (const filter of filters) expectBounded(paymentListSql({ ...filter, limit: 20 }), filter);
    expect(filters).toHaveLength(128);
  });

  test('of jobs has an index for every combination of filters, and sorts nothing', () => {
    const filters = combinations<JobsQuery>([
      ...TIMES,
      { after: cursorOf('jobs', 5, 'job-1') },
      { states: ['done', 'running'] },
      { states: ['done', 'expired'] },
    ]);

    for (const filter of filters) expectBounded(jobListSql({ ...filter, limit: 20 }, 5), filter);
    expect(filters).toHaveLength(32);
  });
});

describe('the plan of a page', () => {
  test('of the trail reads no entry that it does not list', () => {
    expect(planOf({ text: AUDIT_LATEST_SQL, values: [9, 5] })).toEqual([
      expect.stringMatching(/SEARCH audit_entries USING INTEGER PRIMARY KEY \(rowid<\?\)/),
    ]);
  });

  test('of one chain of the trail goes from its end, which an index knows, from each entry to the one before', () => {
    const plans = [
      ...Object.values(AUDIT_CHAIN_END_SQL).map((text) => ({ text, values: ['stripe:evt_1', 9] })),
      { text: AUDIT_CHAINED_SQL, values: [9] },
    ].map(({ text, values }) => planOf({ text, values: values.slice(0, text.split('?').length - 1) }));

    expect(plans).toEqual([
      [expect.stringMatching(/SEARCH payment_webhooks USING INDEX webhooks_by_key \(webhook_id=\? AND timestamp=\?\)/)],
      [expect.stringMatching(/SEARCH audit_chains USING PRIMARY KEY \(chain_id=\?\)/)],
      [expect.stringMatching(/SEARCH audit_entries USING INTEGER PRIMARY KEY \(rowid=\?\)/)],
    ]);
  });

  test('of rejected deliveries goes through them by time, and sorts those of one millisecond only', () => {
    const plan = planOf({
      text: REJECTED_LIST_SQL,
      values: [0, 9, 9, '', 1, 'stripe', 'signature_mismatch', '192.0.2.1', 5],
    });

    expect(plan).toEqual([
      expect.stringContaining('USING INDEX rejected_by_rejected_at'),
      'USE TEMP B-TREE FOR LAST TERM OF ORDER BY',
    ]);
  });
});

test('how much came lately is told by three places, whatever is stored', () => {
  const plan = planOf({ text: GROWTH_SQL, values: [5] }).filter((line) => !/SCALAR|CONSTANT/.test(line));

  expect(plan).toEqual([
    expect.stringMatching(/^SEARCH payment_webhooks/),
    expect.stringMatching(/^SEARCH payment_webhooks/),
    expect.stringContaining('USING COVERING INDEX webhooks_by_received_at (received_at>?)'),
  ]);
});

describe('a page of retention', () => {
  test.each([
    ['webhooks', [9, 1, 1], 'webhooks_by_received_at (received_at>? AND received_at<?)'],
    ['payments', [9, 1, 1], 'payments_by_stored_at (stored_at>? AND stored_at<?)'],
    ['subjects', ['', '', '', ''], 'PRIMARY KEY ((kind,subject_id,provider,account)>(?,?,?,?))'],
  ] as const)('of %s goes through an index from where the one before ended', (what, values, index) => {
    const plan = planOf({ text: RETENTION_SQL[what], values: [...values] });

    expect(plan).toEqual([expect.stringContaining(`INDEX ${index}`.replace('INDEX PRIMARY', 'PRIMARY'))]);
  });
});
