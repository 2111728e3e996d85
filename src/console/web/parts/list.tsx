/** A list: a table whose rows are links, what is said when there is nothing in it, and the way to the next page. */
import type { ComponentChildren } from 'preact';
import type { PageJson } from '../../api-types.ts';
import { hrefOf, place } from '../location.ts';
import type { Asked } from '../use-answer.ts';
import { Problem } from './problem.tsx';
import { Time } from './value.tsx';

export interface Column<Item> {
  readonly name: string;
  readonly cell: (item: Item) => ComponentChildren;
  /** Figures stand below each other. @default false */
  readonly isNumber?: boolean;
}

export interface RowsProps<Item> {
  readonly caption: string;
  readonly columns: readonly Column<Item>[];
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
  /** The first cell is the link, and the row its target. */
  readonly linkOf: (item: Item) => string;
}

export const Rows = <Item,>({ caption, columns, items, keyOf, linkOf }: RowsProps<Item>) => (
  <table class="rows">
    <caption class="unseen">{caption}</caption>
    <thead>
      <tr>
        {columns.map(({ name, isNumber = false }) => (
          <th key={name} scope="col" class={isNumber ? 'number' : undefined}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {items.map((item) => (
        <tr key={keyOf(item)}>
          {columns.map(({ name, cell, isNumber = false }, index) => (
            <td key={name} class={isNumber ? 'number' : undefined} data-name={name}>
              {index === 0 ? (
                <a class="row-link" href={linkOf(item)}>
                  {cell(item)}
                </a>
              ) : (
                cell(item)
              )}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
);

export interface PagedProps<Item> extends Omit<RowsProps<Item>, 'items'> {
  readonly asked: Asked<PageJson<Item>>;
  /** The next step, where there is nothing. */
  readonly empty: ComponentChildren;
}

export const Paged = <Item,>({ asked, empty, ...rows }: PagedProps<Item>) => {
  const { answer, problem, isLoading, reload } = asked;
  if (problem !== null) return <Problem of={problem} retry={reload} />;
  if (answer === null) return <p class="quiet">Loading…</p>;
  const { items } = answer;
  return (
    <div aria-busy={isLoading}>
      {items.length === 0 ? <div class="empty">{empty}</div> : <Rows {...rows} items={items} />}
      <Pages page={answer} />
    </div>
  );
};

const Pages = ({ page: { items, next, scannedUntil } }: { readonly page: PageJson<unknown> }) => {
  const { path, params } = place.value;
  const filters = [...params].filter(([name]) => name !== 'after');
  const isLater = filters.length < params.size;
  return (
    <footer class="pages">
      {isLater && <a href={hrefOf(path, filters)}>◂ newest</a>}
      <span>
        {items.length === 0 ? 'no rows' : `${items.length} ${next === null && !isLater ? 'in all' : 'of many'}`}
        {scannedUntil !== null && (
          <>
            {' · looked back to '}
            <Time at={scannedUntil} />
          </>
        )}
      </span>
      {next !== null && (
        <a rel="next" href={hrefOf(path, [...filters, ['after', next]])}>
          {scannedUntil === null ? 'older ▸' : 'go on looking ▸'}
        </a>
      )}
    </footer>
  );
};
