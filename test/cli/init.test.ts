/** `payhook init`, in folders that are not empty: what is there stays. The whole way of a new user is in `test/package`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestFolder, type TestFolder } from '../support/running-server.ts';
import { runHere } from './run-here.ts';

describe('payhook init', () => {
  let folder: TestFolder;

  const write = (name: string, text: string): void => writeFileSync(join(folder.path, name), text);
  const read = (name: string): string => readFileSync(join(folder.path, name), 'utf8');
  const init = (...args: string[]) => runHere(['init', ...args], {}, { cwd: folder.path });

  beforeEach(() => {
    folder = createTestFolder();
  });
  afterEach(() => folder[Symbol.dispose]());

  test('leaves files and scripts that are there as they are', async () => {
    write('package.json', JSON.stringify({ type: 'module', scripts: { start: 'node shop.js' }, author: 'us' }));
    write('handlers.ts', '// ours');

    const { code, stdout } = await init('--yes');

    expect(code).toBe(0);
    expect(stdout).toMatch(/^left {7}handlers\.ts, which is there already$/m);
    expect(read('handlers.ts')).toBe('// ours');
    expect(JSON.parse(read('package.json'))).toMatchObject({
      author: 'us',
      scripts: { start: 'node shop.js', test: 'node --test', check: 'tsc -p .', deploy: 'payhook deploy' },
    });
    expect(read('.gitignore')).toContain('.payhook/');
  });

  test('without package.json it says what comes first, and writes nothing', async () => {
    const { code, stderr } = await init('--yes');

    expect(code).toBe(2);
    expect(stderr).toMatch(/there is no package\.json here: run npm init -y and npm install payhook first/);
    expect(() => read('payhook.config.ts')).toThrow('ENOENT');
  });

  test('a project of CommonJS modules is not turned into another one', async () => {
    write('package.json', JSON.stringify({ type: 'commonjs' }));
    write('shop.js', '');

    const { code, stderr } = await init('--yes');

    expect(code).toBe(2);
    expect(stderr).toMatch(/shop\.js may rely on it/);
    expect(JSON.parse(read('package.json'))).toEqual({ type: 'commonjs' });
  });

  test('asks nobody where nobody can answer', async () => {
    write('package.json', '{}');

    const { code, stderr } = await init();

    expect(code).toBe(2);
    expect(stderr).toMatch(/add --yes/);
  });
});
