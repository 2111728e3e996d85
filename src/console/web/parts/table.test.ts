import type { VNode } from 'preact';
import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test('where a row leads is worked out for each row, and not for each row once more', async () => {
  vi.stubGlobal('location', { pathname: '/webhooks', search: '' });
  const { Table } = await import('./table.tsx');
  const items = Array.from({ length: 50 }, (_, index) => index);
  let asked = 0;
  const linkOf = (item: number): string => {
    asked += 1;
    return `/webhooks/${item}`;
  };
  const columns = [{ name: 'Number', cell: (item: number) => item }];

  const rows = Table({ caption: 'Numbers', columns, items, keyOf: (item) => item, linkOf, isPickable: true }) as VNode;
  if (typeof rows.type === 'string') throw new TypeError('the rows are a component');
  (rows.type as (props: typeof rows.props) => unknown)(rows.props);

  expect(asked).toBeLessThanOrEqual(2 * items.length);
});
