/** What providers deliver to: examined, registered, changed; each after a preview, and in the trail. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSigner, SECRET_ENV } from '../server/signed.ts';
import { createTestClock } from '../support/clock.ts';
import { API_CREDENTIALS, type FakeApis, openFakeApis } from '../support/fake-apis.ts';
import {
  createTestFolder,
  type LocalServer,
  post,
  type Ran,
  readStored,
  startLocalServer,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';
import { jsonLines, runHere } from './run-here.ts';

const URL_OF_OURS = 'https://hooks.shop.example/webhook/stripe';
const REASON = ['--reason', 'the new shop'];

describe('endpoints of providers', () => {
  const clock = createTestClock();
  let apis: FakeApis;
  let folder: TestFolder;
  let server: LocalServer;
  let env: Record<string, string>;

  const run = (...args: readonly string[]): Promise<Ran> => runHere(args, env, { clock });
  const create = (...args: readonly string[]): Promise<Ran> =>
    run('endpoints', 'create', '--provider', 'stripe', '--url', URL_OF_OURS, ...args);
  const update = (...args: readonly string[]): Promise<Ran> =>
    run('endpoints', 'update', '--provider', 'stripe', ...args);
  const trail = async (): Promise<readonly object[]> => {
    const entries = jsonLines(await run('audit', 'show', '--json'));
    return entries.filter(({ event }) => String(event).startsWith('ENDPOINT_'));
  };

  beforeAll(async () => {
    apis = await openFakeApis(clock.now);
    folder = createTestFolder();
    const setup = {
      config: { mode: 'test', reconcile: { apiUrls: apis.urls } },
      env: { ...SECRET_ENV, PAYHOOK_STRIPE_API_CREDENTIALS: API_CREDENTIALS.stripe },
    } as const;
    env = writeSetup(folder, setup);
    server = await startLocalServer({ folder, clock, ...setup });
  });
  beforeEach(() => {
    apis.stripe.endpoints.length = 0;
    apis.stripe.destinations.length = 0;
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await apis[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  test('a running server tells that none leads to it', async () => {
    const told = 'no endpoint that is registered with stripe:test leads here';
    await waitUntil('it is told', () => JSON.stringify(server.lines).includes(told));

    expect(server.lines).toContainEqual(
      expect.objectContaining({
        event: 'endpoints.looked_at',
        fields: expect.objectContaining({ provider: 'stripe', outcome: 'not_registered' }),
      }),
    );
  });

  test('creating one shows first what it would do, and does nothing', async () => {
    const looked = await create();

    expect(looked).toMatchObject({ code: 0, stdout: expect.stringContaining(`register ${URL_OF_OURS} for`) });
    expect(looked.stdout).toContain('+ payment_intent.succeeded');
    expect(looked.stdout).toContain('nothing was done');
    expect(apis.stripe.endpoints).toEqual([]);
  });

  test('creates it for a reason, writes its secret into a new file that is nobody else’s, and says so in the trail', async () => {
    const file = join(folder.data, '..', 'secret-1');

    expect(await create('--yes')).toMatchObject({ code: 2, stderr: expect.stringContaining('--reason') });
    expect(await create('--yes', ...REASON)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--secret-file'),
    });
    const done = await create('--yes', ...REASON, '--secret-file', file);

    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining(`done: endpoint_1 at ${URL_OF_OURS}`) });
    expect(readFileSync(file, 'utf8')).toBe('whsec_canaryofthenewendpoint\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(done.stdout + done.stderr).not.toContain('canary');
    expect(apis.stripe.endpoints).toMatchObject([{ url: URL_OF_OURS }]);
    expect((await trail())[0]).toMatchObject({ event: 'ENDPOINT_CREATED', outcome: 'success', reason: 'the new shop' });
    expect(await create('--yes', ...REASON, '--secret-file', file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is registered with stripe:test as endpoint_1'),
    });
  });

  test('says in the trail too that the provider did not take it, and leaves no file', async () => {
    const file = join(folder.data, '..', 'secret-2');
    // Both lists are looked at first.
    apis.stripe.faults.push('none', 'none', { status: 400 });

    const refused = await create('--yes', ...REASON, '--secret-file', file);

    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('the provider refuses it (http_400)') });
    expect(existsSync(file)).toBe(false);
    expect((await trail())[0]).toMatchObject({ outcome: 'failure', reason: 'refused: http_400' });
  });

  const keep = (more: object = {}) =>
    apis.stripe.endpoints.push({
      id: 'we_1',
      url: URL_OF_OURS,
      isEnabled: true,
      eventTypes: ['charge.succeeded', 'customer.created'],
      apiVersion: '2026-10-28.endive',
      ...more,
    });

  test('updating one adds the types that are mapped, enables it, and takes nothing away', async () => {
    keep({ isEnabled: false });

    const looked = await update('--enable');
    expect(looked.stdout).toContain('+ charge.refunded');
    expect(looked.stdout).not.toContain('+ charge.succeeded');
    expect(apis.stripe.endpoints).toMatchObject([{ isEnabled: false }]);
    const done = await update('--enable', '--yes', ...REASON);

    expect(done.code).toBe(0);
    expect(apis.stripe.endpoints).toMatchObject([{ isEnabled: true }]);
    expect(apis.stripe.endpoints[0]?.eventTypes).toEqual(
      expect.arrayContaining(['customer.created', 'charge.refunded']),
    );
    expect((await trail())[0]).toMatchObject({ event: 'ENDPOINT_UPDATED', outcome: 'success' });
    expect(await update('--yes', ...REASON)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing to change'),
    });
    expect(await run('doctor')).toMatchObject({ code: 0, stdout: expect.stringContaining('as it should be') });
  });

  test('says which, where there are several or none', async () => {
    expect(await update()).toMatchObject({ code: 1, stderr: expect.stringContaining('no endpoint that leads here') });
    keep();
    keep({ id: 'we_2' });
    expect(await update()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('several endpoints lead here (we_1, we_2)'),
    });
    expect(await update('--id', 'we_2')).toMatchObject({ code: 0, stdout: expect.stringContaining('we_2 at') });
  });

  test('the doctor ends with 1 and says what is wrong with each, and what to do', async () => {
    const none = await run('doctor');
    keep({ isEnabled: false });
    const disabled = await run('doctor', '--json');
    apis.stripe.endpoints.length = 0;
    keep({ apiVersion: '2027-03-01.next' });
    const drifted = await run('doctor');

    expect(none).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('payhook endpoints create --provider stripe'),
    });
    expect(disabled.code).toBe(1);
    expect(jsonLines(disabled)).toMatchObject([{ source: 'stripe:test', drifts: [{ drift: 'disabled' }] }]);
    expect(drifted.code).toBe(1);
    expect(drifted.stdout).toContain('types that are mapped are not sent to it');
    expect(drifted.stdout).toContain('API version 2027-03-01.next, newer than what is mapped');
  });

  test('the doctor knows by the events that come in which version they are written', async () => {
    const { sign } = await createSigner(clock.now());
    keep({ eventTypes: ['*'] });
    const event = { id: 'evt_new', object: 'event', api_version: '2027-05-01.later', created: clock.now() / 1000 };
    const body = JSON.stringify({
      ...event,
      type: 'customer.created',
      livemode: false,
      data: { object: { id: 'cus_1' } },
    });
    expect((await post(server.url, 'stripe', sign('stripe', body, { now: clock.now() }))).status).toBe(200);
    await waitUntil('it is stored', () => readStored(folder.data).webhooks.length > 0);

    expect((await run('doctor')).stdout).toContain('API version 2027-05-01.later, newer than what is mapped');
  });

  test('the doctor knows ours by the URL that is set, where the path is another', async () => {
    const url = 'https://shop.example/hooks/cards';
    keep({ url, eventTypes: ['*'] });
    expect((await run('doctor')).stdout).toContain('no endpoint that is registered there leads here');
    // Another file: a module is read once by a process.
    const path = join(folder.path, 'urls.config.mjs');
    const config = { mode: 'test', reconcile: { apiUrls: apis.urls, endpointUrls: { stripe: url } } };
    writeFileSync(path, `export default ${JSON.stringify(config)};\n`);

    const examined = await runHere(['doctor'], { ...env, PAYHOOK_CONFIG: path }, { clock });

    expect(examined.stdout).toContain(`${url}, all types`);
    expect(examined.stdout).not.toContain('leads here');
  });

  test('lists what is registered, ours and others, for a person and for a program', async () => {
    keep();
    keep({ id: 'we_9', url: 'https://elsewhere.example/hook', isEnabled: false, eventTypes: ['*'] });

    const table = await run('endpoints', 'list');
    const json = jsonLines(await run('endpoints', 'list', '--json'));

    expect(table.stdout).toMatch(
      /stripe:test\s+disabled\s+all\s+2026-10-28\.endive\s+we_9\s+https:\/\/elsewhere\.example/,
    );
    expect(json.map(({ id, isEnabled }) => [id, isEnabled])).toEqual([
      ['we_1', true],
      ['we_9', false],
    ]);
  });

  const keepThin = (more: object = {}) =>
    apis.stripe.destinations.push(
      { id: 'ed_bus', url: '', isEnabled: true, eventTypes: ['*'], apiVersion: '' },
      {
        id: 'ed_far',
        url: 'https://elsewhere.example/hook',
        isEnabled: true,
        eventTypes: ['*'],
        apiVersion: '2026-01-28',
      },
      {
        id: 'ed_1',
        url: URL_OF_OURS,
        isEnabled: true,
        eventTypes: ['v1.billing.meter.error_report_triggered'],
        apiVersion: '',
        isThin: true,
        ...more,
      },
    );

  test('event destinations are listed, judged and enabled like endpoints, and get no types that they have not', async () => {
    keep({ eventTypes: ['*'] });
    keepThin({ isEnabled: false });

    const table = await run('endpoints', 'list');
    const examined = await run('doctor');
    const enabled = await update('--id', 'ed_1', '--enable', '--yes', ...REASON);

    expect(table.stdout).toMatch(/disabled\s+1\s+thin\s+ed_1/);
    expect(table.stdout).toMatch(/enabled\s+all\s+2026-01-28\s+ed_far/);
    expect(table.stdout).not.toContain('ed_bus');
    expect(examined).toMatchObject({ code: 1, stdout: expect.stringContaining('ed_1 is disabled, no thin events') });
    expect(enabled).toMatchObject({ code: 0, stdout: expect.stringContaining(`done: ed_1 at ${URL_OF_OURS}`) });
    expect(apis.stripe.destinations.at(-1)).toMatchObject({
      isEnabled: true,
      eventTypes: ['v1.billing.meter.error_report_triggered'],
    });
    const after = await run('doctor');
    expect(after.stdout).toContain('1 thin types');
    expect(after.stdout).not.toContain('disabled');
  });

  test('the doctor says that thin events alone change no payment', async () => {
    keepThin();

    expect((await run('doctor')).stdout).toContain('only thin events are sent here (ed_1)');
    expect((await update()).stdout).toContain('nothing to change');
  });

  test('a credential that may not list event destinations is told so, and the endpoints are judged', async () => {
    keep({ eventTypes: ['*'] });
    apis.stripe.faults.push('none', { status: 403 });
    const listed = await run('endpoints', 'list');
    apis.stripe.faults.push('none', { status: 403 });
    const examined = await run('doctor');

    expect(listed.stderr).toContain('event destinations were not looked at');
    expect(listed.stdout).toContain('we_1');
    expect(examined.stdout).toMatch(/all types, API version.*\n.*event destinations were not looked at.*\(http_403\)/);
  });

  test('ends with 1 and one sentence where the credential may not ask', async () => {
    apis.stripe.faults.push({ status: 403 });
    const listed = await run('endpoints', 'list');
    apis.stripe.faults.push({ status: 403 });
    const examined = await run('doctor');

    for (const ran of [listed, examined]) {
      expect(ran.code).toBe(1);
      expect(ran.stdout + ran.stderr).toContain('the provider refuses the credential (http_403)');
    }
  });
});
