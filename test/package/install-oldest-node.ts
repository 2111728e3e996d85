/** The oldest Node that the package promises to run on, out of a lockfile of its own. Installed once, and kept. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROJECT_ROOT } from '../support/running-server.ts';

const PLACE = join(PROJECT_ROOT, '.tools', 'oldest-node');
const NODE = join('node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');

export type OldestNode =
  | { readonly outcome: 'there'; readonly path: string }
  | { readonly outcome: 'missing'; readonly why: string };

export const installOldestNode = (): OldestNode => {
  const path = join(PLACE, NODE);
  if (existsSync(path)) return { outcome: 'there', path };
  mkdirSync(dirname(PLACE), { recursive: true });
  const stage = mkdtempSync(`${PLACE}-`);
  try {
    for (const name of readdirSync(join(import.meta.dirname, 'oldest-node'))) {
      cpSync(join(import.meta.dirname, 'oldest-node', name), join(stage, name));
    }
    const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'], {
      cwd: stage,
      encoding: 'utf8',
    });
    if (npm.status !== 0) return { outcome: 'missing', why: npm.stderr.trim().split('\n')[0] ?? 'npm ci failed' };
    if (!existsSync(join(stage, NODE))) {
      return { outcome: 'missing', why: `none comes for ${process.platform} ${process.arch}` };
    }
    rmSync(PLACE, { recursive: true, force: true });
    renameSync(stage, PLACE);
    return { outcome: 'there', path };
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
};
