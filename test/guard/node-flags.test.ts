/** The image starts Node itself: with what `bin/payhook` and the package start it with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import bootstrap from '../../bootstrap.cjs';
import { CONSOLE_FLAGS } from '../../src/cli/console-beside.ts';

test('the image starts Node with the flags of bin/payhook, which bound the garbage that may gather', () => {
  const dockerfile = readFileSync(join(import.meta.dirname, '../../Dockerfile'), 'utf8');
  const entry: unknown = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]');

  expect(entry).toEqual(['node', ...bootstrap.NODE_FLAGS, 'src/cli/main.ts']);
  expect(bootstrap.NODE_FLAGS).toContain('--max-old-space-size=1024');
});

test('a console beside a server is started with the flags of one that is started by itself', () => {
  expect(CONSOLE_FLAGS).toEqual(bootstrap.CONSOLE_FLAGS);
});
