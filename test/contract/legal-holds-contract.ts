/** What a home that removes what had its time does with what is held. */
import { describe, expect } from 'vitest';
import { createMemoryDigestAnchor, createMemoryDigestSigner } from '../../src/adapters/memory/memory-digest-keys.ts';
import { OPERATORS_CHAIN, readRecord } from '../../src/audit/audit.ts';
import { createCheckAudit } from '../../src/audit/check.ts';
import { NO_EFFECTS } from '../../src/core/effects.ts';
import type { LegalHold, LegalHolds } from '../../src/core/ports/legal-holds.ts';
import type { StatusChange } from '../../src/core/ports/webhook-store.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import type { PaymentStore } from '../../src/payments/payment-store.ts';
import { NOW } from '../support/clock.ts';
import { insertionOf } from '../support/insertion.ts';
import { type ContractOptions, defineContract } from './contract-tests.ts';
import { getStored, type HomeHarness } from './homes.ts';
import { changeOf, stateEvent } from './payment-events.ts';

export interface LegalHoldsHarness extends HomeHarness {
  readonly legalHolds: LegalHolds;
  readonly payments: PaymentStore;
  /** An hour in which the home does by itself what it does for holds. */
  readonly passAnHour: () => Promise<void>;
  /** Removes what has had its time, as the home does it by itself, and settles. */
  readonly removeExpired: () => Promise<void>;
}

export type OpenLegalHolds = () => Promise<LegalHoldsHarness>;

/** As long as `insertionOf` keeps webhooks. */
const KEPT_MS = 400 * DAY_MS;

const holdOf = (id: string, overrides: Partial<LegalHold> = {}): LegalHold => ({
  kind: id.startsWith('stripe:') ? 'webhook' : 'payment',
  id,
  reason: 'dispute 4711',
  heldAt: NOW,
  heldBy: 'alice',
  ...overrides,
});

const removalOf = (id: string) => ({ id, reason: 'settled', removedAt: NOW + HOUR_MS, removedBy: 'bob' });

export const changeTo = (
  status: 'processed' | 'received',
  changedAt: number,
  paymentId: string | null = null,
): StatusChange => ({
  status,
  attempts: 1,
  lastError: null,
  nextAttemptAt: null,
  effects: {
    ...NO_EFFECTS,
    events: paymentId === null ? [] : [{ type: 'payment.succeeded', paymentId, news: 'news' }],
  },
  changedAt,
  actor: { type: 'component', id: 'processor' },
  reason: null,
});

/** A webhook that was processed, and is an event of this payment. */
export const insertProcessed = async (home: LegalHoldsHarness, name: string, paymentId: string): Promise<void> => {
  const { webhook, ...rest } = insertionOf({ webhookId: `stripe:${name}`, providerEventId: name });
  await home.store.insert({ webhook, ...rest });
  await home.payments.apply(changeOf(stateEvent(name, { payment: paymentId })), NOW);
  await home.store.change(webhook, 1, changeTo('processed', NOW + 1, paymentId));
};

const NAMES = ['evt_1', 'evt_2', 'evt_3'];

const storedIn = async ({ store }: LegalHoldsHarness): Promise<readonly string[]> => {
  const found = await Promise.all(NAMES.map((name) => store.find(`stripe:${name}`)));
  return found.flat().map(({ webhookId }) => webhookId.slice('stripe:'.length));
};

const endTime = async (home: LegalHoldsHarness): Promise<readonly string[]> => {
  home.clock.set(NOW + KEPT_MS + DAY_MS);
  await home.removeExpired();
  return storedIn(home);
};

const check = async (home: LegalHoldsHarness) => {
  await home.settle?.();
  const [signer, anchor] = [createMemoryDigestSigner(), createMemoryDigestAnchor()];
  return createCheckAudit({ ...home, signer, anchor })();
};

export const describeLegalHolds = (name: string, open: OpenLegalHolds, options: ContractOptions = {}): void => {
  describe(`LegalHolds: ${name}`, () => {
    defineContract(options, (test) => {
      test('are listed, the newest first, each once, with an entry of who added and removed it', async () => {
        await using home = await open();
        const { legalHolds } = home;
        await insertProcessed(home, 'evt_1', 'pi_1');
        const [first, second] = [holdOf('stripe:evt_1'), holdOf('pi_1', { heldAt: NOW + 1 })];

        expect(await legalHolds.list()).toEqual([]);
        expect(await legalHolds.add(first)).toBe('added');
        expect(await legalHolds.add(second)).toBe('added');
        expect(await legalHolds.add({ ...first, heldBy: 'bob', heldAt: NOW + 2 })).toBe('there');
        expect(await legalHolds.list()).toEqual([second, first]);
        expect(await legalHolds.remove(removalOf('stripe:evt_1'))).toBe(true);
        expect(await legalHolds.remove(removalOf('stripe:evt_1'))).toBe(false);
        expect(await legalHolds.list()).toEqual([second]);

        const records = (await home.auditLog.chain(OPERATORS_CHAIN, 10)).map(readRecord);
        expect(records).toMatchObject([
          { event: 'LEGAL_HOLD_ADDED', actor: { id: 'alice' }, resource: { id: 'webhook stripe:evt_1' } },
          { event: 'LEGAL_HOLD_ADDED', actor: { id: 'alice' }, resource: { id: 'payment pi_1' } },
          { event: 'LEGAL_HOLD_REMOVED', actor: { id: 'bob' }, reason: 'settled' },
        ]);
      });

      test('keep a webhook beyond its time, and nothing else', async () => {
        await using home = await open();
        for (const each of NAMES) await insertProcessed(home, each, `pi_${each}`);
        await home.legalHolds.add(holdOf('stripe:evt_2'));

        expect(await endTime(home)).toEqual(['evt_2']);
        expect((await check(home)).outcome).toBe('whole');
      });

      test('keep a payment with its webhooks, also one that came later', async () => {
        await using home = await open();
        await insertProcessed(home, 'evt_1', 'pi_1');
        await insertProcessed(home, 'evt_2', 'pi_2');
        await home.legalHolds.add(holdOf('pi_1'));
        await insertProcessed(home, 'evt_3', 'pi_1');
        await home.passAnHour();

        expect(await endTime(home)).toEqual(['evt_1', 'evt_3']);
        expect(await home.payments.find('pi_1')).toHaveLength(1);
        expect((await check(home)).outcome).toBe('whole');
      });

      test('let go what was held when they are removed, once its time has ended', async () => {
        await using home = await open();
        for (const each of NAMES) await insertProcessed(home, each, `pi_${each}`);
        await home.legalHolds.add(holdOf('stripe:evt_1'));
        await home.legalHolds.add(holdOf('pi_evt_2'));
        await home.legalHolds.remove(removalOf('stripe:evt_1'));
        expect(await storedIn(home)).toEqual(NAMES);

        expect(await endTime(home)).toEqual(['evt_2']);
        await home.legalHolds.remove(removalOf('pi_evt_2'));
        expect(await endTime(home)).toEqual([]);
        expect((await check(home)).outcome).toBe('whole');
      });

      test('each hold by themselves: a webhook stays as long as one of them is there', async () => {
        await using home = await open();
        await insertProcessed(home, 'evt_1', 'pi_1');
        await home.legalHolds.add(holdOf('stripe:evt_1'));
        await home.legalHolds.add(holdOf('pi_1'));

        await home.legalHolds.remove(removalOf('stripe:evt_1'));
        expect(await endTime(home)).toEqual(['evt_1']);
        await home.legalHolds.add(holdOf('stripe:evt_1'));
        await home.legalHolds.remove(removalOf('pi_1'));
        expect(await endTime(home)).toEqual(['evt_1']);
        await home.legalHolds.remove(removalOf('stripe:evt_1'));
        expect(await endTime(home)).toEqual([]);
      });

      test('stand in the way of nothing: what is held is changed as before, and says the same of itself', async () => {
        await using home = await open();
        await insertProcessed(home, 'evt_1', 'pi_1');
        const key = insertionOf().webhook;
        const before = await getStored(home, key);
        await home.legalHolds.add(holdOf('stripe:evt_1'));

        expect(await getStored(home, key)).toEqual(before);
        expect(await home.store.change(key, before.revision, changeTo('received', NOW + 2))).toMatchObject({
          outcome: 'changed',
        });
        await home.store.change(key, before.revision + 1, changeTo('processed', NOW + 3, 'pi_1'));
        await home.legalHolds.remove(removalOf('stripe:evt_1'));

        expect(await getStored(home, key)).toMatchObject({ status: 'processed', expiresAt: before.expiresAt });
        expect((await check(home)).outcome).toBe('whole');
      });
    });
  });
};
