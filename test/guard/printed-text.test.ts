/** What a person sees on a terminal cannot move the cursor, colour, hide or forge a line; what a machine reads means the same. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createPinoLogger } from '../../src/adapters/pino/pino-logger.ts';
import { jsonLines, type runHere as Run, runHere } from '../cli/run-here.ts';
import { createSigner, SECRET_ENV } from '../server/signed.ts';
import {
  createTestFolder,
  type LocalServer,
  post,
  startLocalServer,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';

const HOSTILE = '\u001b[2J\u001b[31mPWNED\r\nforged line\u202e\u009b31m\u200b';
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const BITES = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2028\u2029\ufeff]/u;

/** What the URLs of a configuration carry. */
const SECRET = 's3cr3t';

let folder: TestFolder;
let server: LocalServer;
let env: Record<string, string>;
let webhookId: string;

const run = (...args: string[]): ReturnType<typeof Run> => runHere(args, env, { cwd: folder.path });

beforeAll(async () => {
  const { sign } = await createSigner(Date.now());
  folder = createTestFolder();
  const setup = {
    env: SECRET_ENV,
    config: {
      destinations: {
        ledger: { kind: 'http', url: `https://ledger.example/in/${SECRET}?token=${SECRET}`, events: ['payment.*'] },
      },
    },
    handlers: `export const handle = () => ({ outcome: 'give_up', reason: ${JSON.stringify(HOSTILE)} });`,
  } as const;
  server = await startLocalServer({ folder, ...setup });
  env = writeSetup(folder, setup);
  const body = JSON.stringify({ type: HOSTILE, id: 'msg_hostile', note: HOSTILE, data: { id: HOSTILE } });
  const answer = await post(server.url, 'standard-webhooks', sign('standard-webhooks', body, { now: Date.now() }));
  webhookId = String(answer.json.webhookId);
  await waitUntil('it was given up', async () => {
    const [shown] = jsonLines(await run('webhooks', 'show', webhookId, '--json'));
    return shown?.status === 'dead_lettered';
  });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

describe('text of a provider or a handler', () => {
  test.each([
    ['webhooks list'],
    ['webhooks list --json'],
    ['webhooks show ID'],
    ['webhooks show ID --json'],
    ['webhooks show ID --payload --reason asked'],
    ['dead-letters list'],
    ['audit list'],
    ['webhooks show stripe:\u001b[31mnone'],
    ['destinations test \u001b[31mnone'],
    ['webhooks \u001b[31mnone'],
    ['verify /tmp/\u001b[31mnone'],
  ])('is printed visibly by %j', async (command) => {
    const { stdout, stderr } = await run(...command.replace('ID', webhookId).split(' '));

    expect(stdout + stderr).not.toMatch(BITES);
    expect(stdout.split('\n')).not.toContainEqual(expect.stringMatching(/^forged line/));
    if (command.startsWith('webhooks show ID')) expect(stdout).toContain('\\u001b[2J');
  });

  test('means the same in JSON', async () => {
    const [shown] = jsonLines(await run('webhooks', 'show', webhookId, '--json'));

    expect(shown?.eventType).toBe(HOSTILE);
    expect(shown?.objectId).toBe(HOSTILE);
    expect(shown?.lastError).toBe(HOSTILE);
  });

  test('is one line of the log for people', () => {
    const written: string[] = [];
    const out = vi.spyOn(process.stdout, 'write').mockImplementation((line) => written.push(String(line)) > 0);

    createPinoLogger({ format: 'text', level: 'info' }).info(`delivery.received ${HOSTILE}`, { event_type: HOSTILE });
    out.mockRestore();

    expect(written).toHaveLength(1);
    expect(written[0]?.trimEnd()).not.toMatch(BITES);
    expect(written[0]?.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('URLs in the configuration', () => {
  test('are shown by their origin alone, wherever they stand', async () => {
    using own = createTestFolder();
    const config = {
      alertsUrl: `https://hooks.chat.example/services/T0/B0/${SECRET}`,
      destinations: {
        ledger: { kind: 'http', url: `https://ledger.example/in/${SECRET}?token=${SECRET}` },
      },
    } as const;
    const variables = {
      ...writeSetup(own, { config }),
      PAYHOOK_SQUARE_NOTIFICATION_URL: 'https://shop.example/webhook/square',
    };

    for (const args of [['config'], ['config', '--json']]) {
      const { stdout, stderr, code } = await runHere(args, variables, { cwd: own.path });
      expect([args, code]).toEqual([args, 0]);
      expect(stdout + stderr).not.toContain(SECRET);
      expect(stdout).toContain('https://ledger.example/…');
    }
    for (const args of [
      ['destinations', 'list'],
      ['destinations', 'list', '--json'],
    ]) {
      const { stdout } = await run(...args);
      expect(stdout).not.toContain(SECRET);
      expect(stdout).toContain('https://ledger.example/…');
    }
    expect((await runHere(['config'], variables, { cwd: own.path })).stdout).toContain('https://hooks.chat.example/…');
  });

  test('are hidden in the report of what is wrong with them', async () => {
    using own = createTestFolder();
    const config = {
      destinations: { ledger: { kind: 'http', url: `http://127.0.0.1/in/${SECRET}?token=${SECRET}` } },
    } as const;

    const { stderr, code } = await runHere(['config'], writeSetup(own, { config }), { cwd: own.path });

    expect(code).toBe(2);
    expect(stderr).toContain('http://127.0.0.1/…');
    expect(stderr).not.toContain(SECRET);
  });
});
