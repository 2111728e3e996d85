/** `payhook activity`: the graphs of the console, for whoever has a terminal. */
import { expect, test } from 'vitest';
import { createSigner, SECRET_ENV, stripeEvent } from '../server/signed.ts';
import {
  createTestFolder,
  post,
  readStored,
  startLocalServer,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';
import { jsonLines, runHere } from './run-here.ts';

test('what came is counted by time and by what became of it, as a table, as CSV and as JSON', async () => {
  using folder = createTestFolder();
  const setup = { env: SECRET_ENV, config: { mode: 'test' } } as const;
  {
    await using server = await startLocalServer({ folder, ...setup });
    const { sign } = await createSigner(Date.now());
    for (const id of ['evt_1', 'evt_2']) {
      expect((await post(server.url, 'stripe', sign('stripe', stripeEvent(id), { now: Date.now() }))).status).toBe(200);
    }
    await waitUntil('both are processed', () => readStored(folder.data).queued === 0);
  }
  const env = writeSetup(folder, setup);

  const lines = jsonLines(await runHere(['activity', '--window', '24h', '--json'], env));
  const sum = (name: string) => lines.reduce((all, line) => all + Number(line[name] ?? 0), 0);
  expect([sum('received'), sum('processed'), sum('failed'), sum('waiting')]).toEqual([2, 2, 0, 0]);
  expect(lines.at(-1)).toMatchObject({ bucketMs: 1_800_000, isShortened: false, silent: [] });

  const table = await runHere(['activity'], env);
  expect([table.code, table.stderr]).toEqual([0, '']);
  expect(table.stdout).toMatch(/^FROM +RECEIVED +PROCESSED +FAILED +WAITING\n/);
  expect(table.stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(3);
  const csv = await runHere(['activity', '--window', '15m', '--format', 'csv'], env);
  expect(csv.stdout).toMatch(/^from,received,processed,failed,waiting\n/);

  const live = await runHere(['activity', '--mode', 'live'], env);
  expect([live.code, live.stdout]).toEqual([0, 'nothing came in 1h\n']);
  expect((await runHere(['activity', '--window', '1y'], env)).code).toBe(2);
});
