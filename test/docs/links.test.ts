/** Pages lead to what is there: links to files and headings, and paths that are named in the text. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGES = globSync(['*.md', 'docs/**/*.md', 'bench/*.md'], { cwd: ROOT });
/** Fewer than this means that the check looked in the wrong place. */
const PAGES_MIN = 30;

const LINK = /\]\((?!https?:)([^)\s]*)\)/g;
/** A file or folder of the project in backticks; a name with a placeholder in it is none. */
const PATH = /`((?:src|infra|test|docs|bench|examples|bin)\/[\w./-]+)`/g;

const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

const withoutCode = (text: string): string => text.replace(/^```.*?^```/gms, '');

/** As GitHub makes them: lower case, hyphens for spaces, nothing but letters, digits, hyphens and underscores. */
const anchorsOf = (text: string): ReadonlySet<string> =>
  new Set(
    [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(' ', '-')
        .replace(/[^\p{L}\p{N}_-]/gu, ''),
    ),
  );

/** What is wrong with the page, as sentences. */
const problems = (page: string, text: string): string[] => {
  const prose = withoutCode(text);
  const links = [...prose.matchAll(LINK)].flatMap(([, target = '']) => {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : normalize(join(dirname(page), path));
    if (file !== page && !existsSync(join(ROOT, file))) return [`${page} links to ${target}, which is not there`];
    if (anchor === undefined || anchorsOf(file === page ? text : read(file)).has(anchor)) return [];
    return [`${page} links to ${target}, which has no such heading`];
  });
  const paths = [...prose.matchAll(PATH)].flatMap(([, path = '']) =>
    existsSync(join(ROOT, path)) ? [] : [`${page} names ${path}, which is not there`],
  );
  return [...links, ...paths];
};

describe('links and paths of the pages', () => {
  test('lead to what is there', () => {
    expect(PAGES.length).toBeGreaterThan(PAGES_MIN);
    expect(PAGES.flatMap((page) => problems(page, read(page)))).toEqual([]);
  });

  test('a wrong one of each kind is found', () => {
    expect(problems('docs/x.md', 'see [there](nowhere.md)')).toHaveLength(1);
    expect(problems('docs/x.md', 'see [there](words.md#no-such-heading)')).toHaveLength(1);
    expect(problems('docs/x.md', '# A heading, here\n\n[up](#a-heading-here) [down](#elsewhere)')).toHaveLength(1);
    expect(problems('docs/x.md', '`src/core/nothing.ts`')).toHaveLength(1);
    expect(problems('docs/x.md', '`src/providers/<name>/` [words](words.md) [site](https://example.com)')).toEqual([]);
  });
});
