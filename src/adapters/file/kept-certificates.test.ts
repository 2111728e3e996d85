import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitUntil } from '../../../test/support/running-server.ts';
import { createMemoryLogger } from '../memory/memory-recorders.ts';
import { createKeptCertificates } from './kept-certificates.ts';

const URL_1 = 'https://api.paypal.com/v1/notifications/certs/CERT-1';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'payhook-test-'));
  path = join(folder, 'certificates.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('keeps certificates over a start, readable by their owner', async () => {
  const logger = createMemoryLogger();
  const kept = createKeptCertificates(path, logger);
  expect(kept.read()).toEqual(new Map());

  kept.write(new Map([[URL_1, 'old']]));
  kept.write(new Map([[URL_1, 'pem']]));

  await waitUntil('the last one is written', () => createKeptCertificates(path, logger).read().get(URL_1) === 'pem');
  expect(statSync(path).mode & 0o077).toBe(0);
  expect(logger.lines.filter(({ fields }) => fields.message?.includes('ENOENT') !== true)).toEqual([]);
});

test.each(['', '{"a":', '[]', '"text"', '{"https://a":1}'])(
  'begins anew, and says so, where the file holds %j',
  async (text) => {
    writeFileSync(path, text);
    const logger = createMemoryLogger();
    const kept = createKeptCertificates(path, logger);

    expect(kept.read()).toEqual(new Map());
    expect(logger.lines).toMatchObject([{ level: 'warn', event: 'certificates.not_kept', fields: { path } }]);

    kept.write(new Map([[URL_1, 'pem']]));
    await waitUntil('it is written', () => readFileSync(path, 'utf8').includes('pem'));
  },
);

test('says so, and throws nothing, where it cannot write', async () => {
  const logger = createMemoryLogger();
  const kept = createKeptCertificates(join(folder, 'nowhere', 'certificates.json'), logger);

  kept.write(new Map());

  await waitUntil('it is told', () => logger.lines.length > 0);
  expect(logger.lines).toMatchObject([{ event: 'certificates.not_kept' }]);
});
