/** `payhook dev`: what a developer sees, handlers that are read again, and webhooks that go on as they came. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { PROVIDERS } from '../../src/providers/providers.ts';
import { sampleNamed } from '../../src/samples/samples.ts';
import {
  cleanEnvironment,
  createTestFolder,
  MAIN,
  runCommand,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';
import { runHere } from './run-here.ts';

const HANDLERS = (says: string): string =>
  `export const handle = async () => { console.log(${JSON.stringify(says)}); return { outcome: 'done' }; };\n`;

interface Dev extends AsyncDisposable {
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  readonly lines: readonly string[];
  /** Waits until a line is there that fits. */
  said(what: RegExp): Promise<void>;
}

const startDev = async (folder: TestFolder, args: readonly string[] = [], handlers?: string): Promise<Dev> => {
  const env = writeSetup(folder, handlers === undefined ? {} : { handlers });
  const child = spawn(process.execPath, [MAIN, 'dev', ...args], {
    cwd: folder.path,
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  const listening = (): string | undefined =>
    lines.map((line) => /listening on (http:\S+)/.exec(line)?.[1]).find((url) => url !== undefined);
  await waitUntil('it listens', () => listening() !== undefined || child.exitCode !== null);
  return {
    url: listening() ?? '',
    env,
    lines,
    said: (what) =>
      waitUntil(`it says ${what} after: ${lines.join('\n')}`, () => lines.some((line) => what.test(line))),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await once(child, 'close');
    },
  };
};

interface Taken {
  readonly url: string | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

/** An application that verifies for itself; here it only keeps what came. */
const startApplication = async (status = 200) => {
  const taken: Taken[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    taken.push({ url: request.url, headers: request.headersDistinct, body: Buffer.concat(chunks) });
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    taken,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

describe('payhook dev', () => {
  test('shows each delivery as a line, and reads handlers again when they change', async () => {
    using folder = createTestFolder();
    await using dev = await startDev(folder, [], HANDLERS('called first'));

    await runCommand(['send', 'stripe', 'payment_intent.succeeded', '--url', dev.url], dev.env);
    await dev.said(/^\d\d:\d\d:\d\d {2}accepted {7}stripe {2}payment_intent\.succeeded {2}…\S{8} {2}[\d.]+ ms$/);
    await dev.said(/^called first$/);
    await dev.said(/^\d\d:\d\d:\d\d {4}processed/);

    writeFileSync(join(folder.path, 'handlers.mjs'), HANDLERS('called again'));
    await dev.said(/ {2}reloaded {7}handlers\.mjs$/);
    await runCommand(['send', 'stripe', 'charge.succeeded', '--url', dev.url], dev.env);
    await dev.said(/^called again$/);

    writeFileSync(join(folder.path, 'handlers.mjs'), 'export const handle = async ( => {};\n');
    await dev.said(
      / {2}not_reloaded {3}the handlers module .* cannot be loaded: SyntaxError.*: the handlers of before go on$/,
    );
    await runCommand(['send', 'stripe', 'payout.paid', '--url', dev.url], dev.env);
    await waitUntil(
      'the handlers of before are called',
      () => dev.lines.filter((line) => line === 'called again').length === 2,
    );
  });

  test('regression: does not read handlers again for what the server writes into a data directory beside them', async () => {
    using folder = createTestFolder();
    await using dev = await startDev(folder, [], HANDLERS('called'));
    const state = join(folder.data, 'server-state.json');
    const written = (): number => (existsSync(state) ? statSync(state).mtimeMs : 0);

    // Long enough for what comes of the first time.
    for (const time of ['first', 'second', 'third']) {
      const before = written();
      await waitUntil(`its state is written a ${time} time`, () => written() > before);
    }

    expect(dev.lines.filter((line) => line.includes('reloaded'))).toEqual([]);
  });

  test('what the server suggests to send first can be sent, of each provider', () => {
    for (const { name, firstEventType } of PROVIDERS)
      expect([name, sampleNamed(name, firstEventType)?.eventType]).toEqual([name, firstEventType]);
  });

  test.each(PROVIDERS.map(({ name, firstEventType }) => [name, firstEventType]))(
    'hands on what %s sent, byte for byte and header for header',
    async (name, eventType) => {
      using folder = createTestFolder();
      await using application = await startApplication();
      await using dev = await startDev(folder, ['--forward', `${application.url}/hooks/{provider}`]);
      const body = Buffer.from('{"a": 1,\t"ü":\u00a0"raw"}');

      await runCommand(['send', name, eventType, '--url', dev.url], dev.env);
      await dev.said(/ {4}forwarded {6}200 /);
      // What is not genuine goes nowhere.
      await fetch(`${dev.url}/webhook/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      await dev.said(/rejected|refused/);

      expect(application.taken).toHaveLength(1);
      const [{ url, headers, body: taken } = { url: '', headers: {}, body: Buffer.alloc(0) }] = application.taken;
      expect(url).toBe(`/hooks/${name}`);
      const { stdout } = await runCommand(['webhooks', 'list', '--json'], dev.env);
      const { webhookId } = JSON.parse(stdout);
      const shown = await runCommand(
        ['webhooks', 'show', webhookId, '--payload', '--reason', 'ticket 4711', '--json'],
        dev.env,
      );
      const stored = JSON.parse(shown.stdout);
      expect(taken.toString('utf8')).toBe(stored.payload);
      expect(headers).toMatchObject({
        'content-type': [expect.stringContaining('json')],
        'user-agent': ['payhook-send'],
      });
      const signed = PROVIDERS.find((provider) => provider.name === name)?.secretHeaders ?? [];
      const present = signed.filter((header) => headers[header] !== undefined);
      if (name !== 'adyen') expect(present.length).toBeGreaterThan(0);
    },
  );

  test('says that an application is not there or did not take it, and goes on', async () => {
    using folder = createTestFolder();
    await using application = await startApplication(500);
    await using dev = await startDev(folder, ['--forward', application.url]);

    await runCommand(['send', 'stripe', 'payment_intent.succeeded', '--url', dev.url], dev.env);
    await dev.said(/ {4}not_taken {6}500 /);
    await application[Symbol.asyncDispose]();
    await runCommand(['send', 'stripe', 'charge.succeeded', '--url', dev.url], dev.env);
    await dev.said(/ {4}not_forwarded {2}ECONNREFUSED /);
  });

  test.each(['nonsense', 'ftp://localhost/x', 'localhost:3000'])('refuses to hand on to %s', async (url) => {
    using folder = createTestFolder();
    const ran = await runHere(['dev', '--forward', url], writeSetup(folder, {}), { cwd: folder.path });
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('give a URL such as http://localhost:3000/')]);
  });
});
