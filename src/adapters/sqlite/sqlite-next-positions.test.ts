import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { createNextPositions } from './sqlite-next-positions.ts';

const open = () => {
  const db = new DatabaseSync(':memory:');
  db.exec(
    'CREATE TABLE payments (position INTEGER PRIMARY KEY); CREATE TABLE audit_entries (position INTEGER PRIMARY KEY)',
  );
  const positions = createNextPositions(db);
  const put = (position: number): void => db.exec(`INSERT INTO payments (position) VALUES (${position})`);
  return { positions, put, next: positions.of('payments'), nextEntry: positions.of('audit_entries') };
};

test('are counted on within a transaction, each table by itself', () => {
  const { positions, put, next, nextEntry } = open();
  put(7);
  positions.begin();

  expect([next(), nextEntry(), next(), nextEntry(), next()]).toEqual([8, 1, 9, 2, 10]);
});

test('are asked for again when a transaction begins: others wrote meanwhile, or what was counted was undone', () => {
  const { positions, put, next } = open();
  positions.begin();
  next();

  positions.begin();
  expect(next()).toBe(1);
  put(5);
  positions.begin();
  expect(next()).toBe(6);
});

test('are asked for each time by whoever begins no transactions', () => {
  const { put, next } = open();

  expect([next(), next()]).toEqual([1, 1]);
  put(3);
  expect(next()).toBe(4);
});
