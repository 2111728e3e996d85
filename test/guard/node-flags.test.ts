/** The image starts Node itself: with what `bin/payhook` and the package start it with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import bootstrap from '../../bootstrap.cjs';

test('the image starts Node with the flags of bin/payhook, which bound the garbage that may gather', () => {
  const dockerfile = readFileSync(join(import.meta.dirname, '../../Dockerfile'), 'utf8');
  const entry: unknown = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]');

  expect(entry).toEqual(['node', ...bootstrap.NODE_FLAGS, 'src/cli/main.ts']);
  expect(bootstrap.NODE_FLAGS).toContain('--max-old-space-size=1024');
});
