/** A table; what it means in one narrow column stands in the style. */
import type { ComponentChildren } from 'preact';
import { printable } from '../format.ts';
import { idIn, select, selection } from '../selection.ts';

export interface Column<Item> {
  readonly name: string;
  readonly cell: (item: Item) => ComponentChildren;
  /** Figures stand below each other. @default false */
  readonly isNumber?: boolean;
}

export interface TableProps<Item> {
  readonly caption: string;
  readonly columns: readonly Column<Item>[];
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string | number;
  /** Where a row leads: its first cell is the link, and all of it the target. @default nowhere */
  readonly linkOf?: (item: Item) => string;
  /** Something can be done with the rows that are picked: each has a box for it. @default false */
  readonly isPickable?: boolean;
}

/** Without its query: what leads to the same is the same. */
const pathOf = (href: string): string => href.split('?', 1)[0] ?? '';

const isPicked = (href: string | undefined): boolean => href !== undefined && selection.value.has(pathOf(href));

const Pick = ({ path, all }: { readonly path: string; readonly all: readonly string[] }) => (
  <td class="pick">
    <input
      type="checkbox"
      aria-label={`Pick ${printable(idIn(path))}`}
      checked={isPicked(path)}
      onClick={(event) => select(path, all, event.shiftKey)}
    />
  </td>
);

const isSaid = (cell: ComponentChildren): boolean =>
  cell !== '' && cell !== null && !(Array.isArray(cell) && cell.length === 0);

/** A column in which no row says anything takes no room from the others. */
const saying = <Item,>(columns: readonly Column<Item>[], items: readonly Item[]): readonly Column<Item>[] =>
  columns.filter(({ cell }, index) => index === 0 || items.some((item) => isSaid(cell(item))));

export const Table = <Item,>({ columns, ...rest }: TableProps<Item>) => (
  <Rows columns={saying(columns, rest.items)} {...rest} />
);

const Rows = <Item,>({ caption, columns, items, keyOf, linkOf, isPickable = false }: TableProps<Item>) => (
  <table class="rows">
    <caption class="unseen">{caption}</caption>
    <thead>
      <tr>
        {isPickable && (
          <th scope="col" class="pick">
            <span class="unseen">Pick</span>
          </th>
        )}
        {columns.map(({ name, isNumber = false }) => (
          <th key={name} scope="col" class={isNumber ? 'number' : undefined}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {items.map((item) => (
        <tr key={keyOf(item)} class={isPicked(linkOf?.(item)) ? 'picked' : undefined}>
          {isPickable && linkOf !== undefined && (
            <Pick path={pathOf(linkOf(item))} all={items.map((one) => pathOf(linkOf(one)))} />
          )}
          {columns.map(({ name, cell, isNumber = false }, index) => (
            <td key={name} class={isNumber ? 'number' : undefined} data-name={name}>
              {index === 0 && linkOf !== undefined ? (
                <a class="row-link" href={linkOf(item)}>
                  {!isPickable && isPicked(linkOf(item)) && (
                    <span>
                      <span aria-hidden="true">✓ </span>
                      <span class="unseen">picked: </span>
                    </span>
                  )}
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
