/** How much a browser loads, and what may not be in it. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadClient } from '../../src/console/load-client.ts';

const KIB = 1024;
const WEB = join(import.meta.dirname, '..', '..', 'src', 'console', 'web');

test('script and style are small, named by what is in them, and the page asks for no more than it opens with', async () => {
  const { page, assets } = await loadClient();

  const sizeOf = (names: Iterable<string>): number =>
    [...names].reduce((sum, name) => sum + (assets.get(name)?.gzipped.length ?? Number.NaN), 0);
  const named = (end: string): string[] => [...assets.keys()].filter((name) => name.endsWith(end));
  const html = Buffer.from(page.bytes).toString('utf8');
  const asked = [...html.matchAll(/(?:src|href)="\/assets\/([^"]+)"/g)].map(([, name = '']) => name);
  expect(asked.map((name) => name.split('-')[0]).toSorted()).toEqual(['main', 'style']);
  expect(html).not.toMatch(/(?:src|href)="(?!data:|\/assets\/)/);
  const first = new Set(asked.filter((name) => name.endsWith('.js')));
  for (const name of first) {
    const source = Buffer.from(assets.get(name)?.bytes ?? []).toString('utf8');
    for (const [, other = ''] of source.matchAll(/(?:from|import)"\.\/([^"]+)"/g)) first.add(other);
  }
  expect(sizeOf(first)).toBeLessThan(25 * KIB);
  expect(sizeOf(named('.js'))).toBeLessThan(60 * KIB);
  expect(sizeOf(named('.css'))).toBeLessThan(12 * KIB);
  expect(named('.js').length).toBeGreaterThan(first.size);
  for (const name of assets.keys()) expect(name).toMatch(/^[a-z-]+-[0-9A-Z]{8}\.(?:js|css)$/);
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
