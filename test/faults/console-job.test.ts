/** A job that somebody began in the console, of which everything is killed in the middle: server, console and session. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../src/core/time.ts';
import { createSigner, SECRET_ENV, stripeEvent } from '../server/signed.ts';
import { createTestClock } from '../support/clock.ts';
import { beginConsoleSession, CONSOLE_LINK, type ConsoleSession } from '../support/console-session.ts';
import {
  createTestFolder,
  MAIN,
  PROJECT_ROOT,
  post,
  readStored,
  type ServerProcess,
  spawnServer,
  startLocalServer,
  type TestFolder,
  waitUntil,
} from '../support/running-server.ts';

const COUNT = 36;
/** What is sent at once: more from one address would be too many in a second. */
const AT_ONCE = 6;
const HANDLERS = `import { appendFileSync, existsSync } from 'node:fs';
import { on } from ${JSON.stringify(join(PROJECT_ROOT, 'src', 'payhook.ts'))};
export const ship = on('payment.succeeded', (event, { idempotencyId }) => {
  if (!existsSync(import.meta.dirname + '/is-back')) return { outcome: 'give_up', reason: 'the warehouse is down' };
  appendFileSync(import.meta.dirname + '/shipped', event.webhookId + ' ' + idempotencyId + '\\n');
});`;
const SETUP = {
  env: { ...SECRET_ENV, PAYHOOK_CONSOLE_PORT: '0' },
  config: { mode: 'test' },
  handlers: HANDLERS,
} as const;

const giveUpAll = async (folder: TestFolder): Promise<void> => {
  const clock = createTestClock(Date.now() - 60 * MINUTE_MS);
  await using server = await startLocalServer({ folder, clock, ...SETUP });
  const { sign } = await createSigner(clock.now());
  for (let number = 1; number <= COUNT; number += 1) {
    const signed = sign('stripe', stripeEvent(`evt_${number}`), { now: clock.now() });
    expect((await post(server.url, 'stripe', signed)).status).toBe(200);
    if (number % AT_ONCE === 0) {
      await waitUntil('what came is given up', () => readStored(folder.data).queued === 0);
      clock.advance(MINUTE_MS);
    }
  }
};

const openBoth = async (folder: TestFolder): Promise<{ server: ServerProcess; console: ConsoleSession }> => {
  const server = await spawnServer({ folder, command: [process.execPath, MAIN, 'serve', '--console'], ...SETUP });
  await waitUntil('the console says its link', () => CONSOLE_LINK.test(server.stderr()));
  return { server, console: await beginConsoleSession(server.stderr()) };
};

interface Job {
  readonly state: string;
  readonly counts: Readonly<Record<string, number>>;
}

const jobIn = async (console: ConsoleSession, jobId: string): Promise<Job> =>
  JSON.parse(await console.get(`/api/jobs/${jobId}`));

test('a job of the console is carried on after server and console were killed in the middle of it', async () => {
  using folder = createTestFolder();
  await giveUpAll(folder);
  writeFileSync(join(folder.path, 'is-back'), '');
  const filter = { cause: 'handler_gave_up:ship' };
  let jobId = '';
  {
    const { server, console } = await openBoth(folder);
    await using _ = server;
    const seen = JSON.parse(await console.post('/api/jobs/preview', { filter }));
    expect(seen.preview).toMatchObject({ webhooks: COUNT, handlers: [{ handler: 'ship', called: COUNT }] });
    const asked = { filter: { ...filter, until: seen.until }, hash: seen.hash, reason: 'INC-812' };
    ({ jobId } = JSON.parse(await console.post('/api/jobs', asked)));
    await waitUntil('a part of it is done', async () => ((await jobIn(console, jobId)).counts.processed ?? 0) >= 8);
    await server.stop('SIGKILL');
  }

  const { server, console } = await openBoth(folder);
  await using _ = server;
  await waitUntil('the job is done', async () => (await jobIn(console, jobId)).state === 'done');

  // One whose call the kill ended may have failed once more: it is tried again by itself.
  await waitUntil('all of it is processed', () =>
    readStored(folder.data).webhooks.every(({ status }) => status === 'processed'),
  );
  expect((await jobIn(console, jobId)).counts).toMatchObject({ to_do: 0, queued: 0, not_done: 0 });
  const report = (await console.get(`/api/export/job?format=ndjson&job=${jobId}`)).trimEnd().split('\n');
  expect(new Set(report.map((line) => JSON.parse(line).webhookId)).size).toBe(COUNT);
  // Handlers are called at least once, always under the same id: the kill may have come between call and note.
  const shipped = readFileSync(join(folder.path, 'shipped'), 'utf8').trimEnd().split('\n');
  expect(new Set(shipped).size).toBe(COUNT);
  const verified = (await console.post('/api/audit/verify', {})).trimEnd().split('\n').at(-1) ?? '';
  expect(JSON.parse(verified)).toMatchObject({ verified: { outcome: 'whole' } });
  expect((await server.stop('SIGTERM')).code).toBe(0);
});
