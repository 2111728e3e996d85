/** The witness of the trail, and the trail beside a server: anchors that are lost or elsewhere, older copies, a webhook made to run again. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonLines, runHere } from '../cli/run-here.ts';
import { createSigner, SECRET_ENV, type Sign, stripeEvent } from '../server/signed.ts';
import {
  createTestFolder,
  type HomeSetup,
  post,
  type Ran,
  readStored,
  startLocalServer,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';

const SETUP: HomeSetup = { env: SECRET_ENV };

let original: TestFolder;
let sign: Sign;

/** A run of the server with one webhook: one more digest at least. */
const runServer = async (folder: TestFolder, setup: HomeSetup, id: string): Promise<void> => {
  await using server = await startLocalServer({ ...setup, folder });
  await post(server.url, 'stripe', sign('stripe', stripeEvent(id), { now: Date.now() }));
  await waitUntil(`${id} is processed`, () => readStored(folder.data).queued === 0);
};

beforeAll(async () => {
  ({ sign } = await createSigner(Date.now()));
  original = createTestFolder();
  for (const id of ['evt_1', 'evt_2']) await runServer(original, SETUP, id);
});

afterAll(() => original[Symbol.dispose]());

const copy = (): TestFolder => {
  const folder = createTestFolder();
  cpSync(original.data, folder.data, { recursive: true });
  return folder;
};

const verify = (folder: TestFolder, setup: HomeSetup = SETUP, ...args: string[]): Promise<Ran> =>
  runHere(['audit', 'verify', ...args], writeSetup(folder, setup));

const edit = (folder: TestFolder, sql: string): void => {
  using db = new DatabaseSync(join(folder.data, 'payhook.db'), { enableForeignKeyConstraints: false });
  db.exec(sql);
};

const anchorOf = (folder: TestFolder): string => join(folder.data, 'audit-anchor.json');

/** As `--digest` takes it. */
const lastDigestOf = async (folder: TestFolder): Promise<string> => {
  const [check] = jsonLines(await verify(folder, SETUP, '--json'));
  const last = check?.lastDigest as { number: number; hash: string } | undefined;
  return `${last?.number}:${last?.hash}`;
};

const CUT_BACK = `DELETE FROM audit_digests WHERE number > 1;
  DELETE FROM audit_entries WHERE position > (SELECT last_position FROM audit_digests)`;

describe('the anchor of the audit trail', () => {
  test('is missed when it was removed, and stays missed while a server runs, which signs nothing meanwhile', async () => {
    using folder = copy();
    const before = await lastDigestOf(folder);
    rmSync(anchorOf(folder));

    const ran = await verify(folder);
    expect([ran.code, ran.stdout]).toEqual([
      1,
      expect.stringMatching(/the anchor was removed: \d+ digests were written/),
    ]);

    await runServer(folder, SETUP, 'evt_3');
    expect(await lastDigestOf(folder)).toBe(before);
    expect((await verify(folder)).stdout).toMatch(/the anchor was removed/);
  });

  test.each([
    ['removed', (path: string) => rmSync(path)],
    [
      'written anew',
      (path: string) => writeFileSync(path, `{"number":1,"hash":"${'f'.repeat(64)}"}\n`, { mode: 0o600 }),
    ],
  ])('shows a trail that was cut back with it when it was %s', async (_, change) => {
    using folder = copy();
    edit(folder, CUT_BACK);
    change(anchorOf(folder));

    const ran = await verify(folder);

    expect([ran.code, ran.stdout]).toEqual([
      1,
      expect.stringMatching(/^the audit trail is BROKEN: .*(?:anchor|digest)/),
    ]);
  });

  test('elsewhere shows that the whole data directory is an older copy', async () => {
    using folder = createTestFolder();
    const anchorDirectory = join(folder.path, 'elsewhere');
    mkdirSync(anchorDirectory);
    const setup: HomeSetup = { ...SETUP, config: { audit: { anchorDirectory } } };
    await runServer(folder, setup, 'evt_1');
    cpSync(folder.data, join(folder.path, 'older'), { recursive: true });
    await runServer(folder, setup, 'evt_2');
    expect((await verify(folder, setup)).code).toBe(0);

    rmSync(folder.data, { recursive: true });
    cpSync(join(folder.path, 'older'), folder.data, { recursive: true });

    const ran = await verify(folder, setup);
    expect([ran.code, ran.stdout]).toEqual([1, expect.stringMatching(/the end is cut off: digest \d+ was anchored/)]);
  });

  test('is never made in a folder that is not there', async () => {
    using folder = createTestFolder();
    const setup: HomeSetup = { ...SETUP, config: { audit: { anchorDirectory: join(folder.path, 'not-mounted') } } };

    await expect(startLocalServer({ ...setup, folder })).rejects.toThrow(
      /audit.anchorDirectory .*not-mounted cannot be used/,
    );
  });
});

describe('a digest that was written down elsewhere', () => {
  test('is found in the trail that it is of, and missed in an older copy of the whole directory', async () => {
    using older = copy();
    using newer = copy();
    await runServer(newer, SETUP, 'evt_3');
    const digest = await lastDigestOf(newer);

    expect((await verify(newer, SETUP, '--digest', digest)).code).toBe(0);
    const ran = await verify(older, SETUP, '--digest', digest);
    expect([ran.code, ran.stdout]).toEqual([
      1,
      expect.stringMatching(/this is an older copy: digest \d+ was written once/),
    ]);
  });

  test('tells a trail that was written anew from the one that it is of', async () => {
    const ran = await verify(original, SETUP, '--digest', `1:${'f'.repeat(64)}`);

    expect([ran.code, ran.stdout]).toEqual([1, expect.stringMatching(/digest 1 has hash [0-9a-f]{64} and not f{64}/)]);
  });

  test('has to be a number and a hash', async () => {
    expect((await verify(original, SETUP, '--digest', 'yesterday')).code).toBe(2);
  });
});

describe('a webhook that was made to run again behind the back of Payhook', () => {
  test('shows before a server starts, and after it has run again', async () => {
    using folder = copy();
    edit(
      folder,
      `UPDATE payment_webhooks SET status = 'received', attempts = 0, effects = NULL WHERE webhook_id = 'stripe:evt_1';
       INSERT INTO queue (webhook_position, due_at, enqueued_at, claim_number) VALUES (1, 0, 0, 0)`,
    );
    expect((await verify(folder)).stdout).toMatch(/stripe:evt_1 was edited: it is received and should be processed/);

    await runServer(folder, SETUP, 'evt_3');

    const ran = await verify(folder);
    expect([ran.code, ran.stdout]).toEqual([
      1,
      expect.stringMatching(
        /entry \d+ of chain stripe:evt_1@\d+ begins at received, and the entry before it ended at processed/,
      ),
    ]);
  });

  test('shows when only its attempts and what it had done were taken away between two attempts', async () => {
    using folder = copy();
    expect((await runHere(['webhooks', 'replay', 'stripe:evt_2'], writeSetup(folder, SETUP))).code).toBe(0);
    edit(folder, `UPDATE payment_webhooks SET last_error = 'nothing' WHERE webhook_id = 'stripe:evt_2'`);

    await runServer(folder, SETUP, 'evt_3');

    expect((await verify(folder)).stdout).toMatch(
      /entry \d+ of chain stripe:evt_2@\d+ found its webhook other than the entry before it had left it/,
    );
  });
});

test('an entry that somebody appends is never signed: the server says so and goes on receiving', async () => {
  using folder = copy();
  const before = await lastDigestOf(folder);
  edit(
    folder,
    `INSERT INTO audit_entries (chain_id, text, hash, previous_position)
     SELECT chain_id, text, hash, previous_position FROM audit_entries WHERE chain_id = 'home' LIMIT 1`,
  );

  await runServer(folder, SETUP, 'evt_3');

  expect(await lastDigestOf(folder)).toBe(before);
  expect(readStored(folder.data).webhooks.at(-1)).toMatchObject({ id: 'stripe:evt_3', status: 'processed' });
});

test('a check beside a server that receives and processes never cries wolf', async () => {
  using folder = copy();
  await using server = await startLocalServer({ ...SETUP, folder });
  let isOver = false;
  let sent = 0;
  const sendOn = async (): Promise<void> => {
    while (!isOver) {
      const event = stripeEvent(`evt_live_${sent + 1}`);
      sent += 1;
      await post(server.url, 'stripe', sign('stripe', event, { now: Date.now() }));
    }
  };
  const sending = Array.from({ length: 4 }, sendOn);

  const codes: (number | null)[] = [];
  for (let round = 1; round <= 8; round += 1) {
    await waitUntil('more has arrived', () => sent >= round * 10);
    const ran = await verify(folder);
    codes.push(ran.code);
    if (ran.code !== 0) expect(ran.stdout).toBe('');
  }
  isOver = true;
  await Promise.all(sending);

  expect(codes).toEqual(codes.map(() => 0));
  expect(sent).toBeGreaterThanOrEqual(80);
});
