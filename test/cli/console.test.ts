/** `payhook serve --console` as two processes: how the console begins and ends with the server. */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTestFolder, MAIN, spawnServer, waitUntil } from '../support/running-server.ts';

const startBoth = async (folder: ReturnType<typeof createTestFolder>) => {
  const server = await spawnServer({
    folder,
    command: [process.execPath, MAIN, 'serve', '--console'],
    env: { PAYHOOK_CONSOLE_PORT: '0' },
  });
  const link = () => /http:\/\/127\.0\.0\.1:(\d+)\/login#([\w-]+)/.exec(server.stderr());
  await waitUntil('the console says its link', () => link() !== null);
  const [, port = '', token = ''] = link() ?? [];
  return { server, url: `http://127.0.0.1:${port}`, token };
};

/** Of every process of this machine, where that can be read. */
const argumentsOfAll = (): readonly string[] =>
  existsSync('/proc/self/cmdline')
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map((pid) => {
          try {
            return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
          } catch {
            // It has ended meanwhile.
            return '';
          }
        })
    : [];

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);

const isGone = async (url: string): Promise<boolean> =>
  fetch(url).then(
    () => false,
    () => true,
  );

test('a console beside the server is opened by its link, and ends with the server', async () => {
  using folder = createTestFolder();
  const { server, url, token } = await startBoth(folder);
  await using _ = server;
  const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
  const login = await fetch(`${url}/api/login`, { method: 'POST', headers, body: JSON.stringify({ token }) });
  expect(login.status).toBe(200);
  const cookie = login.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  for (const path of [
    '/',
    '/api/session',
    '/api/overview',
    '/api/webhooks',
    '/api/payments',
    '/api/causes',
    '/api/audit',
  ]) {
    expect([path, (await fetch(`${url}${path}`, { headers: { ...headers, cookie } })).status]).toEqual([path, 200]);
  }

  expect((await server.stop('SIGTERM')).code).toBe(0);
  expect(await isGone(url)).toBe(true);
});

test('a console is on 127.0.0.1 and on no other address, and its token in no file, no argument and no log', async () => {
  using folder = createTestFolder();
  const { server, url, token } = await startBoth(folder);
  await using _ = server;

  // All of 127.0.0.0/8 leads to this machine: whoever listened on every address would answer there too.
  expect(await isGone(url.replace('127.0.0.1', '127.0.0.2'))).toBe(true);
  const files = globSync('**/*', { cwd: folder.path, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(3);
  for (const { parentPath, name } of files) {
    expect([name, readFileSync(join(parentPath, name)).includes(token)]).toEqual([name, false]);
  }
  expect(JSON.stringify(server.lines)).not.toContain(token);
  expect(argumentsOfAll().filter((words) => words.includes(token))).toEqual([]);
});

test('a console beside the server ends when the server is killed, and the server goes on without it', async () => {
  using folder = createTestFolder();
  const { server, url } = await startBoth(folder);
  await using _ = server;
  await server.stop('SIGKILL');
  await waitUntil('the console has ended too', () => isGone(url));
});

test.skipIf(process.platform !== 'linux')('a console leaves the cores to the server beside it', async () => {
  using folder = createTestFolder();
  const { server } = await startBoth(folder);
  await using _ = server;
  const { pid = 0 } = server.child;
  const [console = 0, ...others] = childrenOf(pid);

  expect(others).toEqual([]);
  const behind = Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL);
  await waitUntil('the console is behind', () => getPriority(console) === behind);
  expect(getPriority(pid)).toBe(getPriority());
});
