/** Where operators are kept. On AWS nobody is: whoever has credentials is one, by ARN. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createFileOperatorStore } from '../../src/adapters/file/operator-file.ts';
import { createMemoryOperatorStore } from '../../src/adapters/memory/memory-operator-store.ts';
import type { Operator } from '../../src/operators/operator.ts';

const folders: string[] = [];
const newFile = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'payhook-operators-'));
  folders.push(folder);
  return join(folder, 'operators.json');
};

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const operator = (name: string, role: Operator['role'] = 'operator'): Operator => ({
  name,
  role,
  passphrase: { n: 2, r: 1, p: 1, salt: 'c2FsdA==', hash: 'aGFzaA==' },
  addedAt: 1_795_000_000_000,
});

describe.each([
  ['in memory', createMemoryOperatorStore],
  ['in a file', () => createFileOperatorStore(newFile())],
])('operators %s', (_, open) => {
  test('are none at first, then those that were written last', () => {
    const store = open();
    expect(store.all()).toEqual([]);

    store.write([operator('alice'), operator('bob', 'approver')]);
    expect(store.all()).toEqual([operator('alice'), operator('bob', 'approver')]);

    store.write([operator('bob', 'approver')]);
    expect(store.all()).toEqual([operator('bob', 'approver')]);
  });
});

describe('the file of operators', () => {
  test('is for its owner alone, and nothing else is left in its folder', () => {
    const path = newFile();

    createFileOperatorStore(path).write([operator('alice')]);

    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, '..'))).toEqual(['operators.json']);
  });

  test.each([
    ['cut off', '{"v":1,"operators":[{"name":"al', 0o600],
    ['of another shape', '{"v":1,"operators":[{"name":"alice","role":"emperor"}]}', 0o600],
    ['readable by others', '{"v":1,"operators":[]}', 0o644],
    [
      'of costs that take all memory',
      '{"v":1,"operators":[{"name":"al","role":"viewer","passphrase":{"n":1099511627776,"r":8,"p":3,"salt":"","hash":""},"addedAt":0}]}',
      0o600,
    ],
  ])('that is %s is not taken for a file without operators', (_, text, mode) => {
    const path = newFile();
    writeFileSync(path, text);
    chmodSync(path, mode);

    expect(() => createFileOperatorStore(path).all()).toThrow(/operators\.json (?:is damaged|may be read)/);
  });
});
