/** Destinations of the whole local home, from a provider's delivery to an endpoint that checks signatures, and its commands. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonLines, runHere } from '../cli/run-here.ts';
import { CANARY, createSigner, SECRET_ENV, type Sign, stripeEvent } from '../server/signed.ts';
import {
  createTestFolder,
  type LocalServer,
  PROJECT_ROOT,
  post,
  type Ran,
  startLocalServer,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';
import { type Endpoint, type ReceivedRequest, startEndpoint } from './endpoint.ts';

const EVENTS = 30;
const ids = Array.from({ length: EVENTS }, (_, index) => `stripe:evt_${index + 1}`);
const FIRST = 'stripe:evt_1';

let folder: TestFolder;
let ledger: Endpoint;
let moved: Endpoint;
let trap: Endpoint;
let server: LocalServer;
let sign: Sign;
let env: Record<string, string>;
let ledgerStatus = 500;

const handlersSource = (calls: string): string => `import { appendFileSync } from 'node:fs';
import { on } from ${JSON.stringify(join(PROJECT_ROOT, 'src', 'payhook.ts'))};
const note = (name) => (event) => appendFileSync(${JSON.stringify(calls)}, name + ' ' + event.id + '\\n');
export const shipOrder = on('payment.succeeded', note('shipOrder'));
export const watchPayments = on('payment.*', note('watchPayments'));`;

const run = (...args: string[]): Promise<Ran> => runHere(args, env, { cwd: folder.path });
const callsOf = (id: string): string[] =>
  readFileSync(join(folder.path, 'calls.txt'), 'utf8')
    .split('\n')
    .filter((line) => line.endsWith(` ${id}`));

const archivedIds = (): string[] => {
  const text = readFileSync(join(folder.path, 'events.ndjson'), 'utf8').trimEnd();
  return text === '' ? [] : text.split('\n').map((line): string => JSON.parse(line).data.id);
};
/** Throws what the official library throws when a request is not signed with the secret in the data directory. */
const verify = ({ body, headers }: ReceivedRequest): void => {
  const secret = readFileSync(join(folder.data, 'destination-ledger.secret'), 'utf8').trim();
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  new Webhook(secret).verify(body, Object.fromEntries(names.map((name) => [name, String(headers[name])])));
};
const ledgerGot = (id: string): number => ledger.requests.filter(({ headers }) => headers['webhook-id'] === id).length;

const depthOf = async (name: string): Promise<Record<string, unknown> | undefined> =>
  jsonLines(await run('destinations', 'list', '--json')).find((line) => line.name === name);
const isSettled = async (name: string): Promise<boolean> => (await depthOf(name))?.waiting === 0;
const show = async (id: string): Promise<Record<string, unknown>> =>
  jsonLines(await run('webhooks', 'show', id, '--json'))[0] ?? {};
const isProcessed = async (id: string): Promise<boolean> => (await show(id)).status === 'processed';

beforeAll(async () => {
  ({ sign } = await createSigner(Date.now()));
  folder = createTestFolder();
  trap = await startEndpoint((response) => response.end());
  ledger = await startEndpoint((response) => response.writeHead(ledgerStatus).end());
  moved = await startEndpoint((response) => response.writeHead(307, { location: trap.url }).end());
  const http = { kind: 'http', arePrivateAddressesAllowed: true } as const;
  const setup = {
    env: SECRET_ENV,
    config: {
      destinations: {
        ledger: { ...http, url: `${ledger.url}?token=${CANARY}`, events: ['payment.*'] },
        moved: { ...http, url: moved.url, events: ['*'] },
        archive: { kind: 'ndjson', path: 'events.ndjson', events: ['*'] },
      },
    },
    handlers: handlersSource(join(folder.path, 'calls.txt')),
  } as const;
  server = await startLocalServer({ folder, ...setup });
  env = writeSetup(folder, setup);
  for (const id of ids) {
    const body = stripeEvent(id.slice('stripe:'.length));
    expect((await post(server.url, 'stripe', sign('stripe', body, { now: Date.now() }))).status).toBe(200);
  }
  // Five failures open its circuit, and a probe fails as well.
  await waitUntil('everything else is archived', async () => isSettled('archive'));
  await waitUntil('the destination was probed', () => ledger.requests.length > 5);
});

afterAll(async () => {
  await server.running.stop('test over');
  await Promise.all([ledger, moved, trap].map((endpoint) => endpoint[Symbol.asyncDispose]()));
  folder[Symbol.dispose]();
});

describe('while one destination is down and another redirects', () => {
  test('webhooks are processed, handlers called, and the third destination has everything once', async () => {
    await waitUntil('all are archived', () => archivedIds().length >= EVENTS);

    expect(archivedIds().toSorted()).toEqual(ids.toSorted());
    expect(await isProcessed(ids.at(-1) ?? '')).toBe(true);
    expect(callsOf(FIRST).toSorted()).toEqual([`shipOrder ${FIRST}`, `watchPayments ${FIRST}`]);
  });

  test('both are left alone but for a few attempts, and everything waits for them', async () => {
    expect(ledger.requests.length).toBeLessThan(12);
    expect(moved.requests.length).toBeGreaterThanOrEqual(5);
    expect(moved.requests.length).toBeLessThan(12);
    const rows = jsonLines(await run('destinations', 'list', '--json'));

    expect(rows).toMatchObject([
      {
        name: 'ledger',
        kind: 'http',
        isInHome: true,
        // A path may be a secret: only the origin is shown.
        where: `${new URL(ledger.url).origin}/…`,
        events: ['payment.*'],
        waiting: EVENTS,
        givenUp: 0,
        oldestEnqueuedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      },
      expect.objectContaining({ name: 'moved', waiting: EVENTS, givenUp: 0 }),
      expect.objectContaining({ name: 'archive', kind: 'ndjson', waiting: 0, givenUp: 0, oldestEnqueuedAt: null }),
    ]);
  });

  test('redirects are not followed', async () => {
    expect(trap.requests).toEqual([]);
    const ran = await run('destinations', 'test', 'moved');

    expect([ran.code, ran.stdout]).toEqual([1, expect.stringContaining('redirects are not followed')]);
    expect(trap.requests).toEqual([]);
  });

  test('everything is delivered, signed, once the destination is back', async () => {
    const failed = ledger.requests.length;
    ledgerStatus = 204;
    await waitUntil('all are delivered', async () => isSettled('ledger'));

    const delivered = ledger.requests.slice(failed);
    expect(delivered.map(({ headers }) => headers['webhook-id']).toSorted()).toEqual(ids.toSorted());
    for (const request of ledger.requests) verify(request);
    expect(JSON.parse(delivered[0]?.body ?? '')).toMatchObject({
      type: 'payment.succeeded',
      data: { amount: { minor: '2000', currency: 'USD', exponent: 2 }, news: 'news' },
    });
    const byId = Map.groupBy(ledger.requests, ({ headers }) => headers['webhook-id']);
    for (const requests of byId.values()) expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
  });

  test('the log tells what became of each, and holds neither payload nor secret', () => {
    const secret = readFileSync(join(folder.data, 'destination-ledger.secret'), 'utf8').trim();
    const deliveredTo = (name: string) =>
      server.lines.filter(({ event, fields }) => event === 'destination.delivered' && fields.destination === name);

    expect([deliveredTo('ledger').length, deliveredTo('archive').length]).toEqual([EVENTS, EVENTS]);
    expect(deliveredTo('moved')).toEqual([]);
    expect(JSON.stringify(server.lines)).not.toContain(CANARY);
    expect(JSON.stringify(server.lines)).not.toContain(secret);
    expect(server.fatal).toEqual([]);
  });
});

describe('payhook destinations test', () => {
  test('sends one signed message that is no payment event', async () => {
    const ran = await run('destinations', 'test', 'ledger', '--json');

    const [line] = jsonLines(ran);
    expect([ran.code, line]).toEqual([
      0,
      { destination: 'ledger', messageId: expect.stringMatching(/^payhook:test-/), outcome: 'delivered' },
    ]);
    const sent = ledger.requests.at(-1);
    expect(sent?.headers['webhook-id']).toBe(line?.messageId);
    expect(JSON.parse(sent?.body ?? '')).toMatchObject({ type: 'payhook.test', data: {} });
    verify(sent as ReceivedRequest);
  });

  test('says which destinations there are when it does not know the name', async () => {
    const ran = await run('destinations', 'test', 'nonsense');

    expect([ran.code, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toMatch(/there is no destination nonsense in this home: ledger, moved, archive/);
  });
});

describe('payhook webhooks show', () => {
  test('shows the payment events, the handlers and the destinations of a webhook', async () => {
    expect(await show(FIRST)).toMatchObject({
      status: 'processed',
      events: [{ eventId: FIRST, type: 'payment.succeeded', news: 'news', paymentId: expect.any(String) }],
      handlers: [
        { handler: 'shipOrder', eventId: FIRST, outcome: 'done', attempts: 1 },
        { handler: 'watchPayments', eventId: FIRST, outcome: 'done', attempts: 1 },
      ],
      destinations: [
        { destination: 'archive', eventId: FIRST, state: 'delivered', failures: 0, lastError: null },
        { destination: 'ledger', eventId: FIRST, state: 'delivered' },
        { destination: 'moved', eventId: FIRST, state: 'waiting', lastError: expect.stringMatching(/^redirected: /) },
      ],
    });
    const { stdout } = await run('webhooks', 'show', FIRST);
    expect(stdout).toMatch(/^shipOrder +done +1$/m);
    expect(stdout).toMatch(/^ledger +delivered /m);
    expect(stdout).not.toContain(CANARY);
  });
});

describe('payhook webhooks replay --only', () => {
  test('a destination: it gets the event again, under the same id; nobody else does', async () => {
    const [gotBefore, archivedBefore, callsBefore] = [ledgerGot(FIRST), archivedIds().length, callsOf(FIRST)];
    const ran = await run('webhooks', 'replay', FIRST, '--only', 'ledger', '--reason', 'ticket 4711');

    expect([ran.code, ran.stdout]).toEqual([0, `${FIRST} waits again for ledger: 1 event\n`]);
    // The server is not told: it looks again after a moment.
    await waitUntil('it is delivered again', async () => ledgerGot(FIRST) > gotBefore && (await isSettled('ledger')));
    const [first, again] = ledger.requests.filter(({ headers }) => headers['webhook-id'] === FIRST).slice(-2);
    expect(again?.body).toBe(first?.body);
    expect([ledgerGot(FIRST), archivedIds().length]).toEqual([gotBefore + 1, archivedBefore]);
    expect(callsOf(FIRST)).toEqual(callsBefore);
    const trail = jsonLines(await run('audit', 'show', '--json')).filter(({ event }) => event === 'REPLAYED');
    expect(trail).toMatchObject([{ actor: { type: 'operator' }, reason: 'ticket 4711', resource: { id: FIRST } }]);
  });

  test('a handler: only it is called again, and no destination gets the event again', async () => {
    const destinationsBefore = (await show(FIRST)).destinations;
    const ran = await run('webhooks', 'replay', FIRST, '--only', 'shipOrder');

    expect([ran.code, ran.stdout]).toEqual([0, `${FIRST} queued again (was processed)\n`]);
    await waitUntil('it is called again', () => callsOf(FIRST).length === 3);
    await waitUntil('it is processed', () => isProcessed(FIRST));
    expect(callsOf(FIRST).toSorted()).toEqual([`shipOrder ${FIRST}`, `shipOrder ${FIRST}`, `watchPayments ${FIRST}`]);
    const ofOthers = (statuses: unknown) =>
      (statuses as Record<string, unknown>[]).filter(({ destination }) => destination !== 'moved');
    expect(ofOthers((await show(FIRST)).destinations)).toEqual(ofOthers(destinationsBefore));
  });

  test('something else: ends with 1 and says what is allowed', async () => {
    const ran = await run('webhooks', 'replay', FIRST, '--only', 'nonsense');

    expect([ran.code, ran.stdout]).toEqual([1, '']);
    for (const name of ['shipOrder', 'watchPayments', 'ledger', 'moved', 'archive']) expect(ran.stderr).toContain(name);
    expect(await isProcessed(FIRST)).toBe(true);
  });
});
