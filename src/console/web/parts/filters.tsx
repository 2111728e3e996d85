/** Filters of a list, which are its address. */
import { printable, words } from '../format.ts';
import { goWith, hrefOf, place } from '../location.ts';
import { momentIn, momentOut } from '../moment.ts';
import { zone } from '../preferences.ts';

interface Named {
  /** As in the address. */
  readonly name: string;
  readonly label: string;
  /** Out of the way until it is asked for. @default false */
  readonly isRare?: boolean;
}

/** `usual`: the one of `values` that it is where the address says none. @default any */
export type Filter = Named &
  (
    | { readonly kind: 'choice'; readonly values: readonly string[]; readonly usual?: string }
    | { readonly kind: 'text'; readonly example: string }
  );

/** Not filters, and in every address of a list. */
const OTHERS = ['after', 'limit'];

const isKnown = (filters: readonly Filter[], name: string): boolean =>
  OTHERS.includes(name) || filters.some((filter) => filter.name === name);

/** What of the address the server is asked for: the filters that the screen has. */
export const knownParams = (filters: readonly Filter[]): readonly (readonly [string, string])[] =>
  [...place.value.params].filter(([name]) => isKnown(filters, name));

export interface FiltersProps {
  readonly filters: readonly Filter[];
  /** What else of the address the screen knows. @default nothing */
  readonly also?: readonly string[];
}

export const Filters = ({ filters, also = [] }: FiltersProps) => {
  const { path, params } = place.value;
  const ignored = [...params.keys()].filter((name) => !isKnown(filters, name) && !also.includes(name));
  if (filters.length === 0 && ignored.length === 0) return null;
  const rare = filters.filter(({ isRare = false }) => isRare);
  const labelled = (filter: Filter) => (
    <div key={filter.name} class="field">
      <label htmlFor={idOf(filter)}>{filter.label}</label>
      <Field filter={filter} value={params.get(filter.name) ?? ''} />
    </div>
  );
  return (
    <search class="filters">
      {filters.filter(({ isRare = false }) => !isRare).map(labelled)}
      {filters.some(({ name }) => params.has(name)) && (
        <a class="button" href={path}>
          Clear
        </a>
      )}
      {rare.length > 0 && (
        <details class="more" open={rare.some(({ name }) => params.has(name))}>
          <summary>More filters</summary>
          <div>{rare.map(labelled)}</div>
        </details>
      )}
      {ignored.map((name) => (
        <p key={name} class="ignored" role="note">
          ignored: {printable(name)}{' '}
          <a
            href={hrefOf(
              path,
              [...params].filter(([one]) => one !== name),
            )}
          >
            leave it out
          </a>
        </p>
      ))}
    </search>
  );
};

const idOf = ({ name }: Filter): string => `filter-${name}`;

/** Moments are written as those of the lists are shown. */
const MOMENTS: readonly string[] = ['since', 'until'];

const Field = ({ filter, value }: { readonly filter: Filter; readonly value: string }) => {
  const isMoment = MOMENTS.includes(filter.name);
  const set = (event: Event & { readonly currentTarget: { readonly value: string } }): void =>
    goWith({
      [filter.name]: isMoment
        ? momentIn(event.currentTarget.value.trim(), zone.value)
        : event.currentTarget.value.trim(),
    });
  if (filter.kind === 'text') {
    return (
      <input
        id={idOf(filter)}
        type="text"
        value={isMoment ? momentOut(value, zone.value) : value}
        placeholder={filter.example}
        spellcheck={false}
        onChange={set}
      />
    );
  }
  const values = value === '' || filter.values.includes(value) ? filter.values : [...filter.values, value];
  return (
    <select id={idOf(filter)} value={value === '' ? (filter.usual ?? '') : value} onChange={set}>
      {filter.usual === undefined && <option value="">any</option>}
      {values.map((one) => (
        <option key={one} value={one}>
          {printable(words(one.toLowerCase()).replace(',', ' or '))}
        </option>
      ))}
    </select>
  );
};
