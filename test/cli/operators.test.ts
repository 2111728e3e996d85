/** People with names on one machine: what each may do at the command line, and what a tired one is told. */
import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import { lockOperators, openDataDirectory } from '../../src/homes/local/data-directory.ts';
import { createSigner, SECRET_ENV, stripeEvent } from '../server/signed.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import {
  createTestFolder,
  post,
  type Ran,
  readStored,
  startLocalServer,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';
import { jsonLines, runHere } from './run-here.ts';

const CONFIG = { mode: 'test', processing: { attemptsMax: 1 }, jobs: { approvalAboveWebhooks: 1 } } as const;
const HANDLERS = `export const handle = () => ({ outcome: 'give_up', reason: 'the warehouse is down' });`;
const PASSPHRASE = 'correct horse battery';
const ID = 'stripe:evt_1';

const clock = createTestClock(NOW);
let folder: TestFolder;
let env: Record<string, string>;

/** With these lines on standard input, as passphrases are given where no person types. */
const typed = (lines: readonly string[], ...args: string[]): Promise<Ran> =>
  runHere(args, env, { clock, input: lines.map((line) => `${line}\n`).join('') });
const as = (name: string, ...args: string[]): Promise<Ran> => typed([PASSPHRASE], '--operator', name, ...args);
const newest = async (): Promise<Record<string, unknown> | undefined> =>
  jsonLines(await typed([], 'audit', 'show', '--limit', '1', '--json'))[0];

beforeAll(async () => {
  const { sign } = await createSigner(clock.now());
  folder = createTestFolder();
  const server = await startLocalServer({ folder, clock, env: SECRET_ENV, config: CONFIG, handlers: HANDLERS });
  env = writeSetup(folder, { env: SECRET_ENV, config: CONFIG, handlers: HANDLERS });
  for (const id of ['evt_1', 'evt_2']) {
    await post(server.url, 'stripe', sign('stripe', stripeEvent(id), { now: clock.now() }));
  }
  await waitUntil('everything is given up', () => readStored(folder.data).queued === 0);
  await server.running.stop('done');
  clock.advance(1);
});

afterAll(() => folder[Symbol.dispose]());

describe('a machine without operators', () => {
  test('goes on as the user of the system, and takes nobody else’s word', async () => {
    const user = userInfo().username;

    expect((await typed([], 'operators', 'list')).stdout).toBe(
      `no operators are defined: whoever acts here is ${user}\n`,
    );
    expect((await typed([], 'webhooks', 'show', ID, '--payload', '--reason', 'ticket 4711')).code).toBe(0);
    expect(await newest()).toMatchObject({ event: 'PAYLOAD_READ', actor: { type: 'operator', id: user } });
    const claimed = await as('alice', 'webhooks', 'show', ID, '--payload', '--reason', 'ticket 4711');
    expect([claimed.code, claimed.stdout]).toEqual([2, '']);
    expect(claimed.stderr).toContain('no operators are defined here');
  });
});

describe('operators of a machine', () => {
  test('are added by whoever owns it, and from the first approver on by an approver', async () => {
    const refused = await typed(['short'], 'operators', 'add', 'bob', '--role', 'approver');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('the passphrase has 5 characters')]);
    expect((await typed([PASSPHRASE], 'operators', 'add', 'Bob', '--role', 'approver')).stderr).toContain('is no name');
    expect((await typed([], 'operators', 'add', 'bob', '--role', 'approver')).stderr).toContain('no line for the new');

    expect((await typed([PASSPHRASE], 'operators', 'add', 'bob', '--role', 'approver')).code).toBe(0);
    expect((await typed([PASSPHRASE], 'operators', 'add', 'alice', '--role', 'operator')).code).toBe(2);
    for (const [name, role] of [
      ['alice', 'operator'],
      ['dora', 'viewer'],
    ] as const) {
      const added = await typed(
        [PASSPHRASE, PASSPHRASE],
        '--operator',
        'bob',
        'operators',
        'add',
        name,
        '--role',
        role,
      );
      expect([added.code, added.stderr]).toEqual([0, '']);
    }

    const rows = jsonLines(await typed([], 'operators', 'list', '--json'));
    expect(rows.map(({ name, role }) => [name, role])).toEqual([
      ['alice', 'operator'],
      ['bob', 'approver'],
      ['dora', 'viewer'],
    ]);
    expect(await newest()).toMatchObject({ event: 'OPERATOR_ADDED', actor: { id: 'bob' }, resource: { id: 'dora' } });
  });

  test.each([
    ['nobody is named', [], [], 2, 'say who you are'],
    ['the passphrase is not typed', ['--operator', 'alice'], [], 2, 'no line for the passphrase of alice'],
    ['the passphrase is another', ['--operator', 'alice'], ['wrong'], 1, 'not the passphrase of alice'],
    ['the name is another', ['--operator', 'eve'], [PASSPHRASE], 1, 'no operator eve'],
    ['the role may not', ['--operator', 'dora'], [PASSPHRASE], 1, 'operator or approver may'],
  ])('open no payload when %s', async (_, who, lines, code, said) => {
    const before = (await newest())?.position;

    const ran = await typed(lines, ...who, 'webhooks', 'show', ID, '--payload', '--reason', 'ticket 4711');

    expect([ran.code, ran.stdout]).toEqual([code, '']);
    expect(ran.stderr).toContain(said);
    const entry = await newest();
    if (code === 1) expect(entry).toMatchObject({ event: 'OPERATOR_REFUSED', outcome: 'failure' });
    else expect(entry?.position).toBe(before);
  });

  test('are changed by one process at a time: nobody who was added is gone again, because two wrote at once', async () => {
    const add = () =>
      typed([PASSPHRASE, PASSPHRASE], '--operator', 'bob', 'operators', 'add', 'eve', '--role', 'viewer');
    const other = lockOperators(openDataDirectory(folder.data));
    const refused = await add();
    const kept = await as('bob', 'operators', 'remove', 'dora', '--reason', 'left');
    other[Symbol.dispose]();

    for (const { code, stderr } of [refused, kept])
      expect([code, stderr]).toEqual([1, expect.stringContaining('try again')]);
    expect((await typed([], 'operators', 'list')).stdout).toMatch(/dora/);
    expect((await add()).code).toBe(0);
    expect((await as('bob', 'operators', 'remove', 'eve', '--reason', 'only tried')).code).toBe(0);
  });

  test('act under their own names, by option or by variable', async () => {
    expect((await as('alice', 'webhooks', 'show', ID, '--payload', '--reason', 'ticket 4711')).stdout).toContain(
      '"evt_1"',
    );
    expect(await newest()).toMatchObject({ event: 'PAYLOAD_READ', actor: { type: 'operator', id: 'alice' } });
    const [args, input] = [['backup', `${folder.path}/backup`, '--reason', 'daily'], PASSPHRASE];
    const backup = await runHere(args, { ...env, PAYHOOK_OPERATOR: 'bob' }, { clock, input });
    expect([backup.code, backup.stderr]).toEqual([0, '']);
    expect(await newest()).toMatchObject({ event: 'BACKED_UP', actor: { id: 'bob' } });
  });

  test('look at lists without a name, as whoever has the files could', async () => {
    expect((await typed([], 'webhooks', 'list')).code).toBe(0);
    expect((await typed([], 'dead-letters', 'redrive', '--all', '--dry-run')).code).toBe(0);
  });

  test('need another one, who is an approver, for what is large', async () => {
    const asked = await as('alice', 'dead-letters', 'redrive', '--all', '--reason', 'the warehouse is back', '--json');
    const jobId = String(jsonLines(asked)[0]?.jobId);
    const approve = ['approvals', 'approve', jobId, '--reason', 'seen'];
    expect(jsonLines(asked)[0]).toMatchObject({ state: 'waiting_for_approval', requestedBy: { id: 'alice' } });

    expect((await as('alice', ...approve)).stderr).toContain('approver may');
    expect((await as('bob', 'operators', 'remove', 'alice', '--reason', 'left')).code).toBe(0);
    const gone = await as('bob', ...approve);
    expect([gone.code, gone.stdout]).toEqual([
      1,
      expect.stringContaining('by somebody who is no operator here any more'),
    ]);
    expect((await as('bob', 'jobs', 'cancel', jobId)).code).toBe(0);
  });

  test('are not guessed: after ten wrong passphrases the right one is refused for half an hour', async () => {
    const guess = ['--operator', 'dora', 'jobs', 'cancel', 'job-1'];
    for (let tries = 0; tries < LIMITS.signInsWrongMax; tries += 1) await typed([`wrong ${tries}`], ...guess);

    expect((await as('dora', 'jobs', 'cancel', 'job-1')).stderr).toContain('too many passphrases of dora were wrong');
    expect((await as('bob', 'operators', 'remove', 'bob', '--reason', 'left')).stdout).toContain('last approver');
  });

  test('leave a trail that is whole', async () => {
    expect((await typed([], 'audit', 'verify')).stdout).toContain('the audit trail is whole');
  });
});
