/** A team's own folder with the packed package in it, installed without a network. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type BuiltPackage, buildPackage } from '../../packaging/build-package.ts';
import { CONSOLE_LINK } from '../support/console-session.ts';

/** Peers with which a project checks its own files, and what these cannot do without. */
export const CHECKERS = ['typescript', '@types/node', 'undici-types'];
export const MODULES = join(import.meta.dirname, '..', '..', 'node_modules');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Given {
  readonly variables?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export interface PackedPackage extends Disposable {
  readonly tarball: string;
  readonly built: BuiltPackage;
  /** Packages that it cannot do without, at any depth. */
  readonly dependencies: readonly string[];
  /** Those that only AWS needs. */
  readonly peers: readonly string[];
}

export interface PackedProject extends Disposable {
  readonly path: string;
  /** Packages of the checkout that are too large to be copied. */
  link(...packages: readonly string[]): void;
  /** The same folder for somebody with another Node, and with further variables. */
  on(node: string, variables: Readonly<Record<string, string>>): Omit<PackedProject, 'on' | typeof Symbol.dispose>;
  /** Runs a command as its user would, whatever it ends with. */
  run(command: string, ...args: readonly string[]): Promise<Ran>;
  /** The same with further variables, and something on standard input. */
  runWith(given: Given, command: string, ...args: readonly string[]): Promise<Ran>;
  /** The server, as soon as it listens. Stopped as Ctrl-C does it. */
  serve(): Promise<ServedProject>;
  /** The same of the console. */
  openConsole(): Promise<OpenedConsole>;
}

export interface ServedProject extends AsyncDisposable {
  readonly url: string;
  /** All that it has printed. */
  output(): string;
}

export interface OpenedConsole extends AsyncDisposable {
  readonly link: string;
  /** Of Node itself, which npx and the launcher have started. */
  readonly pid: number;
}

/** Its Node comes first, as for `#!/usr/bin/env node` of somebody who has it installed. */
const environment = (variables: Readonly<Record<string, string>>, node = process.execPath): NodeJS.ProcessEnv => {
  // What the tests run with is not what a user has.
  const { NODE_OPTIONS: _, NODE_COMPILE_CACHE: __, ...env } = process.env;
  return { ...env, PATH: `${dirname(node)}${delimiter}${env.PATH}`, ...variables };
};

export const packPackage = async (): Promise<PackedPackage> => {
  const folder = mkdtempSync(join(tmpdir(), 'payhook-package-'));
  const built = await buildPackage(join(folder, 'dist'));
  const packed = spawnSync('npm', ['pack', './dist', '--json'], {
    cwd: folder,
    encoding: 'utf8',
    env: environment({}),
  });
  if (packed.status !== 0) throw new Error(`npm pack failed: ${packed.stderr}`);
  const manifest = JSON.parse(readFileSync(join(folder, 'dist', 'package.json'), 'utf8'));
  const { dependencies, peerDependencies, version } = manifest;
  return {
    tarball: join(folder, `payhook-${version}.tgz`),
    built,
    dependencies: closureOf(Object.keys(dependencies)),
    peers: Object.keys(peerDependencies).filter((name) => !CHECKERS.includes(name)),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** Those of the checkout are flat, but for what npm put below one of them, which is copied with it. */
const closureOf = (names: readonly string[]): readonly string[] => {
  const found = new Set(names);
  for (const name of found) {
    const manifest = JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8'));
    for (const one of Object.keys(manifest.dependencies ?? {})) {
      if (!existsSync(join(MODULES, name, 'node_modules', one))) found.add(one);
    }
  }
  return [...found];
};

const runIn = (
  cwd: string,
  env: NodeJS.ProcessEnv,
  { variables, input = '' }: Given,
  command: string,
  args: readonly string[],
): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(command, args, { cwd, env: { ...env, ...variables } }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.end(input);
  });

/** An empty folder that has the named packages of the checkout already, where npm finds them instead of asking for them. */
export const emptyProject = (
  packages: readonly string[],
  variables: Readonly<Record<string, string>>,
): PackedProject => {
  const path = mkdtempSync(join(tmpdir(), 'payhook-project-'));
  mkdirSync(join(path, 'node_modules'));
  for (const name of packages) {
    cpSync(join(MODULES, name), join(path, 'node_modules', name), { recursive: true, verbatimSymlinks: true });
  }
  return {
    ...projectIn(path, environment(variables)),
    on: (node, further) => projectIn(path, environment({ ...variables, ...further }, node)),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
};

const projectIn = (path: string, env: NodeJS.ProcessEnv): Omit<PackedProject, 'on' | typeof Symbol.dispose> => ({
  path,
  link: (...names) => {
    for (const name of names) {
      const to = join(path, 'node_modules', name);
      mkdirSync(dirname(to), { recursive: true });
      symlinkSync(join(MODULES, name), to);
    }
  },
  run: (command, ...args) => runIn(path, env, {}, command, args),
  runWith: (given, command, ...args) => runIn(path, env, given, command, args),
  async serve() {
    const { found, ...server } = await startIn(path, env, 'serve', /(?<=listening on )http:\S+/);
    return { ...server, url: found };
  },
  async openConsole() {
    const { found, pid, ...rest } = await startIn(path, env, 'console', CONSOLE_LINK);
    return { ...rest, link: found, pid: lastChildOf(pid) };
  },
});

/** What runs until it is stopped; `found` is what the pattern matched of what it says when it is ready. */
const startIn = async (cwd: string, env: NodeJS.ProcessEnv, command: string, ready: RegExp) => {
  const child = spawn('npx', ['payhook', command], { cwd, env, detached: true });
  let output = '';
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const found = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        const match = ready.exec(output);
        if (match !== null) resolve(match[0]);
      });
    }
    child.once('exit', () => reject(new Error(`payhook ${command} did not start:\n${output}`)));
  });
  return {
    found,
    pid: child.pid ?? 0,
    output: () => output,
    async [Symbol.asyncDispose]() {
      process.kill(-(child.pid ?? 0), 'SIGINT');
      await ended;
    },
  };
};

const parentOf = (pid: string): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold spaces; the parent is the second field after it.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0; // It has ended meanwhile.
  }
};

const lastChildOf = (pid: number): number => {
  const child = readdirSync('/proc').find((one) => /^\d+$/.test(one) && parentOf(one) === pid);
  return child === undefined ? pid : lastChildOf(Number(child));
};
