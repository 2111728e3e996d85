/**
 * A checkout of two packages and a command, which installs in a second and without a network: the real bootstrap and the real
 * npm, so that what destroys an installation can be tried on it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ran } from '../support/running-server.ts';
import { PROJECT_ROOT } from '../support/running-server.ts';

/** What bootstrap takes for the project's Node on this machine. */
export const RUNTIME = `node-${process.platform}-${process.arch}`;

/** `serve` stays until it is ended; everything else says which version of the dependency it has found. */
const MAIN = `
const { version } = require('dependency/package.json');
console.log('dependency', version, process.argv.slice(2).join(' '));
if (process.argv[2] === 'serve') setInterval(() => {}, 1000);
`;

/** Waits, as a slow installation does, until the test lets it go on. */
const INSTALL_SCRIPT = `
const port = Number(process.env.GATE_PORT);
if (port > 0) require('node:net').connect(port, '127.0.0.1').resume().on('close', () => {});
`;

export interface SmallCheckout extends Disposable {
  readonly root: string;
  /** Writes a lockfile that asks for this version of the dependency. */
  lock(version: string, change?: (lockfile: Lockfile) => void): void;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  start(args: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess;
  /** Every path below `node_modules`, and what there is of installations. */
  contents(): string[];
}

interface Lockfile {
  packages: Record<string, { version?: string; resolved?: string; integrity?: string }>;
}

const pack = (folder: string, name: string, version: string, files: Readonly<Record<string, string>>): string => {
  const staging = join(folder, `${name}-${version}`, 'package');
  mkdirSync(join(staging, 'bin'), { recursive: true });
  const manifest = { name, version, ...(name === 'dependency' ? { scripts: { install: 'node install.cjs' } } : {}) };
  writeFileSync(join(staging, 'package.json'), JSON.stringify(manifest));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(staging, path), text, { mode: 0o755 });
  const tarball = join(folder, `${name}-${version}.tgz`);
  execFileSync('tar', ['-czf', tarball, '-C', join(staging, '..'), 'package']);
  return tarball;
};

const entryOf = (version: string, tarball: string) => ({
  version,
  resolved: `file:${tarball}`,
  integrity: `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`,
});

export const createSmallCheckout = (): SmallCheckout => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'payhook-checkout-')));
  const root = join(folder, 'checkout');
  mkdirSync(join(root, 'src', 'cli'), { recursive: true });
  for (const name of ['bootstrap.cjs', 'bootstrap', 'bin']) {
    cpSync(join(PROJECT_ROOT, name), join(root, name), { recursive: true });
  }
  writeFileSync(join(root, 'src', 'cli', 'main.ts'), MAIN);
  writeFileSync(join(root, '.npmrc'), `cache=${join(folder, 'cache')}\nupdate-notifier=false\nfetch-retries=0\n`);
  const runtime = pack(folder, RUNTIME, '24.0.0', { 'bin/node': `#!/bin/sh\nexec '${process.execPath}' "$@"\n` });
  const lock: SmallCheckout['lock'] = (version, change = () => {}) => {
    const tarball = pack(folder, 'dependency', version, { 'install.cjs': INSTALL_SCRIPT });
    const dependencies = { dependency: version };
    const optionalDependencies = { [RUNTIME]: '24.0.0' };
    const project = { name: 'small', version: '1.0.0', dependencies, optionalDependencies };
    const lockfile = {
      name: 'small',
      version: '1.0.0',
      lockfileVersion: 3,
      requires: true,
      packages: {
        '': project,
        'node_modules/dependency': { ...entryOf(version, tarball), hasInstallScript: true },
        [`node_modules/${RUNTIME}`]: { ...entryOf('24.0.0', runtime), optional: true },
      },
    };
    change(lockfile);
    writeFileSync(join(root, 'package.json'), JSON.stringify({ ...project, allowScripts: { dependency: true } }));
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify(lockfile, null, 2));
  };
  lock('1.0.0');
  const start: SmallCheckout['start'] = (args, env = {}) => {
    const [program = '', ...rest] = args;
    return spawn(process.execPath, [join(root, program), ...rest], {
      cwd: folder,
      // A person's terminal, and not the script of npm that runs the tests.
      env: {
        ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|CI$)/i.test(name))),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  };
  return {
    root,
    lock,
    start,
    run: async (args, env) => {
      const child = start(args, env);
      let [stdout, stderr] = ['', ''];
      child.stdout?.on('data', (text) => (stdout += text));
      child.stderr?.on('data', (text) => (stderr += text));
      const [code] = await once(child, 'close');
      return { code, stdout, stderr };
    },
    contents: () => readdirSync(root, { recursive: true, encoding: 'utf8' }).sort(),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
};

export interface Gate extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  /** Resolves when an installation has come this far. */
  readonly reached: Promise<void>;
  open(): void;
}

/** Holds an installation in its middle. */
export const createGate = async (): Promise<Gate> => {
  const sockets: Socket[] = [];
  const reached = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    reached.resolve();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const open = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    env: { GATE_PORT: String(port) },
    reached: reached.promise,
    open,
    [Symbol.asyncDispose]: async () => {
      open();
      server.close();
    },
  };
};
