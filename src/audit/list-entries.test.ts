/** Pages of the trail over any number of entries and any bound of looking. */
import { describe, expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import { createListEntries, type EntryFilter } from './list-entries.ts';

const FROM = 10;

/** Entries a second apart, positions from 1. */
const open = async () => {
  const home = createTestHome();
  const times: number[] = [];
  for (let n = 0; n < FROM; n += 1) {
    times.push(home.clock.now());
    await home.deliver(stripeDelivery(home.clock, `evt_${n}`));
    home.clock.advance(1000);
  }
  return { list: createListEntries(home.auditLog), times };
};

type List = Awaited<ReturnType<typeof open>>['list'];

const walk = async (list: List, filter: EntryFilter): Promise<readonly number[]> => {
  const positions: number[] = [];
  let after: string | undefined;
  do {
    const page = await list({ ...filter, after });
    positions.push(...page.items.map(({ position }) => position));
    after = page.next ?? undefined;
  } while (after !== undefined);
  return positions;
};

describe('listing the trail', () => {
  test('hands out each entry once over pages, newest first', async () => {
    const { list } = await open();

    expect(await walk(list, { limit: 3 })).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  test('keeps to times, at or after and before, however little is looked at at once', async () => {
    const { list, times } = await open();
    const filter = { since: times[2], until: times[6], limit: 2 };

    expect(await walk(list, filter)).toEqual([6, 5, 4, 3]);
    expect(await walk(list, { ...filter, lookAtMax: 3 })).toEqual([6, 5, 4, 3]);
  });

  test('keeps to events, to whoever did it, and to how it went', async () => {
    const { list } = await open();

    expect(await walk(list, { event: ['REDRIVEN'], limit: 3 })).toEqual([]);
    expect(await walk(list, { event: ['REDRIVEN', 'WEBHOOK_ACCEPTED'], limit: 4 })).toHaveLength(FROM);
    expect(await walk(list, { outcome: 'failure', limit: 4 })).toEqual([]);
    expect(await walk(list, { outcome: 'success', actor: 'nobody', limit: 4 })).toEqual([]);
  });

  test('refuses times that no entry can meet', async () => {
    const { list, times } = await open();

    await expect(list({ since: times[6], until: times[2], limit: 2 })).rejects.toMatchObject({ code: 'usage_wrong' });
  });
});
