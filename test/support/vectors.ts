/** Known answers out of providers' SDKs and real deliveries. They stand outside the project, beside it, or are not there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';

export const VECTORS_FOLDER = join(import.meta.dirname, '../../../shared/vectors');
const isThere = existsSync(VECTORS_FOLDER);

/** A `describe` for tests that need the vectors; one skipped test with the reason where they are not there. */
export const describeWithVectors = (title: string, define: () => void): void => {
  if (isThere) describe(title, define);
  else test(title, ({ skip }) => skip('there is no folder shared/vectors beside the project'));
};
