/** The trail as one file out of the console: what is in it, who may, and when it is none. */
import { beforeEach, describe, expect, test } from 'vitest';
import { EXPORT_FILES } from '../../src/audit/export-trail.ts';
import { PayhookError } from '../../src/core/errors.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { readZip } from '../support/read-zip.ts';
import { type ConsoleHome, openConsole, openConsoleHome, type TestConsole } from './console-home.ts';

let home: ConsoleHome;
let auditor: TestConsole;

const open = async (overrides: Parameters<typeof openConsole>[2] = {}): Promise<TestConsole> => {
  const over = openConsole(home, 'auditor', overrides);
  await over.logIn();
  return over;
};

beforeEach(async () => {
  home = openConsoleHome();
  for (const id of ['evt_1', 'evt_2', 'evt_bad']) await home.deliver(id);
  await home.closeDigests();
  auditor = await open();
});

const download = async (over: TestConsole, path: string): Promise<Buffer> =>
  Buffer.from(await (await over.stream(path)).arrayBuffer());

describe('the trail taken along', () => {
  test('is every file of the command, with its entries as they are kept', async () => {
    const { path } = (await auditor.post('/api/audit/export', { reason: 'the yearly assessment' })).body;
    const response = await auditor.stream(path);
    const files = readZip(Buffer.from(await response.arrayBuffer()));

    expect([...files.keys()].toSorted()).toEqual([...EXPORT_FILES].toSorted());
    const lines = String(files.get('entries.ndjson')).trimEnd().split('\n');
    const kept = await home.auditLog.read(0, 6);
    expect(lines.map((line) => JSON.parse(line).hash)).toEqual(kept.map(({ hash }) => hash));
    expect(response.headers.get('content-type')).toBe('application/zip');
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="payhook-audit-trail-\d{4}-\d\d-\d\d\.zip"$/,
    );
  });

  test('is in the trail before, under the name and with the reason of whoever took it', async () => {
    await auditor.post('/api/audit/export', { reason: 'the yearly assessment' });

    const [newest] = await home.auditLog.latest(1);
    expect(JSON.parse(newest?.text ?? '')).toMatchObject({
      event: 'AUDIT_EXPORTED',
      actor: { id: 'alice' },
      reason: 'the yearly assessment',
    });
  });

  test('comes by a link that is good once, for two minutes, and for the session that asked', async () => {
    const linkOf = async () => (await auditor.post('/api/audit/export')).body.path;
    const path = await linkOf();
    expect((await (await open()).get(path)).body.error).toBe('link_used');
    expect((await auditor.get(path)).status).toBe(200);
    expect((await auditor.get(path)).body.error).toBe('link_used');

    const old = await linkOf();
    home.clock.advance(LIMITS.consoleLinkMsMax + 1);
    expect((await auditor.get(old)).body.error).toBe('link_used');
  });

  test('is none where nothing is signed, or where it is more than one file', async () => {
    const unsigned = await open({ auditLog: { ...home.auditLog, lastDigest: async () => undefined } });
    expect((await unsigned.post('/api/audit/export')).body.error).toBe('nothing_signed');

    const digest = await home.auditLog.lastDigest();
    if (digest === undefined) throw new Error('nothing was signed');
    const lastDigest = async () => ({ ...digest, lastPosition: LIMITS.consoleTrailEntriesMax + 1 });
    const long = await open({ auditLog: { ...home.auditLog, lastDigest } });
    expect((await long.post('/api/audit/export')).body).toMatchObject({
      error: 'trail_too_long',
      message: expect.stringContaining('payhook audit export'),
    });
  });

  test('stays where it is when the trail cannot be written', async () => {
    const append = async () => {
      throw new PayhookError('audit_unavailable', 'the trail cannot be written');
    };
    const broken = await open({ auditLog: { ...home.auditLog, append } });

    expect((await broken.post('/api/audit/export')).body).toEqual({
      error: 'audit_unavailable',
      message: 'the trail cannot be written',
    });
  });

  test('says in a file that it broke off, and has no manifest then', async () => {
    const read = async (): Promise<never> => {
      throw new PayhookError('store_unavailable', 'the store is away');
    };
    const broken = await open({ auditLog: { ...home.auditLog, read } });
    const { path } = (await broken.post('/api/audit/export')).body;
    const files = readZip(await download(broken, path));

    expect(String(files.get('UNFINISHED.txt'))).toBe('not all of it: store_unavailable\n');
    expect(files.has('manifest.json')).toBe(false);
    expect(broken.bugs).toEqual([]);
  });
});
