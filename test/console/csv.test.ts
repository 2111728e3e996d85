/** Every list as CSV, in a home in which each stranger wants to be a formula. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportReaders } from '../../src/console/api/export-readers.ts';
import { fillWithHostile, openHostileHome } from './browser/hostile-home.ts';
import { openConsole } from './console-home.ts';

const FORMULAS = [
  '=HYPERLINK("https://evil.example")',
  '+1+cmd|calc',
  '-2+3',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  '＝1+1',
];
const STARTS_LIKE_ONE = /^[=+\-@\t\r\n＝＋－＠]/;

/** As RFC 4180 says. */
const cellsOf = (csv: string): readonly string[] =>
  [...csv.matchAll(/(?:^|,|\n)(?:"((?:[^"]|"")*)"|([^",\n]*))/g)].map(([, quoted, plain = '']) =>
    quoted === undefined ? plain : quoted.replaceAll('""', '"'),
  );

/** Numbers of ours stay numbers, below zero too. */
const isNumber = (text: string): boolean => /^-?\d+(?:\.\d+)?$/.test(text);

describe.each(FORMULAS)('where everybody says %j', (formula) => {
  test('no cell of any list is computed', async () => {
    const home = openHostileHome(formula);
    const { job } = await fillWithHostile(home, formula);
    const console = openConsole(home, 'approver');
    await console.logIn();
    const which: Readonly<Record<string, string>> = { entries: '&destination=ledger', job: `&job=${job}` };
    const telling: string[] = [];
    for (const list of Object.keys(exportReaders({ home: home.operatorHome } as never))) {
      const { status, body } = await console.get(`/api/export/${list}?format=csv${which[list] ?? ''}`);
      expect([list, status]).toEqual([list, 200]);
      const cells = cellsOf(body);
      expect([list, cells.filter((cell) => STARTS_LIKE_ONE.test(cell) && !isNumber(cell))]).toEqual([list, []]);
      if (cells.some((cell) => cell.startsWith(`'${formula}`))) telling.push(list);
    }
    // The error of a handler, the reason of a job, the answer of a destination.
    expect(telling).toEqual(expect.arrayContaining(['webhooks', 'jobs', 'entries']));
  });
});

test('the command line and the console write CSV with the same function, and nobody else writes any', () => {
  const root = join(import.meta.dirname, '..', '..', 'src');
  const writers = globSync('**/*.{ts,tsx}', { cwd: root })
    .filter((path) => !path.endsWith('.test.ts'))
    .filter((path) =>
      /csv(?:Lines|Line|Header)\b|text\/csv|replaceAll\('"', '""'\)/.test(readFileSync(join(root, path), 'utf8')),
    );

  expect(writers.toSorted()).toEqual(['cli/print-list.ts', 'console/api/export-routes.ts', 'operate/csv.ts']);
});
