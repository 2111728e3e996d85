/** A repository of its own with the files of this checkout, in which a release can be cut for a trial. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PROJECT_ROOT } from '../support/running-server.ts';

export interface ReleaseCheckout extends Disposable {
  readonly root: string;
  read(path: string): string;
  write(path: string, text: string): void;
  git(...args: readonly string[]): string;
  /** All that is there, as a commit. */
  commit(): void;
  /** As it was made, whatever a test did to it. */
  reset(): void;
  /** `npm run release`, with what it says to a person. */
  release(...args: readonly string[]): { readonly code: number | null; readonly sentences: readonly string[] };
}

const CHANGELOG = '# Changelog\n\n## Unreleased\n\n### Added\n\n- A command.\n\n### Changed\n\n- A word.\n';
/** In place of what takes half an hour. */
const CHECKS = '#!/bin/sh\necho checks ran\n';

export const createReleaseCheckout = (nextVersion: string): ReleaseCheckout => {
  const root = mkdtempSync(join(tmpdir(), 'payhook-release-'));
  const git: ReleaseCheckout['git'] = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const write: ReleaseCheckout['write'] = (path, text) => writeFileSync(join(root, path), text);
  const commit = (): void => {
    git('add', '--all');
    git('commit', '--quiet', '--message', 'For a trial');
  };
  copyFiles(root);
  git('init', '--quiet', '--initial-branch', 'main');
  for (const name of ['user.name', 'user.email']) git('config', name, 'trial@example.com');
  // The packages are the checkout's own, by a link, which `node_modules/` does not mean.
  symlinkSync(join(PROJECT_ROOT, 'node_modules'), join(root, 'node_modules'));
  write('.git/info/exclude', 'node_modules\n');
  write('CHANGELOG.md', CHANGELOG);
  write('docs/upgrade.md', `# Upgrading\n\n## To ${nextVersion}\n`);
  write('.ci/run', CHECKS);
  commit();
  const start = git('rev-parse', 'HEAD');
  return {
    root,
    git,
    write,
    commit,
    read: (path) => readFileSync(join(root, path), 'utf8'),
    reset: () => {
      git('switch', '--quiet', '--force', 'main');
      git('reset', '--quiet', '--hard', start);
      git('clean', '--quiet', '-d', '--force');
      for (const tag of git('tag').split('\n').filter(Boolean)) git('tag', '--delete', tag);
      for (const remote of git('remote').split('\n').filter(Boolean)) git('remote', 'remove', remote);
    },
    release: (...args) => {
      const { status, stderr } = spawnSync('npm', ['run', '--silent', 'release', '--', ...args], {
        cwd: root,
        encoding: 'utf8',
      });
      return { code: status, sentences: stderr.split('\n').filter((line) => line !== '') };
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
};

/** What a commit of everything would hold. */
const copyFiles = (root: string): void => {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'],
    {
      cwd: PROJECT_ROOT,
      encoding: 'utf8',
    },
  );
  for (const path of listed.split('\0').filter((one) => one !== '' && !one.startsWith('node_modules'))) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    copyFileSync(join(PROJECT_ROOT, path), join(root, path));
  }
};
