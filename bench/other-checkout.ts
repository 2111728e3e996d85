/** The sources of another commit, ready to run beside these. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from './payhook-server.ts';

const LOCKFILE = 'package-lock.json';

/** Unpacks the commit into the directory, and returns its full name. What it depends on is installed when it differs. */
export const checkOut = (commit: string, directory: string): string => {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: PROJECT, encoding: 'utf8' }).trim();
  const name = git('rev-parse', '--verify', `${commit}^{commit}`);
  mkdirSync(directory, { recursive: true });
  const archive = `${directory}.tar`;
  git('archive', '--format=tar', '-o', archive, name);
  execFileSync('tar', ['-xf', archive, '-C', directory]);
  rmSync(archive);
  const lockOf = (root: string): string => readFileSync(join(root, LOCKFILE), 'utf8');
  if (lockOf(directory) === lockOf(PROJECT))
    symlinkSync(join(PROJECT, 'node_modules'), join(directory, 'node_modules'));
  else execFileSync(process.execPath, ['bootstrap.cjs'], { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
  return name;
};
