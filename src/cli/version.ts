/** Which Payhook this is. The manifest stands beside the sources and beside what was built of them alike. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const payhookVersion = (): string => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'));
  return version;
};
