/** A disk that is full for real: a file system of a few megabytes, mounted for the test (needs root on Linux). */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeUnless } from '../support/describe-unless.ts';
import { mountSmallDisk, unmountDisk, whyNoSmallDisk } from '../support/full-disk.ts';
import {
  type Answer,
  createTestFolder,
  MAIN,
  post,
  readStored,
  runCommand,
  type ServerProcess,
  spawnServer,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';
import { createSigner, SECRET_ENV, type Sign, stripeEvent } from './signed.ts';

const FILLER = 'filler';

describeUnless(whyNoSmallDisk(), 'a server whose disk is full', () => {
  let folder: TestFolder;
  let server: ServerProcess;
  let sign: Sign;
  const acknowledged = new Set<string>();

  beforeAll(async () => {
    folder = createTestFolder();
    mkdirSync(folder.data);
    mountSmallDisk(folder.data, 3);
    ({ sign } = await createSigner(Date.now()));
    server = await spawnServer({ folder, env: SECRET_ENV });
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    unmountDisk(folder.data);
    folder[Symbol.dispose]();
  });

  let count = 0;
  const deliver = async (): Promise<Answer> => {
    count += 1;
    const body = stripeEvent(`evt_${count}`, { noise: randomBytes(8000).toString('base64') });
    const answer = await post(server.url, 'stripe', sign('stripe', body, { now: Date.now() }));
    if (answer.status === 200) acknowledged.add(`stripe:evt_${count}`);
    return answer;
  };

  const fill = (): void => {
    try {
      for (let size = 1024 * 1024; size >= 1024; size /= 2) {
        for (let index = 0; index < 4; index += 1)
          writeFileSync(join(folder.data, FILLER), Buffer.alloc(size), { flag: 'a' });
      }
    } catch (error) {
      // ENOSPC is what this is for: it is full now.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  };

  test('asks senders to come again, says so at /ready, keeps what it acknowledged, and recovers by itself', async () => {
    for (let index = 0; index < 10; index += 1) expect((await deliver()).status).toBe(200);
    fill();
    let refused = await deliver();
    for (let tries = 0; refused.status === 200 && tries < 500; tries += 1) refused = await deliver();

    expect([refused.status, refused.text]).toEqual([503, '{"error":"store_full"}']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await waitUntil('/ready says no', async () => (await fetch(`${server.url}/ready`)).status === 503);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    expect((await fetch(`${server.operationsUrl}/metrics`)).status).toBe(200);
    expect((await post(server.url, 'stripe', { body: Buffer.from('{}'), headers: {} })).status).toBe(401);

    rmSync(join(folder.data, FILLER));

    await waitUntil('/ready says yes', async () => (await fetch(`${server.url}/ready`)).status === 200);
    expect((await deliver()).status).toBe(200);
    const ids = new Set(readStored(folder.data).webhooks.map((webhook) => webhook.id));
    expect([...acknowledged].filter((id) => !ids.has(id))).toEqual([]);
    expect(server.lines.filter((line) => line.code === 'internal')).toEqual([]);
  });

  test('stops in time although it cannot write, gives the directory back, and is whole at the next start', async () => {
    fill();
    for (let tries = 0; (await deliver()).status === 200 && tries < 500; tries += 1);
    const ended = await server.stop('SIGTERM');

    expect(ended).toMatchObject({ signal: null });
    expect(ended.stderr).not.toContain('    at ');
    rmSync(join(folder.data, FILLER));
    server = await spawnServer({ folder, env: SECRET_ENV });
    expect((await deliver()).status).toBe(200);
    await waitUntil('everything is processed', () => readStored(folder.data).queued === 0);
    expect((await server.stop('SIGTERM')).code).toBe(0);
    const ids = new Set(readStored(folder.data).webhooks.map((webhook) => webhook.id));
    expect([...acknowledged].filter((id) => !ids.has(id))).toEqual([]);
    const verified = await runCommand(['audit', 'verify'], writeSetup(folder, { env: SECRET_ENV }));
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('the audit trail is whole')]);
  });

  test('says what is wrong when it cannot even start', async () => {
    fill();

    const ran = await runCommand(['serve'], writeSetup(folder, { env: SECRET_ENV }), {
      command: [process.execPath, MAIN],
    });

    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('the disk is full: free some space')]);
    expect(ran.stderr).not.toContain('    at ');
    rmSync(join(folder.data, FILLER));
  });
});
