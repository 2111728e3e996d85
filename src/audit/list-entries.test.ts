/** Pages of the trail over any number of entries and any bound of looking. */
import { describe, expect, test } from 'vitest';
import { auditDraft } from '../../test/support/audit-draft.ts';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import { OPERATORS_CHAIN } from './audit.ts';
import { createListEntries } from './list-entries.ts';
import type { EntryFilter } from './match-entry.ts';

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
  return { home, list: createListEntries(home.auditLog), times };
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

  test('keeps to events, to who did it and to what it is about', async () => {
    const { list, home } = await open();
    const ada = { type: 'operator', id: 'ada' } as const;
    const about = { type: 'webhook', id: 'stripe:evt_2' } as const;
    await home.auditLog.append([
      auditDraft({ chainId: OPERATORS_CHAIN, event: 'PAYLOAD_READ', actor: ada, resource: about }),
      auditDraft(),
    ]);
    const walked = (filter: Omit<EntryFilter, 'limit'>) => walk(list, { ...filter, limit: 1 });

    expect(await walked({ events: ['PAYLOAD_READ', 'HOME_STARTED'] })).toEqual([12, 11]);
    expect(await walked({ actor: { type: null, id: 'ada' } })).toEqual([11]);
    expect(await walked({ actor: { type: 'component', id: null } })).toEqual([12]);
    expect(await walked({ objects: [about] })).toEqual([11, 3]);
    expect(await walked({ objects: [about, { type: 'home', id: null }] })).toEqual([12, 11, 3]);
    expect(await walked({ objects: [about], events: ['WEBHOOK_ACCEPTED'] })).toEqual([3]);
    expect(await walked({ outcome: 'failure' })).toEqual([]);
    expect(await walked({ outcome: 'success', actor: { type: null, id: 'nobody' } })).toEqual([]);
  });

  test('walks one chain, with nothing else on the way, and takes no cursor of another', async () => {
    const { list, home } = await open();
    for (let n = 0; n < 5; n += 1) {
      await home.auditLog.append([auditDraft({ chainId: OPERATORS_CHAIN, event: 'BACKED_UP' }), auditDraft()]);
    }
    const chain = OPERATORS_CHAIN;

    expect(await walk(list, { chain, limit: 2 })).toEqual([19, 17, 15, 13, 11]);
    expect(await walk(list, { chain, limit: 2, lookAtMax: 3 })).toEqual([19, 17, 15, 13, 11]);
    expect(await walk(list, { chain, limit: 2, events: ['BACKED_UP'] })).toHaveLength(5);
    const page = await list({ chain, limit: 2 });
    expect(page).toMatchObject({ scannedUntil: null, items: [{ position: 19 }, { position: 17 }] });
    for (const other of ['home', undefined]) {
      await expect(list({ chain: other, limit: 2, after: page.next ?? '' })).rejects.toMatchObject({
        code: 'usage_wrong',
      });
    }
  });

  test('finds the chain of a webhook that is not stored any more by looking', async () => {
    const { home } = await open();
    const [entry] = await home.auditLog.read(2, 1);
    const { latest } = home.auditLog;
    const list = createListEntries({ latest, chain: async () => [] });
    const chain = entry?.chainId ?? '';

    expect(await walk(list, { chain, limit: 5, lookAtMax: 4 })).toEqual([3]);
    expect(await list({ chain, limit: 5, lookAtMax: 4 })).toMatchObject({
      items: [],
      scannedUntil: expect.any(Number),
    });
  });

  const webhookChain = 'stripe:evt_1@1795000000000';
  test.each<[string, Partial<EntryFilter>, RegExp]>([
    ['times that end before they begin', { since: 2, until: 1 }, /nothing can be since/],
    ['a page of no rows', { limit: 0 }, /1 to 1000 rows/],
    ['no event', { events: [] }, /no event is named/],
    ['a chain that there is not', { chain: 'operator' }, /operator is no chain: there are rejections, home, operators/],
    [
      'an event that is never about it',
      { events: ['JOB_APPROVED'], objects: [{ type: 'webhook', id: null }] },
      /JOB_APPROVED is about a job, and what is asked about is not/,
    ],
    [
      'an event that is never in the chain',
      { events: ['JOB_APPROVED', 'HOME_STARTED'], chain: webhookChain },
      /is about a job or home, and chain stripe:evt_1@1795000000000 is not/,
    ],
    [
      'a webhook in the chain of another',
      { objects: [{ type: 'webhook', id: 'stripe:evt_2' }], chain: webhookChain },
      /is about webhook stripe:evt_1 only/,
    ],
    ['a job in the chain of another', { objects: [{ type: 'job', id: 'b' }], chain: 'job:a' }, /is about job a only/],
  ])('refuses %s: nothing can ever be found', async (_what, filter, why) => {
    const { list } = await open();

    await expect(list({ limit: 2, ...filter })).rejects.toMatchObject({
      code: 'usage_wrong',
      message: expect.stringMatching(why),
    });
  });

  test.each(['sign-in:ada', 'rejections', 'recovery', 'unexplained', 'retention', 'sign-in', 'job:01J'])(
    'looks into chain %s, which may be empty',
    async (chain) => {
      expect(await (await open()).list({ chain, limit: 5 })).toMatchObject({ items: [], next: null });
    },
  );

  test('looks for a webhook, and for any, in a chain of its own', async () => {
    const { list, home } = await open();
    const [entry] = await home.auditLog.read(2, 1);
    const chain = entry?.chainId ?? '';
    const objects = (id: string | null) => [{ type: 'webhook', id }] as const;

    expect(await walk(list, { chain, limit: 5, objects: objects('stripe:evt_2') })).toEqual([3]);
    expect(await walk(list, { chain, limit: 5, objects: objects(null), events: ['WEBHOOK_ACCEPTED'] })).toEqual([3]);
  });
});
