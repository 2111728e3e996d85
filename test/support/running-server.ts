/**
 * A whole local home for a test, in a folder of its own: either inside the test's process, with a clock, certificates
 * and a logger of the test's (fast), or as the process that users start (where signals, exit codes and files count).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { createMemoryLogger, type LogLine } from '../../src/adapters/memory/memory-recorders.ts';
import type { PayhookConfig } from '../../src/config/define-config.ts';
import { loadConfig, type Settings } from '../../src/config/load-config.ts';
import type { PayhookError } from '../../src/core/errors.ts';
import type { CertificateSource } from '../../src/core/ports/certificate-source.ts';
import type { Clock } from '../../src/core/ports/clock.ts';
import type { SignedDelivery } from '../../src/core/ports/provider.ts';
import { type RunningServer, type ServeInput, startServer } from '../../src/homes/local/serve.ts';
import type { ConfigurableProvider } from '../../src/providers/provider-settings.ts';

export const PROJECT_ROOT = join(import.meta.dirname, '..', '..');
/** The launcher that users call. */
export const LAUNCHER = join(PROJECT_ROOT, 'bin', 'payhook');
export const MAIN = join(PROJECT_ROOT, 'src', 'cli', 'main.ts');

/** A folder that nobody else uses; gone when the scope that holds it ends. */
export interface TestFolder extends Disposable {
  readonly path: string;
  readonly data: string;
}

export const createTestFolder = (): TestFolder => {
  const path = mkdtempSync(join(tmpdir(), 'payhook-test-'));
  return {
    path,
    data: join(path, 'data'),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
};

export interface HomeSetup {
  readonly config?: PayhookConfig;
  /** `PAYHOOK_…` variables besides port and data directory; undefined takes away one that is set for every test. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Source text of the handlers module. */
  readonly handlers?: string;
}

/** Writes the configuration of a home into its folder; returns the environment that selects it. */
export const writeSetup = (folder: TestFolder, setup: HomeSetup): Record<string, string> => {
  const handlers = setup.handlers === undefined ? {} : { handlers: './handlers.mjs' };
  if (setup.handlers !== undefined) writeFileSync(join(folder.path, 'handlers.mjs'), setup.handlers);
  const config = { ...setup.config, ...handlers };
  writeFileSync(join(folder.path, 'payhook.config.mjs'), `export default ${JSON.stringify(config)};\n`);
  const variables = {
    PAYHOOK_CONFIG: join(folder.path, 'payhook.config.mjs'),
    PAYHOOK_DATA_DIR: folder.data,
    PAYHOOK_PORT: '0',
    PAYHOOK_OPERATIONS_PORT: '0',
    PAYHOOK_LOG_FORMAT: 'json',
    ...setup.env,
  };
  return Object.fromEntries(
    Object.entries(variables).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
};

export interface LocalServerOptions extends HomeSetup {
  readonly folder: TestFolder;
  readonly clock?: Clock;
  readonly certificates?: CertificateSource;
  readonly edgeBounds?: ServeInput['edgeBounds'];
  readonly publishedAddresses?: ServeInput['publishedAddresses'];
  /** @default all that Payhook knows */
  readonly providers?: readonly ConfigurableProvider[];
  readonly mappings?: ServeInput['mappings'];
}

export interface LocalServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Where metrics are. */
  readonly operationsUrl: string;
  readonly lines: readonly LogLine[];
  readonly running: RunningServer;
  readonly settings: Settings;
  readonly fatal: readonly PayhookError[];
}

/** Starts the home inside this process. Disposing of it stops it. */
export const startLocalServer = async (options: LocalServerOptions): Promise<LocalServer> => {
  const { folder, clock, certificates, edgeBounds, publishedAddresses, providers, mappings } = options;
  const env = writeSetup(folder, options);
  const loaded = await loadConfig({ env, cwd: folder.path, ...(providers === undefined ? {} : { providers }) });
  if (loaded.outcome === 'invalid') throw new Error(`test configuration: ${JSON.stringify(loaded.problems)}`);
  const logger = createMemoryLogger();
  const fatal: PayhookError[] = [];
  const running = await startServer({
    settings: loaded.settings,
    logger,
    onFatal: (error) => fatal.push(error),
    ...(clock === undefined ? {} : { clock }),
    ...(certificates === undefined ? {} : { certificates }),
    ...(edgeBounds === undefined ? {} : { edgeBounds }),
    ...(publishedAddresses === undefined ? {} : { publishedAddresses }),
    ...(mappings === undefined ? {} : { mappings }),
  });
  return {
    url: `http://127.0.0.1:${running.port}`,
    operationsUrl: `http://127.0.0.1:${running.operationsPort}`,
    port: running.port,
    lines: logger.lines,
    running,
    settings: loaded.settings,
    fatal,
    [Symbol.asyncDispose]: () => running.stop('test over'),
  };
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

/** Posts a signed delivery; more headers may be added or replaced. */
export const post = async (
  url: string,
  provider: string,
  { body, headers }: SignedDelivery,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const response = await fetch(`${url}/webhook/${provider}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers, ...more },
    body: Buffer.from(body),
  });
  return readAnswer(response);
};

const readAnswer = async (response: Response): Promise<Answer> => {
  const text = await response.text();
  let json: Record<string, unknown> = {};
  try {
    json = JSON.parse(text);
  } catch {
    // Not every answer is JSON; a test that needs it looks at `json` and fails there.
  }
  return { status: response.status, headers: response.headers, text, json };
};

export interface Stored {
  readonly webhooks: readonly { id: string; status: string; bytes: number; lastError: string | null }[];
  readonly queued: number;
  readonly entries: readonly { position: number; event: string; reason: string | null; chain: string; count: number }[];
  /** Everything readable in the database that is not sealed. */
  readonly plainText: string;
}

/** What the database holds, read beside whoever has it open. */
export const readStored = (data: string): Stored => {
  using db = new DatabaseSync(join(data, 'payhook.db'), { readOnly: true, timeout: 5000 });
  const rows = db.prepare('SELECT * FROM payment_webhooks ORDER BY position').all();
  const texts = db.prepare('SELECT position, text FROM audit_entries ORDER BY position').all();
  return {
    webhooks: rows.map((row) => ({
      id: String(row.webhook_id),
      status: String(row.status),
      bytes: Number(row.payload_bytes),
      lastError: row.last_error === null ? null : String(row.last_error),
    })),
    queued: Number(db.prepare('SELECT count(*) AS n FROM queue').get()?.n),
    entries: texts.map((row) => {
      const { event, reason, chain, count } = JSON.parse(String(row.text));
      return { position: Number(row.position), event, reason, chain, count };
    }),
    plainText: JSON.stringify([rows.map(({ payload, ...plain }) => plain), texts]),
  };
};

/** Waits until `isSo` says so. Looks again after every turn of a timer, a short one unless looking takes long; fails loudly after `msMax`. */
export const waitUntil = async (
  what: string,
  isSo: () => boolean | Promise<boolean>,
  msMax = 110_000,
  everyMs = 10,
): Promise<void> => {
  const until = performance.now() + msMax;
  while (!(await isSo())) {
    if (performance.now() > until) throw new Error(`did not happen within ${msMax} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};

export interface ServerProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly url: string;
  readonly port: number;
  readonly operationsUrl: string;
  /** Log lines so far, parsed; each is one JSON object. */
  readonly lines: readonly Record<string, unknown>[];
  readonly stderr: () => string;
  /** Sends the signal and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<Ended>;
  /** Resolves when the process has ended by itself. */
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export interface ServerProcessOptions extends HomeSetup {
  readonly folder: TestFolder;
  /** @default `node src/cli/main.ts serve` */
  readonly command?: readonly string[];
  /** Told of each log line; then none is kept. @default they are kept */
  readonly onLine?: (line: Readonly<Record<string, unknown>>) => void;
}

/** The test's environment without any `PAYHOOK_…` of the person who runs it. */
export const cleanEnvironment = (own: Readonly<Record<string, string>>): Record<string, string | undefined> => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PAYHOOK_'))),
  ...own,
});

/** One that ends well leaves its compiled code for those that are killed: a third of the time of their start. */
export const compileServer = async (): Promise<void> => {
  using folder = createTestFolder();
  await using server = await spawnServer({ folder });
  await server.stop('SIGTERM');
};

/** Starts the server as a process and waits for its `server.started` line; rejects with stderr when it ends instead. */
export const spawnServer = async (options: ServerProcessOptions): Promise<ServerProcess> => {
  const { folder, command = [process.execPath, MAIN, 'serve'] } = options;
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: folder.path,
    env: cleanEnvironment(writeSetup(folder, options)),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Record<string, unknown>[] = [];
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  const started = Promise.withResolvers<{ port: number; operationsPort: number }>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const parsed: Record<string, unknown> = JSON.parse(line);
    if (options.onLine === undefined) lines.push(parsed);
    else options.onLine(parsed);
    if (parsed.event === 'server.started')
      started.resolve({ port: Number(parsed.port), operationsPort: Number(parsed.operations_port) });
  });
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    started.reject(new Error(`the server ended with ${code ?? signal} before it had started: ${stderr}`));
    return { code, signal, stderr };
  });
  const { port, operationsPort } = await started.promise;
  const stop = (signal: NodeJS.Signals): Promise<Ended> => {
    child.kill(signal);
    return ended;
  };
  return {
    child,
    url: `http://127.0.0.1:${port}`,
    port,
    operationsUrl: `http://127.0.0.1:${operationsPort}`,
    lines,
    stderr: () => stderr,
    stop,
    ended,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) await stop('SIGKILL');
    },
  };
};

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command to its end, as a user would. */
export const runCommand = async (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  options: { readonly cwd?: string; readonly command?: readonly string[] } = {},
): Promise<Ran> => {
  const [program = '', ...first] = options.command ?? [process.execPath, MAIN];
  const child = spawn(program, [...first, ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const read = async (stream: NodeJS.ReadableStream): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
  };
  const [stdout, stderr, [code]] = await Promise.all([read(child.stdout), read(child.stderr), once(child, 'close')]);
  return { code, stdout, stderr };
};
