import { expect, test } from 'vitest';
import { searchJson } from './search-json.ts';

const DOCUMENT = {
  id: 'evt_1',
  data: { object: { id: 'pi_1', lines: [{ 'a b': 'Blue shirt' }], amount: 2000, none: null } },
};
const pathsOf = (text: string) => searchJson(DOCUMENT, text, 10).hits.map(({ path }) => path);

test('names and values are found, each with its path as code would say it', () => {
  expect(pathsOf('SHIRT')).toEqual(['data.object.lines[0]["a b"]']);
  expect(pathsOf('id')).toEqual(['id', 'data.object.id']);
  expect(pathsOf('2000')).toEqual(['data.object.amount']);
  expect(pathsOf('nobody')).toEqual([]);
});

test('a document that is an array, or one value, has paths too', () => {
  expect(searchJson([{ a: 1 }, { a: 2 }], '2', 10).hits).toEqual([{ path: '[1].a', value: 2 }]);
  expect(searchJson('one value', 'one', 10).hits).toEqual([{ path: '', value: 'one value' }]);
});

test('nothing is looked for where no text is given, and no more is found than is shown', () => {
  expect(pathsOf('')).toEqual([]);
  expect(searchJson(Array(50).fill('x'), 'x', 10)).toMatchObject({ hits: { length: 10 }, isMore: true });
});

test('a name that is no name of its own object is a name like others', () => {
  const document: unknown = JSON.parse('{"__proto__":{"constructor":"here"}}');

  expect(searchJson(document, 'here', 10).hits).toEqual([{ path: '__proto__.constructor', value: 'here' }]);
});
