/**
 * A day of three providers in which deliveries are dropped, two hours are dark and an endpoint is disabled, with a store that
 * breaks and providers that fail on the way: afterwards every payment is as its provider has it, and each handler was called
 * once for each webhook.
 */
import { describe, expect, test } from 'vitest';
import { PayhookError } from '../../src/core/errors.ts';
import { LIMITS } from '../../src/core/limits.ts';
import type { EventSource, ListOutcome } from '../../src/core/ports/provider-events.ts';
import type { Insertion } from '../../src/core/ports/webhook-store.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { HOMES, type LocalHarness } from '../contract/homes.ts';
import { NOW } from '../support/clock.ts';
import { createMemoryProviderEvents, type MemoryProviderEvents } from '../support/memory-provider-events.ts';
import { createDay, createNamed, firstWrong, isAsPlanned, NAMES, paymentsOr } from './day.ts';
import { createReconcileHome, type Name, sourceOf } from './reconcile-home.ts';

const PAYMENTS = paymentsOr(60);

/** Breaks every n-th insert: before it takes effect, and after it did. */
const breaking = (harness: LocalHarness, every: number): LocalHarness => {
  let calls = 0;
  const store = {
    ...harness.store,
    find: harness.store.find.bind(harness.store),
    get: harness.store.get.bind(harness.store),
    change: harness.store.change.bind(harness.store),
    async insert(insertion: Insertion) {
      calls += 1;
      const isBroken = calls % every === 0;
      if (isBroken && calls % (2 * every) === 0) throw new PayhookError('store_unavailable', 'broken before');
      const outcome = await harness.store.insert(insertion);
      if (isBroken) throw new PayhookError('store_unavailable', 'took effect, and the answer was lost');
      return outcome;
    },
  };
  return { ...harness, store };
};

const FAULTS: readonly ListOutcome[] = [
  { outcome: 'unavailable', reason: 'http_500' },
  { outcome: 'rate_limited', retryAfterMs: 3 * MINUTE_MS },
  { outcome: 'cursor_refused' },
  { outcome: 'credential_refused', reason: 'http_401' },
];

/**
 * Round after round, until each list was gone through in one without a fault. A run that breaks is a process that was killed:
 * nothing but the stores is left of it.
 */
const reconcileAll = async (
  { run, clock }: ReturnType<typeof createReconcileHome>,
  sources: readonly EventSource[],
  lists: ReadonlyMap<Name, MemoryProviderEvents>,
): Promise<void> => {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    let complete = 0;
    for (const [index, source] of sources.entries()) {
      const fault = FAULTS[(round + index) % 8];
      if (fault !== undefined) lists.get(source.provider as Name)?.answers.push(fault);
      const report = await run(source).catch((error: PayhookError) => error.code);
      if (typeof report === 'string') continue;
      if (report.end.outcome === 'complete' && !report.isResumed) complete += 1;
    }
    if (complete === sources.length) return;
    clock.advance(LIMITS.reconcileEveryMs);
  }
  throw new Error(`not complete after ${ROUNDS_MAX} rounds`);
};

const ROUNDS_MAX = 500;

for (const { name, open } of HOMES.filter((home) => ['memory', 'sqlite on its thread'].includes(home.name))) {
  describe(`a day of ${PAYMENTS} payments, ${name}`, () => {
    test(
      'comes out as its providers have it, whatever was dropped and whatever broke',
      async () => {
        const harness = await open();
        await using _closed = { [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose]() };
        const home = createReconcileHome(breaking(harness, Math.max(29, Math.floor(PAYMENTS / 5))));
        const { clock } = home;
        const lists = new Map<Name, MemoryProviderEvents>();
        const sources: EventSource[] = NAMES.map((provider) => {
          const list = createMemoryProviderEvents(clock.now);
          lists.set(provider, list);
          return sourceOf(provider, list);
        });
        const day = createDay(NOW, PAYMENTS);
        const { begun, payments, told, dropped } = day;

        clock.set(begun);
        for (const source of sources) await home.run(source);
        clock.set(NOW + HOUR_MS);
        for (const one of told) {
          const { provider, webhookId, at, body, isDelivered } = one;
          lists.get(provider)?.happened.push({ id: webhookId, at, body });
          if (isDelivered) await home.deliver(provider, body).catch(() => home.deliver(provider, body));
        }
        await home.work();
        expect(dropped.size).toBeGreaterThan(told.length * 0.03);

        await reconcileAll(home, sources, lists);
        await home.work();

        // One after the other: a store takes so many calls at once, and no more.
        const otherwise = await firstWrong(
          payments,
          ({ paymentId }) => paymentId,
          async ({ paymentId, provider, planned }) =>
            isAsPlanned(
              (await home.payments.find(paymentId)).find((one) => one.payment.provider === provider)?.payment,
              planned,
            ),
        );
        expect(otherwise).toEqual([]);
        const nameOf = ({ webhookId }: { readonly webhookId: string }): string => webhookId;
        expect(await firstWrong(told, nameOf, ({ webhookId }) => home.handled.get(webhookId) === 1)).toEqual([]);
        expect(home.handled.size).toBe(told.length);
        // Each was named at most once, with its money; one whose answer was lost is found to be there by the next run.
        const named = createNamed(day);
        for (const { event, fields } of home.logger.lines) {
          if (event === 'webhook.recovered') named.add(String(fields.webhook_id), String(fields.message));
        }
        expect(named.wrong()).toEqual([]);
        expect(named.count()).toBeGreaterThan(dropped.size * 0.9);
        const ofAnotherOrigin = await firstWrong(
          told,
          nameOf,
          async ({ webhookId }) =>
            ((await home.store.find(webhookId))[0]?.origin === 'reconciliation') === dropped.has(webhookId),
        );
        expect(ofAnotherOrigin).toEqual([]);
        // Of the whole day, tens of thousands of webhooks: longer than any other test.
      },
      Math.max(30_000, PAYMENTS * 400),
    );
  });
}
