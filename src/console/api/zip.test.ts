import { expect, test } from 'vitest';
import { readZip } from '../../../test/support/read-zip.ts';
import { createZip, type Zip } from './zip.ts';

const zipOf = async (fill: (zip: Zip) => Promise<void>): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  const zip = createZip(async (bytes) => pieces.push(bytes), new Date('2026-11-23T12:34:56Z'));
  await fill(zip);
  await zip.end();
  return Buffer.concat(pieces);
};

test('files come out as they went in, in pieces, with names and texts of every script', async () => {
  const line = 'ein Satz mit Umlauten: äöü, 支払い\n';
  const archive = await zipOf(async (zip) => {
    for (let piece = 0; piece < 20_000; piece += 1) await zip.append('entries.ndjson', line);
    await zip.append('empty', '');
    await zip.append('lies mich – 読.txt', 'hello');
  });

  const files = readZip(archive);
  expect([...files.keys()]).toEqual(['entries.ndjson', 'empty', 'lies mich – 読.txt']);
  expect(String(files.get('entries.ndjson'))).toBe(line.repeat(20_000));
  expect(String(files.get('empty'))).toBe('');
  expect(archive.length).toBeLessThan(20_000);
});

test('an archive without files is one', async () => {
  expect([...readZip(await zipOf(async () => undefined))]).toEqual([]);
});
