/**
 * `npm run release [-- <version>] [--dry-run]`: cuts a release out of CHANGELOG.md, as one commit and one tag, once nothing is
 * pending and everything that CI runs is green. Pushing the tag is what publishes it, and stays with a person.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cutChangelog, readChangelog } from './changelog.ts';
import { findPending, problemOfTree } from './find-pending.ts';
import { CommandFailed, outputOf, succeeds } from './run-command.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CHANGELOG = join(ROOT, 'CHANGELOG.md');
const CHECKS = '.ci/run';
const USAGE = 'npm run release [-- <version>] [-- --dry-run]';

const say = (message: string): void => {
  process.stderr.write(`payhook: ${message}\n`);
};

const git = (...args: readonly string[]): string => outputOf(ROOT, 'git', ...args);

const readArguments = (): { readonly wanted: string | undefined; readonly isDry: boolean } | undefined => {
  try {
    const options = { 'dry-run': { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    return positionals.length > 1 ? undefined : { wanted: positionals[0], isDry: values['dry-run'] };
  } catch {
    // An option that there is not: the usage says which there are.
    return undefined;
  }
};

/** What was the same before and after checks that take half an hour. */
const checkedState = (): string => `${git('rev-parse', 'HEAD')} ${problemOfTree(ROOT) ?? ''}`;

/** The commit and its tag, or nothing of it. */
const cut = (version: string): void => {
  const before = git('rev-parse', 'HEAD');
  try {
    outputOf(ROOT, 'npm', 'version', version, '--no-git-tag-version', '--ignore-scripts');
    const date = new Date().toISOString().slice(0, 10);
    const changelog = readFileSync(CHANGELOG, 'utf8');
    writeFileSync(CHANGELOG, cutChangelog(changelog, version, date));
    // The version stands in generated pages too.
    outputOf(ROOT, process.execPath, join(ROOT, 'docs', 'generator', 'write-pages.ts'));
    git('commit', '--quiet', '--all', '--message', `Release ${version}`);
    const message = `Payhook ${version}\n\n${readChangelog(changelog)?.unreleased ?? ''}`;
    git('tag', '--annotate', '--cleanup=verbatim', '--message', message, `v${version}`);
  } catch (error) {
    git('reset', '--quiet', '--hard', before);
    throw error;
  }
};

/** 0 cut, or could be cut; 1 something is pending; 2 wrong usage. */
const release = (): number => {
  const given = readArguments();
  if (given === undefined) {
    say(`there is no such argument: ${USAGE}`);
    return 2;
  }
  const { version, sentences } = findPending(ROOT, given.wanted);
  for (const sentence of sentences) say(sentence);
  if (version === null || sentences.length > 0) return 1;
  if (given.isDry) {
    say(`${version} could be cut: ${CHECKS} would run, and then there would be one commit and the tag v${version}`);
    return 0;
  }
  const before = checkedState();
  say(`running ${CHECKS} before ${version} is cut`);
  if (!succeeds(ROOT, CHECKS)) {
    say(`${CHECKS} failed (see above), nothing was changed: mend it, commit, then run this again`);
    return 1;
  }
  if (checkedState() !== before) {
    say(`the checkout changed while ${CHECKS} ran, nothing was released: see git status, then run this again`);
    return 1;
  }
  cut(version);
  say(`${version} is cut: npm run release:fixtures comes next, and git push --follow-tags origin main publishes it`);
  return 0;
};

try {
  process.exitCode = release();
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  say(error.message);
  process.exitCode = 1;
}
