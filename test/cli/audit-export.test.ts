/** What an assessor takes along: the trail in files, and a program beside it that needs nothing of ours. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashOfDigest, hashOfText } from '../../src/audit/audit.ts';
import { createExportTrail } from '../../src/audit/export-trail.ts';
import { createSigner, SECRET_ENV, stripeEvent } from '../server/signed.ts';
import { createTestFolder, post, startLocalServer, writeSetup } from '../support/running-server.ts';
import { createTestHome, stripeDelivery } from '../support/test-home.ts';
import { jsonLines, runHere } from './run-here.ts';

interface Checked {
  readonly code: number;
  readonly said: string;
}

/** The verifier in a folder of its own, without a variable, a package or a file of ours near it. */
const check = async (folder: string, ...args: string[]): Promise<Checked> => {
  const run = promisify(execFile)(process.execPath, [join(folder, 'verify.cjs'), ...args], { cwd: folder, env: {} });
  const ran = await run.catch((error: { stdout: string; stderr: string }) => ({ ...error, isFailed: true }));
  return { code: 'isFailed' in ran ? 1 : 0, said: ran.stdout + ran.stderr };
};

const root = mkdtempSync(join(tmpdir(), 'payhook-export-'));
const ORIGINAL = join(root, 'original');
let copies = 0;

/** Three digests over a few webhooks and what became of them. */
beforeAll(async () => {
  const home = createTestHome();
  for (const id of ['evt_1', 'evt_2', 'evt_3']) {
    await home.deliver(stripeDelivery(home.clock, id));
    await home.work();
    home.clock.advance(1000);
    await home.closeDigests();
  }
  mkdirSync(ORIGINAL);
  const exported = await createExportTrail(home)((file, text) => appendFileSync(join(ORIGINAL, file), text));
  expect(exported).toMatchObject({ outcome: 'exported', manifest: { entries: 6, digests: 3 }, notSigned: 0 });
});

afterAll(() => rmSync(root, { recursive: true }));

// biome-ignore lint/suspicious/noExplicitAny: what a test edits is for the test to say
type Line = any;

const readLines = (folder: string, file: string): Line[] =>
  readFileSync(join(folder, file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** A copy of the export in which something was edited. */
const edited = (file: string, edit: (lines: Line[]) => readonly Line[]): string => {
  copies += 1;
  const folder = join(root, `copy-${copies}`);
  cpSync(ORIGINAL, folder, { recursive: true });
  const lines = edit(readLines(folder, file));
  writeFileSync(join(folder, file), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return folder;
};

const rewritten = (line: Line): Line => {
  const text = line.text.replace('"success"', '"failure"');
  return { ...line, text, hash: hashOfText(text) };
};

describe('an export of the trail', () => {
  test('is whole for its own verifier, which says what to compare', async () => {
    const { code, said } = await check(ORIGINAL);

    expect([code, said]).toEqual([0, expect.stringContaining('this export is whole: 6 entries, 3 signed digests\n')]);
    const last = readLines(ORIGINAL, 'digests.ndjson').at(-1);
    expect(said).toContain(`${last.number}:${last.hash}`);
    expect((await check(ORIGINAL, '--digest', `${last.number}:${last.hash}`)).code).toBe(0);
    expect((await check(ORIGINAL, '--digest', `1:${'f'.repeat(64)}`)).said).toContain('is not in this export');
  });

  test.each<readonly [string, string, (lines: Line[]) => readonly Line[], RegExp]>([
    [
      'a word of an entry is edited',
      'entries.ndjson',
      (all) => all.with(2, { ...all[2], text: all[2].text.replace('"success"', '"failure"') }),
      /entry 3 of chain \S+ was edited/,
    ],
    [
      'an entry is rewritten with its hash',
      'entries.ndjson',
      (all) => all.with(2, rewritten(all[2])),
      /entry 3 is not the one that digest 2 signs/,
    ],
    ['an entry is taken out', 'entries.ndjson', (all) => all.toSpliced(3, 1), /entry 4 is missing/],
    [
      'the last entry is taken out',
      'entries.ndjson',
      (all) => all.slice(0, -1),
      /entry 6 is not the one that digest 3 signs/,
    ],
    [
      'two entries change places',
      'entries.ndjson',
      (all) => [all[1], all[0], ...all.slice(2)],
      /entry 1 is missing[\s\S]*entry 1 is not in its place/,
    ],
    [
      'an entry is there twice',
      'entries.ndjson',
      (all) => [...all.slice(0, 2), all[1], ...all.slice(2)],
      /entry 2 is not in its place, or there twice/,
    ],
    [
      'an entry is moved to another chain',
      'entries.ndjson',
      (all) => all.with(4, { ...all[4], chainId: all[0].chainId }),
      /entry 5 of chain \S+ was moved here from chain/,
    ],
    [
      'an entry is added',
      'entries.ndjson',
      (all) => [...all, { ...rewritten(all[5]), position: 7 }],
      /entry 7 of chain \S+ is signed by no digest/,
    ],
    [
      'a line is none',
      'entries.ndjson',
      (all) => all.with(1, 'nothing'),
      /line 2 of entries.ndjson is not what was exported/,
    ],
    ['a digest is edited', 'digests.ndjson', (all) => all.with(1, { ...all[1], createdAt: 1 }), /digest 2 was edited/],
    [
      'a digest is rewritten with its hash',
      'digests.ndjson',
      (all) => all.with(1, { ...all[1], createdAt: 1, hash: hashOfDigest({ ...all[1], createdAt: 1 }) }),
      /digest 2 does not carry a signature/,
    ],
    ['a digest is taken out', 'digests.ndjson', (all) => all.toSpliced(1, 1), /digest 2 is missing/],
    [
      'the last digest is taken out',
      'digests.ndjson',
      (all) => all.slice(0, -1),
      /the end is cut off: digest 3 was the last one/,
    ],
  ])('is not whole when %s, and the place is named', async (_, file, edit, place) => {
    const { code, said } = await check(edited(file, edit));

    expect(code).toBe(1);
    expect(said).toMatch(/^this export is NOT whole: /);
    expect(said).toMatch(place);
  });

  test('is not whole under another key, and with a file that cannot be read', async () => {
    const folder = edited('entries.ndjson', (all) => all);
    const publicKey = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' });
    const [{ keyId }] = JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8'));
    writeFileSync(join(folder, 'keys.json'), JSON.stringify([{ keyId, publicKey }]));
    expect((await check(folder)).said).toContain(`digest 1 does not carry a signature of key ${keyId}`);

    writeFileSync(join(folder, 'manifest.json'), '{');
    expect(await check(folder)).toEqual({ code: 1, said: expect.stringContaining('manifest.json cannot be read') });
  });

  test('has nothing in it before a digest was signed', async () => {
    const home = createTestHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));

    expect(await createExportTrail(home)(() => undefined)).toEqual({ outcome: 'nothing_signed' });
  });
});

describe('payhook audit export', () => {
  test('writes it into an empty folder for its owner alone, and is in the trail itself', async () => {
    using folder = createTestFolder();
    const server = await startLocalServer({ folder, env: SECRET_ENV });
    const env = writeSetup(folder, { env: SECRET_ENV });
    const { sign } = await createSigner(Date.now());
    await post(server.url, 'stripe', sign('stripe', stripeEvent('evt_1'), { now: Date.now() }));
    await server.running.stop('done');
    const out = join(folder.path, 'evidence');

    const ran = await runHere(['audit', 'export', out, '--reason', 'the yearly assessment'], env);

    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toContain('1 newer entries are not part of it');
    expect(readdirSync(out).toSorted()).toEqual([
      'README.txt',
      'digests.ndjson',
      'entries.ndjson',
      'keys.json',
      'manifest.json',
      'verify.cjs',
    ]);
    expect(readdirSync(out).map((file) => statSync(join(out, file)).mode & 0o777)).toEqual(Array(6).fill(0o600));
    expect(await check(out)).toEqual({ code: 0, said: expect.stringContaining('this export is whole') });
    const [newest] = jsonLines(await runHere(['audit', 'show', '--limit', '1', '--json'], env));
    expect(newest).toMatchObject({ event: 'AUDIT_EXPORTED', reason: 'the yearly assessment' });
    const again = await runHere(['audit', 'export', out], env);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('is not empty')]);
  });
});
