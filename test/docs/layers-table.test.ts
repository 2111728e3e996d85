import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { layersTable, withLayersTable } from '../../docs/generator/layers-table.ts';
import { LAYERS } from '../layers.ts';

const PAGE = join(import.meta.dirname, '..', '..', 'ARCHITECTURE.md');

describe('the table of layers in ARCHITECTURE.md', () => {
  test('is what test/layers.ts says', () => {
    const page = readFileSync(PAGE, 'utf8');
    const isUpToDate = page === withLayersTable(page);
    expect(isUpToDate, 'the layers of ARCHITECTURE.md are out of date: run npm run docs, and commit the page').toBe(
      true,
    );
  });

  test('has a row for each layer, in the order in which they hold', () => {
    const [, , ...rows] = layersTable().split('\n');
    expect(rows.map((row) => row.split('`')[1])).toEqual(LAYERS.map(({ of }) => of));
  });

  test('an old table is replaced, and nothing else', () => {
    const page = 'before\n<!-- layers -->\n\n| old |\n\n<!-- /layers -->\nafter\n';
    expect(withLayersTable(page)).toBe(`before\n<!-- layers -->\n\n${layersTable()}\n\n<!-- /layers -->\nafter\n`);
    expect(withLayersTable(withLayersTable(page))).toBe(withLayersTable(page));
  });

  test.each(['', '<!-- /layers -->\n<!-- layers -->\n', '<!-- layers -->\n'])(
    'a page without a place for it is an error: %j',
    (page) => {
      expect(() => withLayersTable(page)).toThrow('<!-- layers -->');
    },
  );
});
