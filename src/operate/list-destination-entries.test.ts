import { describe, expect, test } from 'vitest';
import { createTestClock, NOW } from '../../test/support/clock.ts';
import { insertionOf } from '../../test/support/insertion.ts';
import { createMemoryHome } from '../adapters/memory/memory-home.ts';
import { NO_EFFECTS } from '../core/effects.ts';
import { createListDestinationEntries } from './list-destination-entries.ts';
import { createListWebhooks } from './list-webhooks.ts';

const openHome = () => {
  const clock = createTestClock();
  const home = createMemoryHome(clock);
  /** A webhook with events for the destination, and what became of each. */
  const put = async (number: number, ...states: readonly ('waiting' | 'delivered' | 'given_up')[]) => {
    const insertion = insertionOf({ webhookId: `stripe:evt_${number}`, receivedAt: NOW + Math.floor(number / 2) });
    const { webhook } = insertion;
    await home.store.insert(insertion);
    const event = { type: 'payment.succeeded', paymentId: null, news: 'news', destinations: ['ledger'] } as const;
    await home.store.change(webhook, 1, {
      status: 'processed',
      attempts: 1,
      lastError: null,
      nextAttemptAt: null,
      effects: { ...NO_EFFECTS, events: states.map(() => event) },
      changedAt: NOW,
      actor: { type: 'component', id: 'processor' },
      reason: null,
    });
    for (const [index, state] of states.entries()) {
      const eventId = index === 0 ? webhook.webhookId : `${webhook.webhookId}#${index + 1}`;
      const { webhookId, timestamp } = webhook;
      const entry = { webhookId, timestamp, provider: 'stripe', traceId: 't', news: 'news', eventId } as const;
      await home.destinations.put(
        [
          { ...entry, destination: 'ledger' },
          { ...entry, destination: 'bus' },
        ],
        NOW,
      );
      const claims = state === 'waiting' ? [] : await home.destinations.claim('ledger', 99, 1);
      const [claim] = claims.filter((one) => one.entry.eventId === eventId);
      if (claim === undefined) continue;
      const outcome =
        state === 'delivered' ? { outcome: state } : { outcome: state as 'given_up', error: 'answered 500' };
      await home.destinations.settle([{ claim, ...outcome }], NOW);
    }
    clock.advance(2);
  };
  return { home, put, entries: createListDestinationEntries(home), webhooks: createListWebhooks(home) };
};

describe('the entries of a destination', () => {
  test('are handed out each once over pages, also where a page ends inside of a webhook and others come', async () => {
    const { put, entries } = openHome();
    for (let number = 1; number <= 6; number += 1) await put(number, 'waiting', 'given_up', 'delivered');
    const all = await entries({ destination: 'ledger', limit: 100 });
    const walked: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await entries({ destination: 'ledger', limit: 4, after });
      walked.push(...page.items.map(({ eventId }) => eventId));
      if (page.next === null) break;
      after = page.next;
      await put(100 + walked.length, 'waiting');
    }

    expect(all.items).toHaveLength(18);
    expect(walked).toEqual(all.items.map(({ eventId }) => eventId));
    for (const [index, after] of all.cursors.entries()) {
      const rest = await entries({ destination: 'ledger', limit: 100, after });
      expect(rest.items, String(index)).toEqual(all.items.slice(index + 1));
    }
  });

  test('are filtered by state, and the list says how far it looked', async () => {
    const { put, entries } = openHome();
    await put(1, 'given_up', 'delivered');
    for (let number = 2; number <= 9; number += 1) await put(number, 'delivered');
    const query = { destination: 'ledger', state: ['given_up'], limit: 5, lookAtMax: 4 } as const;

    const first = await entries(query);
    const second = await entries({ ...query, after: first.next ?? '' });
    const third = await entries({ ...query, after: second.next ?? '' });

    expect(first).toMatchObject({ items: [], scannedUntil: NOW + 3 });
    expect(second).toMatchObject({ items: [], scannedUntil: NOW + 1 });
    expect(third).toMatchObject({ items: [{ eventId: 'stripe:evt_1', lastError: 'answered 500' }], next: null });
    expect((await entries({ destination: 'ship', limit: 5 })).items).toEqual([]);
  });

  test('choose webhooks by what became of one of them', async () => {
    const { put, webhooks } = openHome();
    await put(1, 'delivered', 'given_up');
    await put(2, 'delivered');
    await put(3, 'given_up');
    const listed = async (query: object) =>
      (await webhooks({ limit: 9, ...query })).items.map(({ webhookId }) => webhookId.slice(-1));

    expect(await listed({ destination: 'ledger', entryState: 'given_up' })).toEqual(['3', '1']);
    expect(await listed({ destination: 'ledger', entryState: 'given_up', limit: 1 })).toEqual(['3']);
    expect(await listed({ destination: 'bus', entryState: 'given_up' })).toEqual([]);
    await expect(webhooks({ limit: 9, entryState: 'given_up' })).rejects.toThrow('name the destination too');
  });
});
