/** What a webhook costs the disk: counted, and so the same on any machine. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pagesOfWebhooks } from '../../bench/wal-section.ts';
import { createTemporaryDirectory, removeDirectory } from './homes.ts';

let directory: string;
beforeEach(() => {
  directory = createTemporaryDirectory();
});
afterEach(() => removeDirectory(directory));

test('sixteen webhooks a commit that nobody is told of write at most 6.5 pages each to the log, and fewer than one by one', async () => {
  const [batch, count] = [16, 1024];
  const { stored, ended } = await pagesOfWebhooks(join(directory, 'once.db'), batch, count, true);
  const apart = await pagesOfWebhooks(join(directory, 'apart.db'), batch, count, false);

  expect(stored).toBe(0);
  expect(ended).toBeLessThan(6.5);
  expect(ended).toBeLessThan(apart.stored + apart.ended);
  expect(apart.stored + apart.ended).toBeLessThan(7.2);
});
