/** Which webhooks a job is about, as it was frozen when it was asked for: in words, each part of it by itself. */
import type { JobJson } from '../../api-types.ts';
import { counted } from '../counted.ts';
import { printable, timeText, words } from '../format.ts';
import { zone } from '../preferences.ts';
import { causeWords } from './causes.tsx';

/** As the filters of lists are called. */
const NAMES: Readonly<Record<string, string>> = { objectId: 'object', secretId: 'secret' };

const spaced = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const saidOf = (name: string, value: unknown): string => {
  if (name === 'cause') return causeWords(String(value));
  if (Array.isArray(value)) return value.map(String).join(' or ');
  return typeof value === 'object'
    ? Object.values(value as object)
        .map((one) => words(String(one)))
        .join(' ')
    : String(value);
};

type Part = readonly [name: string, value: string];

const partsOf = ({ since, until, ids, ...filter }: JobJson['filter']): readonly Part[] => [
  ...(ids === undefined ? [] : [['picked', counted(ids.length, 'webhook')] as const]),
  ...Object.entries(filter)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => [NAMES[name] ?? spaced(name), saidOf(name, value)] as const),
  ...(since === null ? [] : [['since', timeText(since, zone.value)] as const]),
  ['until', timeText(until, zone.value)],
];

export const FrozenFilter = ({ of }: { readonly of: JobJson['filter'] }) => {
  const parts = partsOf(of);
  return (
    <span class="frozen">
      {parts.map(([name, value], index) => (
        <span key={name}>
          {index > 0 && <span class="unseen"> · </span>}
          <span class="mark" title={printable(`${name} ${value}`)}>
            {printable(name)} <bdi>{printable(value)}</bdi>
          </span>
        </span>
      ))}
    </span>
  );
};
