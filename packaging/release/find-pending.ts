/** What stands in the way of a release: everything at once, each in a sentence that says what to do. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Changelog, readChangelog } from './changelog.ts';
import { nextVersion } from './next-version.ts';
import { CommandFailed, outputOf, succeeds } from './run-command.ts';

const BRANCH = 'main';
/** After these a user may have something to do. */
const KINDS_WITH_NOTES = ['Changed', 'Deprecated', 'Removed'];

export interface Pending {
  /** Null when it is not known which it would be. */
  readonly version: string | null;
  /** Empty when it can be cut. */
  readonly sentences: readonly string[];
}

/** `wanted`: the version that was asked for. Changes nothing, but for what git knows of the remote. */
export const findPending = (root: string, wanted: string | undefined): Pending => {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const changelog = readChangelog(read('CHANGELOG.md'));
  const manifest: { version: string } = JSON.parse(read('package.json'));
  const next = nextVersion(manifest.version, changelog?.kinds ?? [], wanted);
  const version = next.outcome === 'known' ? next.version : null;
  const sentences = [
    next.outcome === 'refused' ? next.sentence : undefined,
    problemOfBranch(root),
    problemOfTree(root),
    problemOfRemote(root),
    problemOfLockfile(manifest.version, JSON.parse(read('package-lock.json'))),
    ...problemsOfChangelog(changelog),
    ...(version === null || changelog === undefined
      ? []
      : [problemOfTag(root, version), problemOfNotes(changelog, version, read('docs/upgrade.md'))]),
    ...(changelog?.released ?? []).map((release) => problemOfFixtures(root, release)),
  ];
  return { version, sentences: sentences.filter((sentence) => sentence !== undefined) };
};

const problemOfBranch = (root: string): string | undefined => {
  const branch = outputOf(root, 'git', 'branch', '--show-current');
  if (branch === BRANCH) return undefined;
  return `this is ${branch === '' ? 'no branch' : `branch ${branch}`}, and releases are cut on ${BRANCH}: git switch ${BRANCH}`;
};

export const problemOfTree = (root: string): string | undefined => {
  const lines = outputOf(root, 'git', 'status', '--porcelain').split('\n');
  const [first = ''] = lines;
  if (first === '') return undefined;
  return `not everything is committed (${lines.length} paths, ${first.slice(3)} first): commit it, or put it aside with git stash -u`;
};

const problemOfRemote = (root: string): string | undefined => {
  const upstream = `${BRANCH}@{upstream}`;
  if (!succeedsQuietly(root, 'rev-parse', '--verify', upstream)) return undefined;
  if (!succeeds(root, 'git', 'fetch', '--quiet', '--tags')) {
    return 'git fetch failed (see above), so that nobody knows whether this is all: mend it, then run this again';
  }
  const missing = outputOf(root, 'git', 'rev-list', '--count', `HEAD..${upstream}`);
  return missing === '0' ? undefined : `${missing} commits of the remote are not here: git pull --ff-only`;
};

const problemOfTag = (root: string, version: string): string | undefined =>
  succeedsQuietly(root, 'rev-parse', '--verify', `refs/tags/v${version}`)
    ? `v${version} is cut already: say another version`
    : undefined;

const problemOfLockfile = (
  version: string,
  lockfile: { readonly version: string; readonly packages: Readonly<Record<string, { readonly version?: string }>> },
): string | undefined => {
  const other = [lockfile.version, lockfile.packages['']?.version].find((one) => one !== version);
  if (other === undefined) return undefined;
  return `package.json has version ${version} and package-lock.json ${other}: npm install --package-lock-only`;
};

const problemsOfChangelog = (changelog: Changelog | undefined): string[] => {
  if (changelog === undefined)
    return ['CHANGELOG.md does not begin with "## Unreleased": add it above the last release'];
  if (changelog.kinds.length === 0) {
    return ['CHANGELOG.md says nothing under "## Unreleased": write down what users will see'];
  }
  return changelog.unknownKinds.map(
    (kind) =>
      `CHANGELOG.md has "### ${kind}" under "## Unreleased", which is no kind of change: do it, or move it away`,
  );
};

const problemOfNotes = ({ kinds }: Changelog, version: string, notes: string): string | undefined => {
  const needed = kinds.find((kind) => KINDS_WITH_NOTES.includes(kind));
  if (needed === undefined || notes.split('\n').includes(`## To ${version}`)) return undefined;
  return `docs/upgrade.md has no "## To ${version}", and CHANGELOG.md has "${needed}": say what users have to do`;
};

/** Without them no test upgrades what that release left behind, however the migrations go on. */
const problemOfFixtures = (root: string, release: string): string | undefined => {
  const folder = `test/upgrade/fixtures/${release}`;
  if (existsSync(join(root, folder, 'fixture.json'))) return undefined;
  return `no test upgrades data of ${release}: npm run release:fixtures makes ${folder} in its checkout, see test/upgrade/README.md`;
};

const succeedsQuietly = (root: string, ...args: readonly string[]): boolean => {
  try {
    outputOf(root, 'git', ...args);
    return true;
  } catch (error) {
    if (error instanceof CommandFailed) return false;
    throw error;
  }
};
