/**
 * What a new user does: an empty folder, the packed package, and a first webhook that the folder's own handler is called with.
 * Then what the folder has for running it: the service unit, the container file, another Node. All of it in one folder, packed
 * and installed once.
 */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageManifest } from '../../packaging/package-manifest.ts';
import { beginConsoleSession } from '../support/console-session.ts';
import { installOldestNode } from './install-oldest-node.ts';
import {
  CHECKERS,
  emptyProject,
  MODULES,
  type PackedPackage,
  type PackedProject,
  packPackage,
  type Ran,
} from './packed-project.ts';
import { replayImage } from './replay-image.ts';

const VARIABLES = {
  PAYHOOK_PORT: '0',
  PAYHOOK_OPERATIONS_PORT: '0',
  PAYHOOK_CONSOLE_PORT: '0',
  npm_config_offline: 'true',
  npm_config_fund: 'false',
};
/** A promise to users; without what the network takes. */
const FIRST_WEBHOOK_MS_MAX = 60_000;
/** Measured 86, with the configuration that `init` writes. */
const CONSOLE_MB_MAX = 90;
/** More often than somebody looks at each screen in a session. */
const CONSOLE_ROUNDS = 20;
/** Everything that a screen asks. */
const CONSOLE_PATHS = [
  '/',
  ...['session', 'overview', 'webhooks', 'payments', 'causes', 'destinations', 'deliveries', 'deliveries/turned-away'],
  ...[
    'jobs',
    'approvals',
    'audit',
    'settings',
    'find?q=pi_nobody',
    'export/webhooks?format=csv',
    'export/audit?format=ndjson',
  ],
].map((path) => (path === '/' ? path : `/api/${path}`));

let packed: PackedPackage;
let project: PackedProject;

const succeedOn = async (on: Pick<PackedProject, 'run'>, command: string, ...args: readonly string[]): Promise<Ran> => {
  const ran = await on.run(command, ...args);
  expect(ran, `${command} ${args.join(' ')}\n${ran.stdout}${ran.stderr}`).toMatchObject({ code: 0 });
  return ran;
};
const succeed = (command: string, ...args: readonly string[]): Promise<Ran> => succeedOn(project, command, ...args);

beforeAll(async () => {
  packed = await packPackage();
  project = emptyProject(packed.dependencies, VARIABLES);
});

afterAll(() => {
  project?.[Symbol.dispose]();
  packed?.[Symbol.dispose]();
});

describe('a project of a team’s own', () => {
  test('from an empty folder to a first processed webhook takes less than a minute', async () => {
    const startedAt = performance.now();
    await succeed('npm', 'init', '-y');
    await succeed('npm', 'install', packed.tarball);
    await succeed('npx', 'payhook', 'init', '--yes');
    await using server = await project.serve();
    const { stdout } = await succeed(
      'npx',
      'payhook',
      'send',
      'stripe',
      'payment_intent.succeeded',
      '--url',
      server.url,
    );
    const ms = performance.now() - startedAt;

    expect(stdout).toMatch(/^accepted .*\nprocessed {2}after 1 attempt$/m);
    expect(server.output()).toMatch(/^stripe: \d+ [A-Z]{3} of pi_\w+ paid \(stripe:evt_\w+\)$/m);
    console.log(`from npm init to a first processed webhook: ${(ms / 1000).toFixed(1)} s`);
    expect(ms).toBeLessThan(FIRST_WEBHOOK_MS_MAX);
  });

  test('what came in is there for every command, and the trail is whole', async () => {
    const { stdout } = await succeed('npx', 'payhook', 'webhooks', 'list', '--json');

    expect(JSON.parse(stdout)).toMatchObject({ status: 'processed', eventType: 'payment_intent.succeeded' });
    await succeed('npx', 'payhook', 'audit', 'verify');
  });

  test.skipIf(process.platform !== 'linux')(
    'its console takes less than 90 MB at rest, whatever was looked at',
    async () => {
      // What a start compiles for the first time is kept for those after it.
      await (await project.openConsole())[Symbol.asyncDispose]();
      await using opened = await project.openConsole();
      const session = await beginConsoleSession(opened.link);
      for (let round = 0; round < CONSOLE_ROUNDS; round += 1) {
        for (const path of CONSOLE_PATHS) await session.get(path);
        await session.post('/api/audit/verify', {});
      }
      const megabytes = (): number => {
        const status = readFileSync(`/proc/${opened.pid}/status`, 'utf8');
        return (Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024) / 1_000_000;
      };
      const asked = megabytes();

      await expect.poll(megabytes).toBeLessThan(CONSOLE_MB_MAX);
      console.log(`the console takes ${asked.toFixed(1)} MB, and ${megabytes().toFixed(1)} at rest`);
    },
  );

  test('its own test of its handler passes, without a server', async () => {
    const { stdout } = await succeed('npm', 'test');

    expect(stdout).toMatch(/pass 2/);
  });

  test.each([true, false])('its files pass the strict compiler, with skipLibCheck %s', async (skipLibCheck) => {
    for (const name of CHECKERS) {
      cpSync(join(MODULES, name), join(project.path, 'node_modules', name), { recursive: true });
    }
    const tsc = join(MODULES, 'typescript', 'bin', 'tsc');

    await succeed(process.execPath, tsc, '-p', '.', '--skipLibCheck', String(skipLibCheck));
  });
});

const isSystemdThere = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!isSystemdThere) console.log('the service unit is not checked: there is no systemd-analyze');

test.skipIf(!isSystemdThere)('the service unit is one that systemd understands, with nothing to say about it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'payhook-unit-'));
  const unit = join(folder, 'payhook.service');
  // Where it says that the project is, there is none here.
  writeFileSync(
    unit,
    readFileSync(join(project.path, 'payhook.service'), 'utf8').replaceAll('/srv/payhook', project.path),
  );

  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });

  expect([status, stdout, stderr]).toEqual([0, '', '']);
});

const freePort = async (): Promise<string> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return String(typeof address === 'object' ? address?.port : '');
};

describe('the container file', () => {
  test('makes an image whose server becomes healthy, as nobody, with its data in the volume', async () => {
    // npm writes it in a project of its own registry; here it has nothing to write.
    const lockfile = join(project.path, 'package-lock.json');
    if (!existsSync(lockfile)) writeFileSync(lockfile, '{}');
    using image = replayImage(project.path, join(project.path, 'node_modules'));
    const env = { ...image.options.env, PAYHOOK_PORT: await freePort(), PAYHOOK_OPERATIONS_PORT: '0' };
    const [command = '', ...args] = image.command;
    const server = spawn(command, args, { ...image.options, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const listening = new Promise<void>((resolve, reject) => {
      for (const stream of [server.stdout, server.stderr]) {
        stream.on('data', (text) => {
          output += text;
          if (output.includes('listening on')) resolve();
        });
      }
      server.once('error', reject);
      server.once('exit', () => reject(new Error(`the server did not start:\n${output}`)));
    });
    await listening;

    const [node = '', ...healthArgs] = image.healthCommand;
    const health = await new Promise((resolve) =>
      execFile(node, healthArgs, { ...image.options, env }, (error) => resolve(error?.code ?? 0)),
    );
    const data = statSync(join(image.options.env.PAYHOOK_DATA_DIR ?? '', 'payhook.db'));
    server.kill('SIGTERM');
    const [code] = await once(server, 'exit');

    expect(output).toContain(`listening on http://0.0.0.0:${env.PAYHOOK_PORT}`);
    expect([health, code]).toEqual([0, 0]);
    expect(data.uid).toBe(image.options.uid ?? process.getuid?.());
    expect(data.mode & 0o777).toBe(0o600);
  });
});

const found = installOldestNode();
if (found.outcome === 'missing') console.log(`not tried on the oldest Node: ${found.why}`);
const node = found.outcome === 'there' ? found.path : undefined;

const OWN = JSON.parse(readFileSync(join(import.meta.dirname, 'oldest-node', 'package.json'), 'utf8'));
const [VERSION] = new Set<string>(Object.values(OWN.optionalDependencies));

test('the oldest Node that the package promises is the one that is tried', () => {
  const checkout = { name: '', version: '', description: '', dependencies: {}, exports: {} };
  const { engines } = packageManifest({ ...checkout, devDependencies: { 'aws-cdk': '1.0.0' } }, new Set());

  expect(engines.node.split(' ')[0]).toBe(`^${VERSION}`);
});

describe.skipIf(node === undefined)(`on Node ${VERSION}`, () => {
  let old: ReturnType<PackedProject['on']>;

  beforeAll(() => {
    // Data of its own: the first start there makes it.
    old = project.on(node ?? '', { PAYHOOK_DATA_DIR: join(project.path, '.payhook-on-oldest-node') });
  });

  test('it says so itself', async () => {
    expect((await succeedOn(old, 'npx', 'payhook', '--version')).stdout).toContain(`Node ${VERSION}`);
  });

  test('every provider’s first event and whole lives of payments come out as planned, and the trail is whole', async () => {
    await using server = await old.serve();
    const send = (...args: readonly string[]) => succeedOn(old, 'npx', 'payhook', 'send', ...args, '--url', server.url);

    expect((await send('adyen', 'AUTHORISATION')).stdout).toMatch(/^processed {2}after 1 attempt$/m);
    expect((await send('scenario', 'three-providers', '--shuffle', '--duplicate')).stdout).toMatch(
      /came out as planned\n$/,
    );
    expect(server.output()).toMatch(/^square: \d+ [A-Z]{3} of \w+ paid /m);
    expect((await succeedOn(old, 'npx', 'payhook', 'audit', 'verify')).stdout).toContain('the audit trail is whole');
  });

  test('the test of the handler passes', async () => {
    expect((await succeedOn(old, 'npm', 'test')).stdout).toMatch(/pass 2/);
  });
});

describe('the same project, for AWS', () => {
  test('what a server does not need is asked for in one sentence when it is needed', async () => {
    for (const args of [
      ['synth', 'dev'],
      ['webhooks', 'list', '--home', 'aws', '--environment-suffix', 'dev'],
    ]) {
      const { code, stderr } = await project.run('npx', 'payhook', ...args);

      expect(stderr).toMatch(
        /^payhook: this needs packages that a server does not: npm install --save-dev .*aws-cdk-lib@\^/,
      );
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(code).toBe(2);
    }
  });

  test('its handlers are built into the functions of a stack', async () => {
    project.link(...packed.peers);

    await succeed('npx', 'payhook', 'synth', 'dev');

    expect(existsSync(join(project.path, 'cdk.out', 'stack-payhook-dev.template.json'))).toBe(true);
    const bundle = join(project.path, 'build', 'payhook', 'lambda', 'payment-processor', 'index.mjs');
    expect(readFileSync(bundle, 'utf8')).toContain('the payment is not known yet');
  });

  test('signing secrets are no business of AWS before somebody says so', async () => {
    const { code, stderr } = await project.run('npx', 'payhook', 'secrets', 'set', 'stripe');

    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('the local home takes its secrets from the environment (PAYHOOK_STRIPE_SIGNING_SECRETS'),
    ]);
  });

  test('a second init changes nothing', async () => {
    const before = readFileSync(join(project.path, 'package.json'), 'utf8');

    const { stdout } = await succeed('npx', 'payhook', 'init', '--yes');

    expect(stdout).not.toMatch(/^(wrote|changed)/m);
    expect(readFileSync(join(project.path, 'package.json'), 'utf8')).toBe(before);
  });
});
