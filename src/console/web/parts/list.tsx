/** A page of a list, what is said when there is nothing in it, and the way to the next page. */
import type { ComponentChildren } from 'preact';
import type { PageJson } from '../../api-types.ts';
import { hrefOf, place } from '../location.ts';
import { clearSelection, idIn, packIds, selection } from '../selection.ts';
import type { Asked } from '../use-answer.ts';
import { NEWER_MAX, useNewer } from '../use-newer.ts';
import { Copy } from './command.tsx';
import { Unanswered } from './problem.tsx';
import { Table, type TableProps } from './table.tsx';
import { Time } from './value.tsx';

export interface PagedProps<Item> extends Omit<TableProps<Item>, 'items'> {
  readonly asked: Asked<PageJson<Item>>;
  /** What is asked now and then, for which rows are new: what was asked, or less of each row. */
  readonly path: string;
  /** The next step, where there is nothing. */
  readonly empty: ComponentChildren;
  /** What can be done with the rows that are picked: where each is looked at first. @default nothing but copying */
  readonly forPicked?: readonly ForPicked[];
}

export interface ForPicked {
  readonly label: string;
  readonly path: string;
}

export const Paged = <Item,>({ asked, path, empty, forPicked = [], ...rows }: PagedProps<Item>) => {
  const { answer, problem, isLoading, hint, reload } = asked;
  const isFirst = !place.value.params.has('after');
  const newer = useNewer(isFirst ? path : null, { shown: answer?.items ?? null, hint }, rows.keyOf);
  if (answer === null) return <Unanswered why={problem} retry={reload} />;
  const { items } = answer;
  return (
    <div aria-busy={isLoading}>
      <div role="status">
        {newer > 0 && (
          <button type="button" class="newer" onClick={reload}>
            {newer > NEWER_MAX ? `${NEWER_MAX}+` : newer} new ↑
          </button>
        )}
      </div>
      <Picked actions={forPicked} />
      {items.length === 0 ? (
        <div class="empty">
          {answer.scannedUntil === null ? empty : <p>Nothing is like that in what was looked at so far.</p>}
        </div>
      ) : (
        <Table {...rows} items={items} isPickable={forPicked.length > 0} />
      )}
      <Pages page={answer} />
    </div>
  );
};

/** What is picked is what is meant, and nothing else of the list. */
const Picked = ({ actions }: { readonly actions: readonly ForPicked[] }) => {
  const picked = [...selection.value];
  return (
    <div role="status" class="picked-bar">
      {picked.length > 0 && (
        <p class="picked-rows">
          {picked.length} picked{' '}
          {actions.map(({ label, path }) => (
            <a key={path} class="button" href={hrefOf(path, [['ids', packIds(picked.map(idIn))]])}>
              {label}
            </a>
          ))}
          <Copy text={picked.map(idIn).join('\n')} label="Copy ids" />{' '}
          <button type="button" onClick={clearSelection}>
            Clear
          </button>
        </p>
      )}
    </div>
  );
};

const Pages = ({ page: { items, next, scannedUntil } }: { readonly page: PageJson<unknown> }) => {
  const { path, params } = place.value;
  const filters = [...params].filter(([name]) => name !== 'after');
  const isLater = filters.length < params.size;
  if (items.length === 0 && !isLater && next === null && scannedUntil === null) return null;
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
