/** A server that is killed while it takes over what a release left behind: the next one does, and nothing is missing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MIGRATIONS } from '../../src/adapters/sqlite/sqlite-schema.ts';
import { jsonLines, runHere } from '../cli/run-here.ts';
import { compileServer, MAIN, waitUntil, writeSetup } from '../support/running-server.ts';
import { STRIPE_SECRET } from './release-traffic.ts';
import { RELEASES, type RestoredHome, restoreHome } from './restore-fixture.ts';

beforeAll(compileServer);

describe.each(RELEASES)('a home of release %s', (release) => {
  let home: RestoredHome;
  let env: Record<string, string>;

  const walBytes = (): number => statSync(`${home.database}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  const isMigrated = (): boolean => {
    if (walBytes() === 0) return false;
    const db = new DatabaseSync(home.database, { readOnly: true, timeout: 5000 });
    try {
      return db.prepare('PRAGMA user_version').get()?.user_version === MIGRATIONS.length;
    } finally {
      db.close();
    }
  };

  const serve = () => {
    const server = spawn(process.execPath, [MAIN, 'serve'], {
      cwd: home.folder.path,
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => (output += text));
    return { server, ended: once(server, 'exit'), output: () => output };
  };

  beforeEach(() => {
    home = restoreHome(release);
    env = writeSetup(home.folder, { env: { PAYHOOK_STRIPE_SIGNING_SECRETS: STRIPE_SECRET } });
  });
  afterEach(() => home[Symbol.dispose]());

  test.each([
    ['has written its first page', () => walBytes() > 0],
    ['has the new schema, and may have begun to work', isMigrated],
  ])('is taken over by the next server when one is killed that %s', async (_, isTime) => {
    const killed = serve();
    await waitUntil('it is time', isTime);
    killed.server.kill('SIGKILL');
    await killed.ended;

    const next = serve();
    await waitUntil('it listens', () => next.output().includes('listening on'));
    next.server.kill('SIGTERM');
    expect((await next.ended)[0], next.output()).toBe(0);

    const run = async (...args: string[]) =>
      jsonLines(await runHere([...args, '--json'], env, { cwd: home.folder.path }));
    expect(await run('audit', 'verify', '--deep')).toMatchObject([{ outcome: 'whole' }]);
    expect(await run('webhooks', 'list')).toHaveLength(10);
    expect(await run('payments', 'show', 'ch_9')).toMatchObject([{ status: 'succeeded' }]);
  });
});
