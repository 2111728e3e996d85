/**
 * The event types that a provider publishes, as they were at the date in the first line of its file, one a line; those after
 * a line that begins with `# Older` are not in the catalogue, and are sent or documented all the same.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Catalogue {
  readonly types: readonly string[];
  readonly olderNames: readonly string[];
}

const linesOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

export const catalogueOf = (provider: string): Catalogue => {
  const text = readFileSync(join(import.meta.dirname, `${provider}.txt`), 'utf8');
  const [types = '', olderNames = ''] = text.split(/^# Older.*$/m);
  return { types: linesOf(types), olderNames: linesOf(olderNames) };
};
