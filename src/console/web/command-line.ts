/** The command that does what a screen shows: whoever has a terminal need not click. Pure. */
import type { SessionJson } from '../api-types.ts';

/** A word as a shell of POSIX takes it. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `filters` are named as in the address: `eventType=charge.*` is `--event-type 'charge.*'`. */
export const commandLine = (
  home: SessionJson['home'],
  words: readonly string[],
  filters: Iterable<readonly [string, string]> = [],
): string =>
  [
    'payhook',
    ...(home.kind === 'aws' ? ['--home', 'aws', '--environment-suffix', home.environmentSuffix] : []),
    ...words,
    ...[...filters].flatMap(([name, value]) => (value === '' ? [] : [`--${kebab(name)}`, value])),
  ]
    .map(quoted)
    .join(' ');
