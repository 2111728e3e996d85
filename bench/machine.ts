/** What the numbers were measured on: without it nobody can compare them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

export interface Machine {
  readonly date: string;
  readonly commit: string;
  readonly node: string;
  readonly cores: number;
  readonly cpuModel: string;
  readonly memoryMib: number;
  readonly kernel: string;
  /** Of the directory that the databases are made in: an fsync on `tmpfs` costs nothing and says nothing. */
  readonly fileSystem: string;
  /** Processes that wanted the CPU before the run began, averaged over a minute: above 0.5 the numbers are too low. */
  readonly loadBefore: number;
}

/** The type of the mount that holds the path; the longest mount point wins. */
const fileSystemOf = (path: string): string => {
  let best = { point: '', type: 'unknown' };
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [, point = '', type = ''] = line.split(' ');
    const isInside = path === point || path.startsWith(point.endsWith('/') ? point : `${point}/`);
    if (isInside && point.length >= best.point.length) best = { point, type };
  }
  return best.type;
};

const commitOf = (directory: string): string => {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', 'src') === '' ? '' : ' with changes'}`;
  } catch {
    return 'unknown (no git checkout)';
  }
};

export const describeMachine = (projectDirectory: string, dataDirectory: string): Machine => ({
  date: new Date().toISOString(),
  commit: commitOf(projectDirectory),
  node: process.version,
  cores: cpus().length,
  cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
  memoryMib: Math.round(totalmem() / 1024 / 1024),
  kernel: release(),
  fileSystem: fileSystemOf(dataDirectory),
  loadBefore: Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]),
});
