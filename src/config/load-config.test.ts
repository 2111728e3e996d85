import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { loadConfig } from './load-config.ts';

test('PAYHOOK_HOST is listened on, whatever the file says', async () => {
  const loaded = await loadConfig({ env: { PAYHOOK_HOST: '0.0.0.0' }, cwd: tmpdir() });

  expect(loaded).toMatchObject({ outcome: 'loaded', settings: { config: { edge: { host: '0.0.0.0' } } } });
});
