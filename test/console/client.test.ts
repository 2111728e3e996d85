/** How much a browser loads, and what may not be in it. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadClient } from '../../src/console/load-client.ts';
import { SCREEN_FILES } from '../../src/console/screen-files.ts';

const KIB = 1024;
const WEB = join(import.meta.dirname, '..', '..', 'src', 'console', 'web');

type Loaded = Awaited<ReturnType<typeof loadClient>>;

/** What a page names, in its order. */
const askedBy = ({ pageAt }: Loaded, path: string): readonly string[] => {
  const html = Buffer.from(pageAt(path).bytes).toString('utf8');
  expect(html).not.toMatch(/(?:src|href)="(?!data:|\/assets\/)/);
  return [...html.matchAll(/(?:src|href)="\/assets\/([^"]+)"/g)].map(([, name = '']) => name);
};

/** Those and what they import when they are loaded. */
const loadedWith = ({ assets }: Loaded, names: readonly string[]): ReadonlySet<string> => {
  const all = new Set(names);
  for (const name of all) {
    const source = Buffer.from(assets.get(name)?.bytes ?? []).toString('utf8');
    for (const [, other = ''] of source.matchAll(/(?:from|import)"\.\/([^"]+)"/g)) all.add(other);
  }
  return all;
};

test('script and style are small, and named by what is in them', async () => {
  const client = await loadClient();
  const { assets } = client;

  const sizeOf = (names: Iterable<string>): number =>
    [...names].reduce((sum, name) => sum + (assets.get(name)?.gzipped.length ?? Number.NaN), 0);
  const named = (end: string): string[] => [...assets.keys()].filter((name) => name.endsWith(end));
  const first = askedBy(client, '/').filter((name) => name.endsWith('.js'));
  expect(sizeOf(first)).toBeLessThan(25 * KIB);
  expect(sizeOf(named('.js'))).toBeLessThan(60 * KIB);
  expect(sizeOf(named('.css'))).toBeLessThan(12 * KIB);
  expect(named('.js').length).toBeGreaterThan(first.length);
  for (const name of assets.keys()) expect(name).toMatch(/^[a-z-]+-[0-9A-Z]{8}\.(?:js|css)$/);
});

test('the overview opens with one script, every other screen with two more, and each is named in the page', async () => {
  const client = await loadClient();

  const kinds = (path: string): readonly string[] => askedBy(client, path).map((name) => name.replace(/-[^-]*$/, ''));
  for (const path of ['/', '/login', '/nowhere', '/__proto__', '/constructor/x'])
    expect([path, kinds(path)]).toEqual([path, ['style', 'chunk']]);
  for (const [name, file] of Object.entries(SCREEN_FILES)) {
    for (const path of [`/${name}`, `/${name}/some/thing`]) {
      expect([path, kinds(path)]).toEqual([path, ['style', 'chunk', file, 'chunk']]);
      const asked = askedBy(client, path);
      expect([...loadedWith(client, asked)]).toEqual(asked);
    }
  }
});

test('no source of the page makes elements of text, or has a style of its own', () => {
  const paths = globSync('**/*.{ts,tsx}', { cwd: WEB });

  expect(paths.length).toBeGreaterThan(20);
  for (const path of paths) {
    const source = readFileSync(join(WEB, path), 'utf8');
    expect([path, source.match(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|style=/)]).toEqual([
      path,
      null,
    ]);
  }
});
