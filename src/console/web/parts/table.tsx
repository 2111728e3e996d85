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

interface PickProps {
  readonly path: string;
  readonly isPicked: boolean;
  readonly all: readonly string[];
}

const Pick = ({ path, isPicked, all }: PickProps) => (
  <td class="pick">
    <input
      type="checkbox"
      aria-label={`Pick ${printable(idIn(path))}`}
      checked={isPicked}
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

const Rows = <Item,>({ caption, columns, items, keyOf, linkOf, isPickable = false }: TableProps<Item>) => {
  const paths = linkOf === undefined ? [] : items.map((item) => pathOf(linkOf(item)));
  const picked = selection.value;
  return (
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
        {items.map((item, row) => {
          const path = paths[row];
          const isPicked = path !== undefined && picked.has(path);
          return (
            <tr key={keyOf(item)} class={isPicked ? 'picked' : undefined}>
              {isPickable && path !== undefined && <Pick path={path} isPicked={isPicked} all={paths} />}
              {columns.map(({ name, cell, isNumber = false }, index) => (
                <td key={name} class={isNumber ? 'number' : undefined} data-name={name}>
                  {index === 0 && linkOf !== undefined ? (
                    <a class="row-link" href={linkOf(item)}>
                      {!isPickable && isPicked && (
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
          );
        })}
      </tbody>
    </table>
  );
};
