/** A data directory that a release left behind, taken over by the code of now: nothing is lost, nothing is done twice. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Clock } from '../../src/core/ports/clock.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { jsonLines, runHere } from '../cli/run-here.ts';
import { type Endpoint, startEndpoint } from '../destinations/endpoint.ts';
import {
  type LocalServer,
  PROJECT_ROOT,
  type Ran,
  startLocalServer,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';
import { STRIPE_SECRET } from './release-traffic.ts';
import { BEFORE_02, clockFrom, RELEASES, type RestoredHome, restoreHome } from './restore-fixture.ts';

const WAITING = ['stripe:evt_retrying', 'stripe:evt_claimed', 'stripe:evt_queued'];
/** Its bytes say no id. */
const UNPARSABLE = 'stripe:sha256-c11ae4a2b0697b4d48a26cb948911384d3f8e6d2cb4aff78be4a8b22f93f56aa';
const DEAD = ['stripe:evt_given_up', 'stripe:evt_exhausted'];

const handlersSource = (calls: string): string => `import { appendFileSync } from 'node:fs';
import { on } from ${JSON.stringify(join(PROJECT_ROOT, 'src', 'payhook.ts'))};
const note = (name) => (event, { attempt }) => appendFileSync(${JSON.stringify(calls)}, name + ' ' + event.id + ' ' + attempt + '\\n');
export const shipOrder = on('payment.succeeded', note('shipOrder'));
export const watchPayments = on('payment.*', note('watchPayments'));`;

describe.each(RELEASES)('a home of release %s', (release) => {
  let home: RestoredHome;
  let clock: Clock;
  let endpoints: readonly Endpoint[];
  let setup: Parameters<typeof writeSetup>[1];
  let entriesBefore: number;

  const run = (...args: string[]): Promise<Ran> =>
    runHere(args, writeSetup(home.folder, setup), { cwd: home.folder.path, clock });
  const lines = async (...args: string[]) => jsonLines(await run(...args, '--json'));
  const show = async (id: string): Promise<Record<string, unknown>> => (await lines('webhooks', 'show', id))[0] ?? {};
  const statusOf = async (id: string): Promise<unknown> => (await show(id)).status;
  const callsOf = (id: string): string[] => {
    const path = join(home.folder.path, 'calls.txt');
    const calls = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
    return calls.filter((line) => line.includes(` ${id} `)).toSorted();
  };
  /** What an endpoint was told to be the news of each event. */
  const newsAt = (endpoint: Endpoint | undefined): Record<string, unknown> =>
    Object.fromEntries((endpoint?.requests ?? []).map(({ body }) => JSON.parse(body).data).map((d) => [d.id, d.news]));

  beforeAll(async () => {
    home = restoreHome(release);
    // What was to be tried again is due by then.
    clock = clockFrom(home.savedAt + 2 * HOUR_MS);
    endpoints = [await startEndpoint((response) => response.end()), await startEndpoint((response) => response.end())];
    const destinationAt = (endpoint: Endpoint | undefined) =>
      ({ kind: 'http', arePrivateAddressesAllowed: true, url: endpoint?.url ?? '', giveUpAfterHours: 300 }) as const;
    setup = {
      env: { PAYHOOK_STRIPE_SIGNING_SECRETS: STRIPE_SECRET },
      config: {
        destinations: {
          archive: { kind: 'ndjson', path: 'events.ndjson' },
          ledger: destinationAt(endpoints[0]),
          billing: destinationAt(endpoints[1]),
        },
      },
      handlers: handlersSource(join(home.folder.path, 'calls.txt')),
    };
  });

  afterAll(async () => {
    for (const endpoint of endpoints) await endpoint[Symbol.asyncDispose]();
    home[Symbol.dispose]();
  });

  describe('before a server takes it over', () => {
    test('its audit trail is whole, what is signed and what is only linked', async () => {
      // Before 0.2 no entry said what was received.
      const webhooks = release === BEFORE_02 ? 0 : 10;
      const [check] = await lines('audit', 'verify');

      expect(check).toMatchObject({ outcome: 'whole', undigested: 2, webhooks, webhooksOfBefore: 10 - webhooks });
      expect(Number(check?.digests)).toBeGreaterThan(0);
      entriesBefore = Number(check?.entries);
    });

    test('its webhooks are listed as they ended or wait', async () => {
      const listed = await lines('webhooks', 'list');

      expect(Object.fromEntries(listed.map(({ webhookId, status }) => [webhookId, status]))).toEqual({
        'stripe:evt_news': 'processed',
        'stripe:evt_repeated': 'processed',
        'stripe:evt_stale': 'processed',
        'stripe:evt_ignored': 'ignored',
        [UNPARSABLE]: 'dead_lettered',
        'stripe:evt_given_up': 'dead_lettered',
        'stripe:evt_exhausted': 'dead_lettered',
        'stripe:evt_retrying': 'retrying',
        'stripe:evt_claimed': 'received',
        'stripe:evt_queued': 'received',
      });
    });

    test('what was done for them is told in the words of now', async () => {
      expect(await show('stripe:evt_stale')).toMatchObject({ events: [{ type: 'payment.created', news: 'stale' }] });
      expect(await show('stripe:evt_given_up')).toMatchObject({
        handlers: [
          { handler: 'shipOrder', outcome: 'given_up', attempts: 1 },
          { handler: 'watchPayments', outcome: 'done', attempts: 1 },
        ],
      });
    });

    test('its payments are what they were', async () => {
      const [payment] = await lines('payments', 'show', 'ch_9');

      expect(payment).toMatchObject({
        paymentId: 'pi_9',
        status: 'succeeded',
        captured: { minor: '2000', currency: 'USD', exponent: 2 },
      });
    });

    test('its payloads can be opened', async () => {
      expect(
        (await run('webhooks', 'show', 'stripe:evt_news', '--payload', '--reason', 'ticket 4711')).stdout,
      ).toContain('"id":"evt_news"');
    });
  });

  describe('once a server runs on it', () => {
    let server: LocalServer;

    beforeAll(async () => {
      server = await startLocalServer({ folder: home.folder, clock, ...setup });
      await waitUntil('what waited is processed', async () => {
        const processed = await lines('webhooks', 'list', '--status', 'processed');
        return WAITING.every((id) => processed.some(({ webhookId }) => webhookId === id));
      });
    });

    test('what waited is processed, and no handler is called that was done before', () => {
      expect(callsOf('stripe:evt_retrying')).toEqual(['shipOrder stripe:evt_retrying 2']);
      for (const id of ['stripe:evt_claimed', 'stripe:evt_queued']) {
        expect(callsOf(id)).toEqual([`shipOrder ${id} 1`, `watchPayments ${id} 1`]);
      }
    });

    test('what waited for a destination is sent, and says whether it is news', async () => {
      const ids = ['evt_news', 'evt_repeated', 'evt_stale', 'evt_given_up', 'evt_exhausted', 'evt_retrying'];
      await waitUntil('all is sent', async () =>
        (await lines('destinations', 'list')).every(({ waiting }) => waiting === 0),
      );

      expect(newsAt(endpoints[0])).toEqual({
        ...Object.fromEntries([...ids, 'evt_claimed', 'evt_queued'].map((id) => [`stripe:${id}`, 'news'])),
        'stripe:evt_repeated': 'repeated',
        // Before 0.2 an entry said no more than whether it was news.
        'stripe:evt_stale': release === BEFORE_02 ? 'repeated' : 'stale',
      });
    });

    test('what was given up stays so until it is replayed, and then says that it is stale', async () => {
      const billing = (await lines('destinations', 'list')).find(({ name }) => name === 'billing');
      expect([billing?.givenUp, newsAt(endpoints[1])['stripe:evt_stale']]).toEqual([3, undefined]);

      await run('webhooks', 'replay', 'stripe:evt_stale', '--only', 'billing');

      await waitUntil('it is sent', () => newsAt(endpoints[1])['stripe:evt_stale'] === 'stale');
    });

    test('dead letters are redriven, and only what had not succeeded is done', async () => {
      for (const id of DEAD) {
        expect((await run('dead-letters', 'redrive', id)).code).toBe(0);
        await waitUntil(`${id} is processed`, async () => (await statusOf(id)) === 'processed');
        expect(callsOf(id)).toEqual([expect.stringContaining('shipOrder')]);
      }
    });

    test('a webhook that is replayed is as much news as it was, and its payment stays what it is', async () => {
      const before = await lines('payments', 'show', 'pi_9');
      for (const id of ['stripe:evt_news', 'stripe:evt_repeated', 'stripe:evt_stale']) {
        const { events } = await show(id);
        await run('webhooks', 'replay', id);
        await waitUntil(`${id} is processed`, async () => (await statusOf(id)) === 'processed');
        expect((await show(id)).events).toEqual(events);
      }
      expect(await lines('payments', 'show', 'pi_9')).toEqual(before);
    });

    test('the audit trail goes on where the release left it, and is whole', async () => {
      await server.running.stop('test over');
      const [check] = await lines('audit', 'verify');

      expect(check).toMatchObject({ outcome: 'whole' });
      expect(Number(check?.entries)).toBeGreaterThan(entriesBefore + WAITING.length + DEAD.length);
    });
  });
});
