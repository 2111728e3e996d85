/** What is taken along: whole, in order, and never more than a digest signs. What checks it is tried in test/cli/audit-export.test.ts. */
import { describe, expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import { createExportTrail, EXPORT_FILES, type ExportFile } from './export-trail.ts';

const exportOf = async (home: Parameters<typeof createExportTrail>[0]) => {
  const files = new Map<ExportFile, string>();
  const outcome = await createExportTrail(home)((file, text) => files.set(file, (files.get(file) ?? '') + text));
  const linesOf = (file: ExportFile) => (files.get(file) ?? '').split('\n').filter((line) => line !== '');
  return { outcome, files, entries: linesOf('entries.ndjson').map((line) => JSON.parse(line)), linesOf };
};

const homeWith = async (deliveries: number) => {
  const home = createTestHome();
  for (let n = 0; n < deliveries; n += 1) await home.deliver(stripeDelivery(home.clock, `evt_${n}`));
  return home;
};

describe('exporting the trail', () => {
  test('says that nothing is signed yet, and writes nothing', async () => {
    const { outcome, files } = await exportOf(await homeWith(2));

    expect([outcome, files.size]).toEqual([{ outcome: 'nothing_signed' }, 0]);
  });

  test('writes all that digests sign in order over many pages, and counts what none signs', async () => {
    const home = await homeWith(1100);
    await home.closeDigests();
    await home.deliver(stripeDelivery(home.clock, 'evt_late'));

    const { outcome, files, entries, linesOf } = await exportOf(home);

    expect(outcome).toMatchObject({ outcome: 'exported', manifest: { entries: 1100, begins: null }, notSigned: 1 });
    expect(entries.map(({ position }) => position)).toEqual(Array.from({ length: 1100 }, (_, index) => index + 1));
    expect(linesOf('digests.ndjson').length).toBe((await home.auditLog.lastDigest())?.number);
    expect([...files.keys()].sort()).toEqual([...EXPORT_FILES].sort());
  });

  test('begins where the trail begins, and says so when that moved meanwhile', async () => {
    const home = await homeWith(4);
    await home.closeDigests();
    const last = await home.auditLog.lastDigest();
    if (last === undefined) throw new Error('nothing was signed');
    const start = { digestNumber: 0, lastPosition: 2, keyId: last.keyId } as never;
    const begunLater = { ...home.auditLog, start: async () => start };
    let asked = 0;
    const moving = {
      ...home.auditLog,
      start: async () => (asked++ === 0 ? undefined : { ...(start as object), digestNumber: 1 }),
    };

    expect((await exportOf({ ...home, auditLog: begunLater })).entries.map(({ position }) => position)).toEqual([3, 4]);
    expect((await exportOf({ ...home, auditLog: moving as never })).outcome).toEqual({ outcome: 'begins_later' });
  });
});
