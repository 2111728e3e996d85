/**
 * Does what a container file says, without a builder: each stage is a folder, each path in it is below that folder, and the
 * command runs as nobody where the tests are root. Only instructions that our files have; another one is an error.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, matchesGlob } from 'node:path';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

export interface ReplayedImage extends Disposable {
  readonly directory: string;
  readonly command: readonly string[];
  readonly healthCommand: readonly string[];
  readonly options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly uid?: number;
    readonly gid?: number;
  };
}

interface Stage {
  readonly root: string;
  workDirectory: string;
  user: string;
  readonly env: Record<string, string>;
  readonly commands: Record<string, readonly string[]>;
}

/** `installed`: the packages that `npm ci` would bring into the folder that is built. */
export const replayImage = (context: string, installed: string): ReplayedImage => {
  const directory = mkdtempSync(join(tmpdir(), 'payhook-image-'));
  chmodSync(directory, 0o755);
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const [instruction, text] of instructionsOf(join(context, 'Dockerfile'))) {
    if (instruction === 'FROM') {
      const name = / AS (\S+)$/.exec(text)?.[1] ?? `stage-${stages.size}`;
      stage = { root: join(directory, name), workDirectory: '/', user: 'root', env: {}, commands: {} };
      stages.set(name, stage);
      bringNode(stage);
    } else if (stage !== undefined) follow({ context, installed, stages, stage }, instruction, text);
  }
  if (stage === undefined) throw new Error('the file has no stage');
  return imageOf(directory, stage);
};

const instructionsOf = (path: string): readonly (readonly [string, string])[] =>
  readFileSync(path, 'utf8')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, instruction = '', text = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
      return [instruction, text];
    });

/** The base image has it. */
const bringNode = ({ root }: Stage): void => {
  const bin = join(root, 'usr', 'local', 'bin');
  mkdirSync(bin, { recursive: true });
  cpSync(process.execPath, join(bin, 'node'));
};

interface Replay {
  readonly context: string;
  readonly installed: string;
  readonly stages: ReadonlyMap<string, Stage>;
  readonly stage: Stage;
}

const follow = ({ context, installed, stages, stage }: Replay, instruction: string, text: string): void => {
  const here = join(stage.root, stage.workDirectory);
  switch (instruction) {
    case 'WORKDIR':
      stage.workDirectory = text;
      mkdirSync(join(stage.root, text), { recursive: true });
      return;
    case 'ENV':
      for (const [, name = '', value = ''] of text.matchAll(/(\w+)=(\S+)/g)) stage.env[name] = value;
      return;
    case 'COPY':
      copy(text, { context, stages, here });
      return;
    case 'RUN':
      if (text.startsWith('npm ci '))
        cpSync(installed, join(here, 'node_modules'), { recursive: true, verbatimSymlinks: true });
      else runBelow(stage, text);
      return;
    case 'USER':
      stage.user = text;
      return;
    case 'CMD':
      stage.commands.run = JSON.parse(text);
      return;
    case 'HEALTHCHECK':
      stage.commands.health = JSON.parse(text.slice(text.indexOf('[')));
      return;
    case 'VOLUME':
    case 'EXPOSE':
      return;
    default:
      throw new Error(`nobody knows how to replay ${instruction}`);
  }
};

const copy = (text: string, given: Pick<Replay, 'context' | 'stages'> & { readonly here: string }): void => {
  const paths = text.split(' ').filter((word) => !word.startsWith('--'));
  const to = join(given.here, paths.pop() ?? '');
  const from = /--from=(\S+)/.exec(text)?.[1];
  for (const path of paths) {
    if (from !== undefined) {
      cpSync(join(given.stages.get(from)?.root ?? '', path), to, { recursive: true, verbatimSymlinks: true });
      continue;
    }
    const found = globSync(path, { cwd: given.context }).filter((name) => isLetIn(given.context, name));
    if (found.length === 0) throw new Error(`COPY ${path}: there is none, or .dockerignore keeps it out`);
    for (const name of found) cpSync(join(given.context, name), join(to, name));
  }
};

/** Of the patterns that have to do with a name, the last one says. */
const isLetIn = (context: string, name: string): boolean => {
  const patterns = readFileSync(join(context, '.dockerignore'), 'utf8').split('\n');
  const last = patterns.findLast((pattern) => matchesGlob(name, pattern.replace(/^!/, '')));
  return last === undefined || last.startsWith('!');
};

/** The user `node` of the base image is whoever runs it here. */
const runBelow = ({ root }: Stage, text: string): void => {
  const owner = isRoot ? `${NOBODY}:${NOBODY}` : `${process.getuid?.()}:${process.getgid?.()}`;
  const script = text.replaceAll('node:node', owner).replaceAll(/(?<=\s)\//g, `${root}/`);
  execFileSync('sh', ['-ec', script], { cwd: root });
};

const imageOf = (directory: string, { root, workDirectory, user, env, commands }: Stage): ReplayedImage => {
  const bin = join(root, 'usr', 'local', 'bin');
  const { run = [], health = [] } = commands;
  const below = (value: string): string => (value.startsWith('/') ? join(root, value) : value);
  return {
    directory,
    command: run,
    healthCommand: health,
    options: {
      cwd: join(root, workDirectory),
      env: {
        PATH: `${bin}${delimiter}/usr/bin${delimiter}/bin`,
        HOME: dirname(root),
        ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, below(value)])),
      },
      ...(isRoot && user !== 'root' ? { uid: NOBODY, gid: NOBODY } : {}),
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
};
