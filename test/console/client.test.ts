/** How much a browser loads, and what may not be in it. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadClient } from '../../src/console/load-client.ts';

const KIB = 1024;
const WEB = join(import.meta.dirname, '..', '..', 'src', 'console', 'web');

test('script and style are small, named by what is in them, and all that the page asks for', async () => {
  const { page, assets } = await loadClient();

  const sizeOf = (end: string): number =>
    [...assets].filter(([name]) => name.endsWith(end)).reduce((sum, [, { gzipped }]) => sum + gzipped.length, 0);
  expect(sizeOf('.js')).toBeLessThan(25 * KIB);
  expect(sizeOf('.css')).toBeLessThan(12 * KIB);
  const html = Buffer.from(page.bytes).toString('utf8');
  const asked = [...html.matchAll(/(?:src|href)="(?!data:)([^"]+)"/g)].map(([, path = '']) => path);
  expect(asked.toSorted()).toEqual([...assets.keys()].map((name) => `/assets/${name}`).toSorted());
  for (const name of assets.keys()) expect(name).toMatch(/^[a-z]+-[0-9A-Z]{8}\.(?:js|css)$/);
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
