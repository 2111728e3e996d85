/** What only the server knows, read by other processes: how it receives, which destination is down, and since when it is silent. */

import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { createSqliteSilenceRecords } from '../../src/adapters/sqlite/sqlite-silence-records.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { learn } from '../../src/operate/silence.ts';
import { jsonLines, runHere } from '../cli/run-here.ts';
import { clockAt } from '../support/apply-retention.ts';
import {
  createTestFolder,
  type HomeSetup,
  post,
  type Ran,
  startLocalServer,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';
import { createSigner, SECRET_ENV, stripeEvent } from './signed.ts';

/** An endpoint that answers what it is told to. */
const openEndpoint = async () => {
  let status = 503;
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    answer: (next: number) => {
      status = next;
    },
    [Symbol.dispose]: () => void server.close(),
  };
};

const setupWith = (url: string): HomeSetup => ({
  env: SECRET_ENV,
  config: { destinations: { ledger: { kind: 'http', url, arePrivateAddressesAllowed: true } } },
});

const run = (folder: TestFolder, setup: HomeSetup, ...args: string[]): Promise<Ran> =>
  runHere(args, writeSetup(folder, setup));

describe('the state that a server publishes', () => {
  test('says which destination is down, why and until when, and that it is back', async () => {
    using folder = createTestFolder();
    using endpoint = await openEndpoint();
    const setup = setupWith(endpoint.url);
    const { sign } = await createSigner(Date.now());
    await using server = await startLocalServer({ ...setup, folder });
    for (let index = 0; index < 8; index += 1) {
      await post(server.url, 'stripe', sign('stripe', stripeEvent(`evt_${index}`), { now: Date.now() }));
    }
    const listed = async () => jsonLines(await run(folder, setup, 'destinations', 'list', '--json'))[0];

    await waitUntil('it is seen to be down', async () => (await listed())?.circuit === 'open');
    expect(await listed()).toMatchObject({
      nextProbeAt: expect.stringMatching(/Z$/),
      lastError: { at: expect.stringMatching(/Z$/), error: expect.stringContaining('503') },
    });
    const sick = await run(folder, setup, 'health');
    expect([sick.code, sick.stdout]).toEqual([
      1,
      expect.stringMatching(/destination ledger is down \(.*503.*\): it is tried/),
    ]);
    expect(sick.stdout).toMatch(/^receiving +8 accepted/m);
    expect(sick.stdout).toMatch(
      /^growth +[\d.]+ [KM]?B in the last 24 hours, .* at this rate there is room for (\d+ days?|more than ten years)/m,
    );
    expect(JSON.stringify(jsonLines(await run(folder, setup, 'health', '--json')))).not.toContain('whsec_');

    endpoint.answer(200);
    await waitUntil('it is seen to be up', async () => (await listed())?.circuit === 'closed');
    await waitUntil('all of it is counted', async () => (await listed())?.deliveredLastDay === 8);
    expect(await listed()).toMatchObject({
      callMsP99: expect.any(Number),
      deliveredSince: expect.stringMatching(/Z$/),
    });
    await waitUntil('nothing is wrong', async () => (await run(folder, setup, 'health')).code === 0);
  });

  test('says which handler is left alone because it fails again and again, and what it has done', async () => {
    using folder = createTestFolder();
    const setup: HomeSetup = {
      env: SECRET_ENV,
      config: { processing: { backoffBaseMs: 1, backoffCapMs: 1 } },
      handlers: "export const handle = () => { throw new Error('the warehouse is down'); };",
    };
    const { sign } = await createSigner(Date.now());
    await using server = await startLocalServer({ ...setup, folder });
    for (let index = 0; index < 8; index += 1) {
      await post(server.url, 'stripe', sign('stripe', stripeEvent(`evt_${index}`), { now: Date.now() }));
    }

    await waitUntil('it is left alone', async () =>
      (await run(folder, setup, 'health')).stdout.includes('handler handle fails again and again: it is tried'),
    );
    const [health] = jsonLines(await run(folder, setup, 'health', '--json'));
    expect(health).toMatchObject({
      server: {
        state: {
          at: expect.stringMatching(/Z$/),
          startedAt: expect.stringMatching(/Z$/),
          handlers: [{ name: 'handle', answered: 0, lastFailedAt: expect.stringMatching(/Z$/) }],
          handlerProcess: { isThere: true, ended: 0, lastEnd: null },
        },
      },
    });
  });

  test('is gone with a server that stops, and stale when one was killed or hangs', async () => {
    using folder = createTestFolder();
    const setup: HomeSetup = { env: SECRET_ENV };
    const path = join(folder.data, 'server-state.json');
    const server = await startLocalServer({ ...setup, folder });
    await waitUntil('it is published', () => existsSync(path));
    const text = readFileSync(path, 'utf8');
    await server.running.stop('test over');
    expect(existsSync(path)).toBe(false);
    expect((await run(folder, setup, 'health')).stdout).toContain('no server runs');

    writeFileSync(path, text, { mode: 0o600 });
    const later = clockAt(Date.now() + 60_000);
    const ran = await runHere(['health'], writeSetup(folder, setup), { clock: later });
    expect([ran.code, ran.stdout]).toEqual([
      1,
      expect.stringMatching(/has said nothing for \d+ (?:s|min): it hangs, or was killed/),
    ]);

    writeFileSync(path, '{"v":1', { mode: 0o600 });
    expect((await run(folder, setup, 'health')).stderr).toContain('does not hold the state of a server');
    expect(await run(folder, setup, 'destinations', 'list')).toMatchObject({ code: 0, stderr: '' });
  });

  test('has beside it who is silent, as of when somebody listened last', async () => {
    using folder = createTestFolder();
    const setup: HomeSetup = { env: SECRET_ENV };
    await using _ = await startLocalServer({ ...setup, folder });
    const executor = openSqlite({ path: join(folder.data, 'payhook.db') });
    const weeksAgo = Date.now() - 9 * DAY_MS;
    let record = learn(undefined, [], weeksAgo);
    for (let at = weeksAgo; at < Date.now(); at += 10 * MINUTE_MS) {
      const isHeard = at < Date.now() - 5 * HOUR_MS;
      const arrivals = { provider: 'stripe', eventType: 'charge.succeeded', firstAt: at, lastAt: at, count: 1 };
      record = learn(record, isHeard ? [arrivals] : [], at);
    }
    await createSqliteSilenceRecords(executor).put(JSON.stringify(record), 0);
    await executor.close();

    const ran = await run(folder, setup, 'health');
    expect([ran.code, ran.stdout]).toEqual([
      1,
      expect.stringMatching(/^! stripe is silent: nothing for [45] h \(before: 10 min at most\)$/m),
    ]);
  });
});
