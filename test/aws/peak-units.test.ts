/** What a planned peak is sized with, against what DynamoDB charges for webhooks as they really are written. */
import { expect, test } from 'vitest';
import { measureTableUnits } from '../../bench/aws-table-units.ts';
import { TRAIL_WRITE_UNITS_A_WEBHOOK, UNITS_A_WEBHOOK, WARMED, type Warmed } from '../../infra/peak/size-peak.ts';
import { RECEIVED_INDEX, STORED_INDEX } from '../../src/config/aws-names.ts';

/** As the bench calls them. */
const NAMES: Readonly<Record<Exclude<Warmed, 'byAttention'>, string>> = {
  webhooks: 'webhooks',
  byReceivedAt: `webhooks/${RECEIVED_INDEX}`,
  payments: 'payments',
  byStoredAt: `payments/${STORED_INDEX}`,
};

test('a peak is sized with no fewer units of each table and index than a webhook takes, and not with twice as many', async () => {
  const { byTable } = await measureTableUnits(200);

  const counted = WARMED.filter((name) => name !== 'byAttention');
  expect(Object.keys(byTable).sort()).toEqual([...counted.map((name) => NAMES[name]), 'audit'].sort());
  expect(byTable.audit?.write).toBeLessThanOrEqual(TRAIL_WRITE_UNITS_A_WEBHOOK);
  for (const name of counted) {
    const [sized, { write, read }] = [UNITS_A_WEBHOOK[name], byTable[NAMES[name]] ?? { write: 0, read: 0 }];
    expect(sized.write, `${name}, write`).toBeGreaterThanOrEqual(write);
    expect(sized.write, `${name}, write`).toBeLessThan(write * 2);
    expect(sized.read, `${name}, read`).toBeGreaterThanOrEqual(read);
  }
});
