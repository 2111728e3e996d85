/** The command that does what a screen shows: whoever has a terminal need not click. Pure. */
import type { SessionJson } from '../api-types.ts';

/** What moves, hides or reverses what stands beside it: a command that is read is the command that is run. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Each byte of it that is no plain letter in octal, as `$'…'` takes it (POSIX.1-2024, bash, zsh). */
const escaped = (word: string): string =>
  `$'${[...new TextEncoder().encode(word)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[\w@%+=:,./ -]/.test(char) ? char : `\\${byte.toString(8).padStart(3, '0')}`;
    })
    .join('')}'`;

/** A word as a shell of POSIX takes it. */
const quoted = (word: string): string => {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return UNPRINTABLE.test(word) ? escaped(word) : `'${word.replaceAll("'", `'\\''`)}'`;
};

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** An id may begin as an option does. */
const isLikeOption = (word: string): boolean => word.startsWith('-');

const optionOf = (name: string, value: string | true): readonly string[] => {
  if (value === true) return [`--${name}`];
  return isLikeOption(value) ? [`--${name}=${value}`] : [`--${name}`, value];
};

/**
 * `words` begin with the command, and end with what it is about: no options. `filters` are named as in the address:
 * `eventType=charge.*` is `--event-type 'charge.*'`; one that is `true` has no value.
 */
export const commandLine = (
  home: SessionJson['home'],
  words: readonly string[],
  filters: Iterable<readonly [string, string | true]> = [],
): string =>
  [
    'payhook',
    ...(home.kind === 'aws' ? ['--home', 'aws', '--environment-suffix', home.environmentSuffix] : []),
    ...words.filter((word) => !isLikeOption(word)),
    ...[...filters].flatMap(([name, value]) => (value === '' ? [] : optionOf(kebab(name), value))),
    // Behind `--` nothing is an option.
    ...(words.some(isLikeOption) ? ['--', ...words.filter(isLikeOption)] : []),
  ]
    .map(quoted)
    .join(' ');
