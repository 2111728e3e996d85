import { DatabaseSync } from 'node:sqlite';
import { expect, test, vi } from 'vitest';
import { createBuiltStatements } from './sqlite-built-statements.ts';

test('a text is prepared once, whatever its values, and may be asked while an earlier walk of it was left', () => {
  using db = new DatabaseSync(':memory:');
  const prepare = vi.spyOn(db, 'prepare');
  const statement = createBuiltStatements(db, true);
  const text = 'SELECT value FROM json_each(?)';

  for (const _ of statement(text).iterate('[1, 2, 3]')) break;
  expect([...statement(text).iterate('[4, 5]')]).toEqual([[4], [5]]);
  expect(prepare).toHaveBeenCalledTimes(1);
});

test('of many texts some are kept, and each is there when it is asked', () => {
  using db = new DatabaseSync(':memory:');
  const prepare = vi.spyOn(db, 'prepare');
  const statement = createBuiltStatements(db);

  for (let number = 0; number < 100; number += 1) statement(`SELECT ${number} AS n`);
  expect(statement('SELECT 99 AS n').get()).toEqual({ n: 99 });
  expect(prepare).toHaveBeenCalledTimes(100);
  expect(statement('SELECT 0 AS n').get()).toEqual({ n: 0 });
  expect(prepare).toHaveBeenCalledTimes(101);
});
