import { beforeEach, describe, expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import type { Webhook } from '../core/webhook.ts';
import { type AuditEntry, readRecord } from './audit.ts';
import type { AuditedWebhook, AuditedWebhooks } from './audited-webhooks.ts';
import { type CheckWebhooksDeps, checkWebhooks } from './check-webhooks.ts';

type Read = Extract<AuditedWebhook, { outcome: 'read' }>;

let home: ReturnType<typeof createTestHome>;
let entries: readonly AuditEntry[];

/** Two webhooks that were processed. */
beforeEach(async () => {
  home = createTestHome({ handler: () => undefined });
  for (const id of ['evt_1', 'evt_2']) await home.deliver(stripeDelivery(home.clock, id));
  home.clock.advance(1000);
  await home.work();
  entries = await home.memory.auditLog.read(0, 100);
});

/** The stored webhooks, the first of them as `change` makes it. */
const storedAs = (
  change: (first: Read) => AuditedWebhook | undefined,
  placeOf: (index: number) => number | null = () => null,
): AuditedWebhooks => {
  const { ofChains } = home.memory.webhooks;
  return {
    ofChains: async (chainIds) => {
      const found = (await ofChains(chainIds)) as readonly Read[];
      return found.flatMap((one, index) => {
        const placed: Read = { ...one, place: placeOf(index) };
        return (index === 0 ? change(placed) : placed) ?? [];
      });
    },
    wasRemoved: async () => false,
    mayBeGone: () => false,
  };
};

const edited = (change: Partial<Webhook>): AuditedWebhooks =>
  storedAs((first) => ({ ...first, webhook: { ...first.webhook, ...change } }));

const check = async (
  webhooks: AuditedWebhooks,
  deps: Omit<CheckWebhooksDeps, 'webhooks'> = {},
  told: readonly AuditEntry[] = entries,
) => {
  const progress = { webhooks: 0, webhooksOfBefore: 0, place: 0 };
  const problems = await checkWebhooks({ webhooks, ...deps }, told, progress);
  return { problems, progress };
};

const CHAIN = 'stripe:evt_1@';
const one = (kind: string, message: RegExp) => [
  expect.objectContaining({
    kind,
    chainId: expect.stringContaining(CHAIN),
    message: expect.stringMatching(message),
  }),
];

describe('stored webhooks that nobody touched', () => {
  test('are as their entries say, each counted once', async () => {
    const { problems, progress } = await check(storedAs((first) => first));

    expect(problems).toEqual([]);
    expect(progress).toEqual({ webhooks: 2, webhooksOfBefore: 0, place: 0 });
  });

  test('stand at places that grow, where the home keeps an order', async () => {
    const { problems, progress } = await check(
      storedAs(
        (first) => first,
        (index) => index + 5,
      ),
    );

    expect([problems, progress.place]).toEqual([[], 6]);
  });

  test('that were accepted before entries said what was received are counted apart, and compared by their end only', async () => {
    const before = entries.map((entry) => {
      const record = readRecord(entry);
      if (record.event !== 'WEBHOOK_ACCEPTED') return entry;
      const { received: _, ...rest } = record;
      return { ...entry, text: JSON.stringify(rest) };
    });

    const { problems, progress } = await check(edited({ eventType: 'charge.refunded' }), {}, before);

    expect([problems, progress]).toEqual([[], { webhooks: 0, webhooksOfBefore: 2, place: 0 }]);
  });
});

describe('a stored webhook that is not what was received', () => {
  test.each<[Partial<Webhook>, RegExp]>([
    [{ eventType: 'charge.refunded' }, /its event type is charge\.refunded and was payment_intent/],
    [{ mode: 'live' }, /its mode is live and was /],
    [{ bodySha256: 'f'.repeat(64) }, /the hash of its body is f{64} and was /],
    [{ payload: { keyId: 'key', bytes: new Uint8Array(9) } }, /its sealed payload is not the one that was stored/],
    [{ account: 'acct_1' }, /what was received with it is not what was stored/],
    [{ headers: { 'user-agent': 'somebody' } }, /what was received with it is not what was stored/],
    [{ secretId: 'stripe#2' }, /what was received with it is not what was stored/],
  ])('because of %j is named', async (change, message) => {
    const { problems } = await check(edited(change));

    expect(problems).toContainEqual(one('webhook_edited', message)[0]);
  });

  test('is named when it was removed, unless its time had ended', async () => {
    const removed = storedAs(() => undefined);

    expect((await check(removed)).problems).toEqual(one('webhook_removed', /was removed: entry 1 says it was stored/));
    expect((await check({ ...removed, mayBeGone: () => true })).problems).toEqual([]);
  });

  test('is named when nothing of ours can have written it as it is', async () => {
    const unreadable = storedAs(({ chainId }) => ({ outcome: 'unreadable', chainId }));

    expect((await check(unreadable)).problems).toEqual(one('webhook_edited', /cannot be read/));
  });

  test('is named when it stands after webhooks that came later', async () => {
    const { problems } = await check(
      storedAs(
        (first) => first,
        (index) => 9 - index,
      ),
    );

    expect(problems).toMatchObject([{ kind: 'webhook_edited', message: expect.stringMatching(/evt_2 was moved/) }]);
  });

  test('is not accused when it was received again after its time had ended', async () => {
    const { expiresAt } = (await home.store.find('stripe:evt_1'))[0]!;
    const again = storedAs((first) => ({
      ...first,
      webhook: { ...first.webhook, receivedAt: expiresAt + 1, eventType: 'charge.refunded' },
      head: { seq: 9, hash: 'another life' },
    }));

    expect((await check(again)).problems).toEqual([]);
  });

  test('is named by a deep check when its payload does not open', async () => {
    const open = async ({ webhookId }: Webhook): Promise<void> => {
      if (webhookId === 'stripe:evt_1') throw new Error('its seal does not open');
    };
    const text = async (): Promise<void> => Promise.reject('not even an error');

    const untouched = storedAs((first) => first);
    expect((await check(untouched, { open })).problems).toEqual(
      one('webhook_edited', /payload of webhook stripe:evt_1 does not open: its seal/),
    );
    expect((await check(untouched, { open: text })).problems).toHaveLength(2);
  });
});

describe('a stored webhook that is not where its chain ends', () => {
  test.each<[Partial<Webhook>, RegExp]>([
    [{ status: 'ignored' }, /it is ignored and should be processed/],
    [{ changedAt: 7 }, /it says that it was changed at another time than /],
    [
      { changedBy: { type: 'operator', id: 'eve' } },
      /it says that operator eve changed it, and component processor did/,
    ],
    [{ attempts: 3 }, /its attempts, last error, next attempt, effects or revision/],
    [{ lastError: 'invented' }, /its attempts, last error/],
    [{ revision: 1 }, /effects or revision/],
  ])('because of %j is named', async (change, message) => {
    expect((await check(edited(change))).problems).toEqual(one('webhook_edited', message));
  });

  test('is named when it was only accepted, and holds more than that', async () => {
    const accepted = entries.slice(0, 2);
    const set = storedAs((first) => ({
      ...first,
      head: { seq: 1, hash: accepted[0]?.hash ?? '' },
      webhook: { ...first.webhook, status: 'received' },
    }));

    expect((await check(set, {}, accepted)).problems).toEqual(one('webhook_edited', /was edited: /));
  });

  test('is named when it was set back, and when it names another entry as its end', async () => {
    const setBack = storedAs((first) => ({ ...first, head: { seq: 1, hash: first.head.hash } }));
    const another = storedAs((first) => ({ ...first, head: { ...first.head, hash: 'f'.repeat(64) } }));

    expect((await check(setBack)).problems).toContainEqual(
      one('webhook_edited', /was set back: it knows 1 entries of its chain, and entry 3 is number 2/)[0],
    );
    expect((await check(another)).problems).toEqual(one('webhook_edited', /ends its chain with another entry than 3/));
  });
});
