/** `npm run release`, tried in a repository of its own: what it cuts, and all that it refuses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cutChangelog, readChangelog } from '../../packaging/release/changelog.ts';
import { nextVersion } from '../../packaging/release/next-version.ts';
import { PROJECT_ROOT } from '../support/running-server.ts';
import { createReleaseCheckout, type ReleaseCheckout } from './release-checkout.ts';

const { version: CURRENT } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'));
const next = nextVersion(CURRENT, ['Added'], undefined);
const NEXT = next.outcome === 'known' ? next.version : '';
const TODAY = new Date().toISOString().slice(0, 10);

let checkout: ReleaseCheckout;
beforeAll(() => {
  checkout = createReleaseCheckout(NEXT);
});
afterEach(() => checkout.reset());
afterAll(() => checkout[Symbol.dispose]());

describe('a release', () => {
  test('is one commit and one tag, once the checks of CI are green', () => {
    const before = checkout.git('rev-parse', 'HEAD');

    const { code, sentences } = checkout.release();

    expect([code, sentences]).toEqual([
      0,
      [
        `payhook: running .ci/run before ${NEXT} is cut`,
        'checks ran',
        `payhook: ${NEXT} is cut: npm run release:fixtures comes next, and git push --follow-tags origin main publishes it`,
      ],
    ]);
    expect(checkout.git('rev-parse', 'HEAD^')).toBe(before);
    expect(checkout.git('log', '-1', '--format=%s')).toBe(`Release ${NEXT}`);
    expect(checkout.git('rev-parse', `v${NEXT}^{commit}`)).toBe(checkout.git('rev-parse', 'HEAD'));
    expect(checkout.git('tag', '--list', '--format=%(contents)')).toContain('### Added\n\n- A command.');
    expect(checkout.git('status', '--porcelain')).toBe('');
    expect(checkout.read('CHANGELOG.md')).toContain(`## Unreleased\n\n## ${NEXT} (${TODAY})\n\n### Added\n`);
    for (const path of ['package.json', 'package-lock.json']) {
      expect(JSON.parse(checkout.read(path)).version).toBe(NEXT);
    }
    expect(JSON.parse(checkout.read('docs/reference/openapi.json')).info.version).toBe(NEXT);
  });

  test('asks for the fixtures of the last one before the next', () => {
    checkout.release();
    checkout.write(
      'CHANGELOG.md',
      `# Changelog\n\n## Unreleased\n\n### Fixed\n\n- A word.\n\n## ${NEXT} (2026-01-01)\n`,
    );
    checkout.commit();

    expect(checkout.release('--dry-run')).toEqual({
      code: 1,
      sentences: [
        `payhook: no test upgrades data of ${NEXT}: npm run release:fixtures makes test/upgrade/fixtures/${NEXT} in its checkout, see test/upgrade/README.md`,
      ],
    });
  });

  test('is only told about with --dry-run', () => {
    const before = checkout.git('rev-parse', 'HEAD');

    expect(checkout.release('--dry-run')).toEqual({
      code: 0,
      sentences: [
        `payhook: ${NEXT} could be cut: .ci/run would run, and then there would be one commit and the tag v${NEXT}`,
      ],
    });
    expect([checkout.git('rev-parse', 'HEAD'), checkout.git('status', '--porcelain')]).toEqual([before, '']);
  });

  test.each<[string, () => void, string]>([
    [
      'files are not committed',
      () => checkout.write('README.md', 'half a thought'),
      'not everything is committed (1 paths, README.md first): commit it, or put it aside with git stash -u',
    ],
    [
      'it is another branch',
      () => checkout.git('switch', '--quiet', '--create', 'wish'),
      'this is branch wish, and releases are cut on main: git switch main',
    ],
    [
      'it is no branch',
      () => checkout.git('switch', '--quiet', '--detach'),
      'this is no branch, and releases are cut on main: git switch main',
    ],
    ['the version is tagged', () => checkout.git('tag', `v${NEXT}`), `v${NEXT} is cut already: say another version`],
    [
      'the changelog is silent',
      () => checkout.write('CHANGELOG.md', '# Changelog\n\n## Unreleased\n\n### Added\n'),
      'CHANGELOG.md says nothing under "## Unreleased": write down what users will see',
    ],
    [
      'the changelog has no place for it',
      () => checkout.write('CHANGELOG.md', '# Changelog\n'),
      'CHANGELOG.md does not begin with "## Unreleased": add it above the last release',
    ],
    [
      'the changelog says what is not done',
      () => checkout.write('CHANGELOG.md', '# Changelog\n\n## Unreleased\n\n### Added\n\n- A.\n\n### Next\n\n- B.\n'),
      'CHANGELOG.md has "### Next" under "## Unreleased", which is no kind of change: do it, or move it away',
    ],
    [
      'nobody says what users have to do',
      () => checkout.write('docs/upgrade.md', '# Upgrading\n'),
      `docs/upgrade.md has no "## To ${NEXT}", and CHANGELOG.md has "Changed": say what users have to do`,
    ],
    [
      'the lockfile is of another version',
      () => checkout.write('package-lock.json', checkout.read('package-lock.json').replace(CURRENT, '9.9.9')),
      `package.json has version ${CURRENT} and package-lock.json 9.9.9: npm install --package-lock-only`,
    ],
    [
      'the remote knows more',
      () => {
        checkout.git('remote', 'add', 'origin', checkout.root);
        checkout.git('commit', '--quiet', '--allow-empty', '--message', 'Of somebody else');
        checkout.git('branch', 'elsewhere');
        checkout.git('reset', '--quiet', '--hard', 'HEAD^');
        checkout.git('fetch', '--quiet', 'origin');
        checkout.git('branch', '--quiet', '--set-upstream-to', 'origin/elsewhere', 'main');
      },
      '1 commits of the remote are not here: git pull --ff-only',
    ],
  ])('is refused while %s', (_, change, sentence) => {
    change();
    const isChanged = checkout.git('status', '--porcelain') !== '';
    if (isChanged && !sentence.startsWith('not everything')) checkout.commit();
    const before = checkout.git('rev-parse', 'HEAD');

    expect(checkout.release()).toEqual({ code: 1, sentences: expect.arrayContaining([`payhook: ${sentence}`]) });
    expect([checkout.git('rev-parse', 'HEAD'), checkout.git('log', '-1', '--format=%s')]).toEqual([
      before,
      expect.not.stringContaining('Release'),
    ]);
  });

  test('is refused when a check fails, and nothing is changed', () => {
    checkout.write('.ci/run', '#!/bin/sh\necho one test failed; exit 1\n');
    checkout.commit();

    expect(checkout.release()).toEqual({
      code: 1,
      sentences: [
        `payhook: running .ci/run before ${NEXT} is cut`,
        'one test failed',
        'payhook: .ci/run failed (see above), nothing was changed: mend it, commit, then run this again',
      ],
    });
    expect([checkout.git('status', '--porcelain'), checkout.git('tag')]).toEqual(['', '']);
  });

  test('is refused when files changed while the checks ran', () => {
    checkout.write('.ci/run', '#!/bin/sh\necho more >> README.md\n');
    checkout.commit();

    expect(checkout.release().sentences.at(-1)).toBe(
      'payhook: the checkout changed while .ci/run ran, nothing was released: see git status, then run this again',
    );
    expect(checkout.git('tag')).toBe('');
  });

  test('leaves nothing behind when git refuses the tag', () => {
    const before = checkout.git('rev-parse', 'HEAD');
    checkout.git('config', 'tag.gpgSign', 'true');
    checkout.git('config', 'gpg.program', 'false');

    const { code, sentences } = checkout.release();

    checkout.git('config', '--unset', 'tag.gpgSign');
    expect([code, sentences.at(-1)]).toEqual([1, expect.stringMatching(/^payhook: git tag failed: /)]);
    expect([checkout.git('rev-parse', 'HEAD'), checkout.git('status', '--porcelain')]).toEqual([before, '']);
  });

  test('says its usage', () => {
    expect(checkout.release('--now')).toEqual({
      code: 2,
      sentences: ['payhook: there is no such argument: npm run release [-- <version>] [-- --dry-run]'],
    });
  });
});

describe('the next version', () => {
  test.each([
    ['0.1.0', ['Added', 'Fixed'], undefined, '0.2.0'],
    ['0.1.0', ['Fixed', 'Security'], undefined, '0.1.1'],
    ['1.9.9', ['Changed'], undefined, '1.10.0'],
    ['1.9.9', ['Removed'], '2.0.0', '2.0.0'],
  ])('after %s with %j, asked for %s, is %s', (current, kinds, wanted, version) => {
    expect(nextVersion(current, kinds, wanted)).toEqual({ outcome: 'known', version });
  });

  test.each([
    ['0.1.0', ['Added'], '0.1.1', '0.1.1 may only mend, and CHANGELOG.md says more than "Fixed": say 0.2.0 or 1.0.0'],
    ['0.1.0', ['Added'], '0.3.0', '0.3.0 does not come after 0.1.0: say 0.1.1, 0.2.0 or 1.0.0'],
    ['0.1.0', ['Added'], 'v0.2.0', 'v0.2.0 does not come after 0.1.0: say 0.1.1, 0.2.0 or 1.0.0'],
    ['0.2.0-rc.1', ['Added'], undefined, 'package.json has version 0.2.0-rc.1: it has to be three numbers, as 1.2.3'],
  ])('after %s with %j is not %s', (current, kinds, wanted, sentence) => {
    expect(nextVersion(current, kinds, wanted)).toEqual({ outcome: 'refused', sentence });
  });
});

describe('the changelog', () => {
  const text = readFileSync(join(PROJECT_ROOT, 'CHANGELOG.md'), 'utf8');

  test('of this checkout can be released, and says the same afterwards', () => {
    const before = readChangelog(text);
    const after = readChangelog(cutChangelog(text, '99.0.0', '2030-01-01'));

    expect(before?.unknownKinds).toEqual([]);
    expect(after).toMatchObject({ unreleased: '', kinds: [], released: ['99.0.0', ...(before?.released ?? [])] });
  });
});
