/** Every list of the command line: its pages, its formats, and each filter that nothing can meet. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSigner, SECRET_ENV, stripeEvent } from '../server/signed.ts';
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
import { jsonLines, runHere } from './run-here.ts';

let folder: TestFolder;
let setup: HomeSetup;

const run = (...args: string[]): Promise<Ran> => runHere(args, writeSetup(folder, setup));

/** Six webhooks, three of them dead letters; six payments; events given up for a destination; three rejected; two jobs. */
beforeAll(async () => {
  folder = createTestFolder();
  const endpoint = createServer((request, response) => {
    request.resume();
    response.writeHead(410).end();
  }).listen(0, '127.0.0.1');
  await once(endpoint, 'listening');
  const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/`;
  setup = {
    env: SECRET_ENV,
    config: {
      destinations: { ledger: { kind: 'http', url, arePrivateAddressesAllowed: true } },
      rejected: { areKept: true },
    },
    handlers:
      "export const handle = ({ webhookId }) => { if (/evt_[024]/.test(webhookId)) return { outcome: 'give_up', reason: 'sold out' }; };",
  };
  const { sign } = await createSigner(Date.now());
  const server = await startLocalServer({ ...setup, folder });
  for (let n = 0; n < 6; n += 1) {
    await post(server.url, 'stripe', sign('stripe', stripeEvent(`evt_${n}`), { now: Date.now() }));
    if (n % 2 === 0) await post(server.url, 'stripe', { body: Buffer.from(`{"n":${n}}`), headers: {} });
  }
  await waitUntil('all are processed', () => readStored(folder.data).queued === 0);
  await server.running.stop('test over');
  endpoint.close();
  for (const cause of ['one', 'two']) await run('dead-letters', 'redrive', '--all', '--reason', cause);
  await run('legal-holds', 'add', 'stripe:evt_0', '--reason', 'a lawsuit');
});
afterAll(() => folder[Symbol.dispose]());

const LISTS: readonly (readonly string[])[] = [
  ['webhooks', 'list'],
  ['dead-letters', 'list'],
  ['payments', 'list'],
  ['rejected', 'list'],
  ['audit', 'show'],
  ['jobs', 'list'],
  ['destinations', 'entries', 'ledger'],
];
const PAGED = LISTS.map((list) => [list.join(' '), list] as const);

const cursorOf = async (list: readonly string[]): Promise<string> =>
  String(jsonLines(await run(...list, '--limit', '1', '--json'))[0]?.cursor);

/** Of a payment: as many lines as there are events. */
const NOT_IN_CSV: readonly string[] = ['history', 'firstEvent', 'lastEvent'];

describe.each(PAGED)('payhook %s', (name, list) => {
  test('hands out each row once over pages, in every format', async () => {
    const all = jsonLines(await run(...list, '--limit', '1000', '--json'));
    const walked: unknown[] = [];
    for (let after: readonly string[] = []; ; ) {
      const page = jsonLines(await run(...list, '--limit', '2', '--json', ...after));
      if (page.length === 0) break;
      walked.push(...page.map(({ cursor }) => cursor));
      after = ['--after', String(page.at(-1)?.cursor)];
    }
    const csv = (await run(...list, '--limit', '1000', '--format', 'csv')).stdout.trimEnd().split('\n');
    const table = (await run(...list, '--limit', '1000', '--format', 'table')).stdout.trimEnd().split('\n');

    expect(all.length).toBeGreaterThan(1);
    expect(walked).toEqual(all.map(({ cursor }) => cursor));
    expect(new Set(walked).size).toBe(all.length);
    const fields = [...new Set(all.flatMap((row) => Object.keys(row)))].filter((field) => !NOT_IN_CSV.includes(field));
    expect(csv[0]?.split(',')).toEqual(expect.arrayContaining(fields));
    expect(csv.slice(1).map((line) => line.split(',').at(-1))).toEqual(walked);
    expect(table).toHaveLength(all.length + 1);
    expect(jsonLines(await run(...list, '--limit', '1000', '--format', 'json'))).toEqual(all);
    if (name !== 'audit show') expect(await run(...list, '--since', '1h', '--until', '1m')).toMatchObject({ code: 0 });
  });

  test.each<[string, readonly string[], RegExp]>([
    ['times the wrong way round', ['--since', '1h', '--until', '2h'], /nothing can be since .* and before/],
    ['a time to come', ['--since', '2099-01-01'], /2099-01-01T00:00:00.000Z is still to come/],
    ['no time', ['--until', 'yesterday'], /Give a time such as/],
    ['no rows', ['--limit', '0'], /from 1 to 1000/],
    ['too many rows', ['--limit', '1001'], /from 1 to 1000/],
    ['a cursor that is none', ['--after', 'x'], /x is no cursor of this list/],
    ['a format that there is not', ['--format', 'xml'], /Allowed choices are table, json, csv/],
  ])('ends with an error for %s', async (_what, args, why) => {
    const ran = await run(...list, ...args);

    expect([ran.code, ran.stdout, ran.stderr.replaceAll(/\s+/g, ' ')]).toEqual([2, '', expect.stringMatching(why)]);
  });

  test('takes no cursor of another list', async () => {
    const isAlike = (other: readonly string[]) => ['webhooks', 'dead-letters'].includes(String(other[0]));
    for (const other of LISTS.filter((one) => one !== list && !(isAlike(one) && isAlike(list)))) {
      const ran = await run(...list, '--after', await cursorOf(other));
      expect([other, ran.code, ran.stdout]).toEqual([other, 2, '']);
    }
  });
});

describe('a filter that nothing can meet', () => {
  const WEBHOOKS: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['a status', ['--status', 'done'], /done is no status: there are received, /],
    ['an event type with a star inside', ['--event-type', 'ch*rge'], /ch\*rge is no event type/],
    ['no event type', ['--event-type', ''], /is no event type/],
    ['a mode', ['--mode', 'prod'], /Allowed choices are live, test, unknown/],
    ['a provider', ['--provider', 'strpe'], /Allowed choices are stripe, /],
    ['no account', ['--account', ''], /It is empty/],
    ['no object', ['--object', ' '], /It is empty/],
    ['no payment', ['--payment', ''], /It is empty/],
    ['a payment', ['--payment', 'pi_none'], /there is no payment pi_none/],
    ['a cause', ['--cause', 'nonsense'], /nonsense is no cause: .* begin with/],
    ['no cause', ['--cause', ''], /It is empty/],
    ['an outcome of a handler', ['--handler', 'handle=dead'], /dead is no outcome of a handler: there are done, /],
    ['no handler', ['--handler', ''], /It is empty/],
    ['a destination', ['--destination', 'legder'], /there is no destination legder in this home: did you mean ledger/],
    ['a state of an entry', ['--destination', 'ledger=lost'], /lost is no state of an entry: there are waiting, /],
  ];
  const MORE: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['webhooks list', ['--status', 'processed', '--cause', 'handler_failed'], /only webhooks that are dead_lettered/],
    ['webhooks list', ['--status', 'processed', '--handler', 'handle=failed'], /is processed only when every handler/],
    ['webhooks list', ['--unknown', '--status', 'processed'], /webhooks of unknown types are ignored/],
    ['payments list', ['--status', 'paid'], /paid is no status: there are /],
    ['payments list', ['--related', ''], /It is empty/],
    ['payments list', ['--mode', 'prod'], /Allowed choices are live/],
    ['rejected list', ['--reason', 'bad'], /Allowed choices are /],
    ['rejected list', ['--provider', 'strpe'], /Allowed choices are stripe/],
    ['jobs list', ['--state', 'gone'], /gone is no state: there are .*expired/],
    ['destinations entries ledger', ['--state', 'lost'], /lost is no state: there are waiting, /],
    ['destinations entries ledger', ['--event-type', 'a*b'], /a\*b is no event type/],
    ['destinations entries legder', [], /there is no destination legder in this home: did you mean ledger/],
    ['causes', ['--since', '1h', '--until', '2h'], /nothing can be since/],
    ['causes', ['--since', '2099-01-01'], /is still to come/],
    ['causes', ['--account', ''], /It is empty/],
    ['audit show', ['--actor', ''], /It is empty/],
  ];
  const asked = [
    ...WEBHOOKS.map(([what, args, why]) => [`webhooks list: ${what}`, ['webhooks', 'list', ...args], why] as const),
    ...WEBHOOKS.filter(([what]) => what !== 'a status').map(
      ([what, args, why]) => [`dead-letters list: ${what}`, ['dead-letters', 'list', ...args], why] as const,
    ),
    ...MORE.map(([list, args, why]) => [`${list}: ${args.join(' ')}`, [...list.split(' '), ...args], why] as const),
  ];

  test.each(asked)('is an error that says what is allowed, in %s', async (_what, args, why) => {
    const ran = await run(...args);

    expect([ran.stdout, ran.stderr.replaceAll(/\s+/g, ' ')]).toEqual(['', expect.stringMatching(why)]);
    expect(ran.code).toBeGreaterThan(0);
  });
});

/** Whatever has a time in it, and prints for programs. */
const ANSWERS: readonly (readonly string[])[] = [
  ...LISTS,
  ['causes'],
  ['destinations', 'list'],
  ['legal-holds', 'list'],
  ['keys', 'list'],
  ['secrets', 'status'],
  ['find', 'pi_evt_1'],
];

const SHOWN_ALONE: readonly (readonly string[])[] = [
  ['health'],
  ['audit', 'verify'],
  ['audit', 'evidence'],
  ['audit', 'review'],
  ['find', 'evt_0'],
  ['webhooks', 'show', 'evt_0'],
  ['payments', 'show', 'pi_evt_1'],
];

/** Members that hold milliseconds since 1970, wherever they stand. */
const millisecondsIn = (value: unknown, name = ''): readonly string[] => {
  if (typeof value === 'number') return value > 1e12 && value < 1e14 ? [name] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([member, inside]) => millisecondsIn(inside, `${name}.${member}`));
};

describe('what programs read', () => {
  test.each(ANSWERS.map((list) => [list.join(' '), list] as const))(
    '%s says every time as ISO 8601',
    async (_, list) => {
      const rows = jsonLines(await run(...list, '--json'));
      const csv = (await run(...list, '--format', 'csv')).stdout;

      expect(rows.length).toBeGreaterThan(0);
      expect(rows.flatMap((row) => millisecondsIn(row))).toEqual([]);
      expect(JSON.stringify(rows)).toMatch(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/);
      expect(csv).not.toMatch(/(^|,)\d{13}(,|$)/m);
    },
  );

  test.each(SHOWN_ALONE.map((args) => [args.join(' '), args] as const))('%s does too', async (_, args) => {
    expect(jsonLines(await run(...args, '--json')).flatMap((row) => millisecondsIn(row))).toEqual([]);
  });

  test('rejected show does too, and tells until when it is tried', async () => {
    const [rejected] = jsonLines(await run('rejected', 'list', '--json'));
    const [shown] = jsonLines(await run('rejected', 'show', String(rejected?.id), '--json'));

    expect(millisecondsIn(shown)).toEqual([]);
    expect(shown).toMatchObject({ rejectedAt: rejected?.rejectedAt, retries: { until: expect.stringMatching(/Z$/) } });
  });
});

test('what one id leads to is a list in every format, of webhooks and payments, and is shown where none is asked for', async () => {
  const found = async (...args: string[]) => (await run('find', ...args)).stdout;

  expect(await found('pi_evt_1')).toMatch(/^payment +pi_evt_1/);
  expect(await found('pi_evt_1', '--format', 'table')).toMatch(/^KIND .*\npayment .* pi_evt_1\n$/);
  expect(await found('evt_1', '--format', 'csv')).toMatch(/^kind,webhookId,.*\nwebhook,stripe:evt_1,.*\n$/);
  expect(await found('evt_1', '--format', 'csv')).toMatch(/,paymentId,amount,currency\n.*,pi_evt_1,[\d.]+,USD\n$/);
  expect(await found('pi_evt_1', '--format', 'csv')).toMatch(/,currency,amount,captured,.*\n.*,USD,20\.00,20\.00,/);
  expect(await found('evt_1', '--format', 'json')).toBe(await found('evt_1', '--json'));
});

test('entries of a destination are asked for by what their webhooks are', async () => {
  const entries = async (...args: string[]) =>
    jsonLines(await run('destinations', 'entries', 'ledger', '--json', ...args)).length;

  expect(await entries()).toBe(6);
  expect(await entries('--event-type', 'payment_intent.*', '--mode', 'test', '--state', 'given_up,waiting')).toBe(6);
  expect(await entries('--event-type', 'charge.*')).toBe(0);
  expect(await entries('--mode', 'live')).toBe(0);
  expect(await entries('--object', 'pi_evt_1')).toBe(1);
});
