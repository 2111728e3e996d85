/** Which signing secret is in use, and which may go. */
import { describe, expect, test } from 'vitest';
import { createTestHome, STRIPE_SECRET, stripeDelivery } from '../../test/support/test-home.ts';
import { createMemorySecretSource } from '../adapters/memory/memory-secret-source.ts';
import { isSecretId, secretIdOf } from '../core/secret-id.ts';
import { DAY_MS } from '../core/time.ts';
import { createSecretUse } from './secret-use.ts';

const NEXT_SECRET = 'whsec_the_next_one_of_a_rotation';
const OLD = secretIdOf('stripe', STRIPE_SECRET);
const NEXT = secretIdOf('stripe', NEXT_SECRET);

const open = () => {
  const home = createTestHome({ secrets: [NEXT_SECRET, STRIPE_SECRET] });
  const deliver = async (id: string, secret: string): Promise<void> => {
    const outcome = await home.deliver(stripeDelivery(home.clock, id, { secret }));
    if (outcome.outcome !== 'accepted') throw new Error(`${id} was ${outcome.outcome}`);
  };
  const verdicts = async (...configured: readonly string[]) => {
    const { uses } = await createSecretUse(home)('stripe', configured);
    return uses.map(({ secretId, verdict, webhooks }) => [secretId, verdict, webhooks]);
  };
  return { ...home, deliver, verdicts, use: createSecretUse(home) };
};

describe('a signing secret', () => {
  test('is named by a fingerprint that does not change when another one comes before it', async () => {
    const ids = async (...values: string[]) =>
      (await createMemorySecretSource(new Map([['stripe', values]])).secretsOf('stripe')).map(({ id }) => id);

    expect(await ids(STRIPE_SECRET)).toEqual([OLD]);
    expect(await ids(NEXT_SECRET, STRIPE_SECRET)).toEqual([NEXT, OLD]);
    expect([OLD, NEXT].every(isSecretId)).toBe(true);
    expect(isSecretId('stripe#1')).toBe(false);
    expect(secretIdOf('square', STRIPE_SECRET)).not.toBe(OLD.replace('stripe', 'square'));
  });

  test('that has verified nothing is told apart: no other has either, or another one does', async () => {
    const { deliver, verdicts } = open();
    expect(await verdicts(OLD)).toEqual([[OLD, 'silent', 0]]);

    await deliver('evt_1', STRIPE_SECRET);

    expect(await verdicts(NEXT, OLD)).toEqual([
      [NEXT, 'unused', 0],
      [OLD, 'in_use', 1],
    ]);
  });

  test('is safe to remove a day after it verified something last, if another one has since', async () => {
    const { deliver, verdicts, clock, use } = open();
    await deliver('evt_1', STRIPE_SECRET);
    clock.advance(1000);
    await deliver('evt_2', NEXT_SECRET);
    expect(await verdicts(NEXT, OLD)).toEqual([
      [NEXT, 'in_use', 1],
      [OLD, 'in_use', 1],
    ]);

    clock.advance(DAY_MS);

    expect(await verdicts(NEXT, OLD)).toEqual([
      [NEXT, 'in_use', 1],
      [OLD, 'old', 1],
    ]);
    const { uses, lookedAt, lookedBackTo } = await use('stripe', [NEXT]);
    expect(uses).toMatchObject([{ verdict: 'in_use' }, { secretId: OLD, verdict: 'removed', webhooks: 1 }]);
    expect([lookedAt, lookedBackTo]).toEqual([2, clock.now() - DAY_MS - 1000]);
  });

  test('of before fingerprints says nothing of any', async () => {
    const home = open();
    await home.deliver('evt_1', STRIPE_SECRET);
    const { list } = home.store;
    const store = {
      list: async (filter: Parameters<typeof list>[0]) => {
        const page = await list(filter);
        return { ...page, items: page.items.map((webhook) => ({ ...webhook, secretId: 'stripe#1' })) };
      },
    };

    expect((await createSecretUse({ ...home, store })('stripe', [OLD])).uses).toMatchObject([
      { secretId: OLD, verdict: 'unused' },
    ]);
  });
});
