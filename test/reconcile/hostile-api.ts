/**
 * What a provider's API may do to whoever reconciles with it: lead in circles, name the wrong things, live at another time, say nothing
 * that can be read. Nothing is recovered twice or wrongly by it, and nothing that can be had later is given up. The same in
 * every home.
 */
import { describe, expect, test } from 'vitest';
import { createCallApi } from '../../src/adapters/http/call-api.ts';
import { LIMITS } from '../../src/core/limits.ts';
import type { EventSource, ListOutcome, ListRequest } from '../../src/core/ports/provider-events.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import type { EpochMs } from '../../src/core/webhook.ts';
import { EVENTS_APIS } from '../../src/providers/events-apis.ts';
import type { OpenLocalHome } from '../contract/homes.ts';
import { NOW } from '../support/clock.ts';
import { API_CREDENTIALS, openFakeApis } from '../support/fake-apis.ts';
import { createMemoryProviderEvents } from '../support/memory-provider-events.ts';
import { createReconcileHome, type Name, type ReconcileHomeOptions, sourceOf } from './reconcile-home.ts';

const wholeSeconds = (at: EpochMs): EpochMs => Math.floor(at / SECOND_MS) * SECOND_MS;

/** A payment that was made at Stripe. */
const bodyOf = (id: string, at: EpochMs, more: object = {}): string =>
  JSON.stringify({
    id,
    object: 'event',
    created: at / SECOND_MS,
    type: 'payment_intent.succeeded',
    livemode: false,
    data: {
      object: { id: `pi_${id}`, object: 'payment_intent', amount: 2000, amount_received: 2000, currency: 'usd' },
    },
    ...more,
  });

const squareBodyOf = (id: string, at: EpochMs): string =>
  JSON.stringify({
    merchant_id: 'M1',
    type: 'payment.updated',
    event_id: id,
    created_at: new Date(at).toISOString(),
    data: {
      type: 'payment',
      id: `p_${id}`,
      object: {
        payment: {
          id: `p_${id}`,
          created_at: new Date(at).toISOString(),
          status: 'COMPLETED',
          amount_money: { amount: 1200, currency: 'EUR' },
          total_money: { amount: 1200, currency: 'EUR' },
        },
      },
    },
  });

const paypalBodyOf = (id: string, at: EpochMs): string =>
  JSON.stringify({
    id,
    create_time: new Date(at).toISOString(),
    event_type: 'PAYMENT.CAPTURE.COMPLETED',
    resource: { id: `CAP-${id}`, amount: { currency_code: 'USD', value: '30.00' }, status: 'COMPLETED' },
  });

const BODIES: Readonly<Record<Name, (id: string, at: EpochMs) => string>> = {
  stripe: bodyOf,
  square: squareBodyOf,
  paypal: paypalBodyOf,
};

const settled = LIMITS.reconcileSettleMs + SECOND_MS;

const openWith = async (openHome: OpenLocalHome, options: ReconcileHomeOptions = {}) => {
  const harness = await openHome();
  const home = createReconcileHome(harness, options);
  const events = createMemoryProviderEvents(home.clock.now);
  const source = sourceOf('stripe', events);
  const recovered = async (ids: readonly string[]): Promise<readonly string[]> => {
    const found = await Promise.all(
      ids.map(async (id) => [id, (await home.store.find(`stripe:${id}`)).length] as const),
    );
    return found.filter(([, count]) => count === 1).map(([id]) => id);
  };
  return { ...home, events, source, recovered, [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose]() };
};

/** The same, against what the providers' APIs say over HTTP. */
const openOverHttp = async (openHome: OpenLocalHome) => {
  const home = await openWith(openHome);
  const apis = await openFakeApis(home.clock.now);
  const sourceFor = (name: Name): EventSource => {
    const api = EVENTS_APIS.find(({ provider }) => provider === name);
    const [source] =
      api?.open({
        credentials: [API_CREDENTIALS[name]],
        accounts: [],
        apiUrl: apis.urls[name],
        call: createCallApi(home),
        clock: home.clock,
      }) ?? [];
    if (source === undefined) throw new Error(`no list of ${name}`);
    return source;
  };
  return {
    ...home,
    apis,
    sourceFor,
    async [Symbol.asyncDispose]() {
      await apis[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
};

/** Three pages of which the last leads to the first. */
const circle = (at: EpochMs) => {
  const ids = ['evt_a', 'evt_b', 'evt_c'];
  const requests: (string | null)[] = [];
  const list = async ({ cursor }: ListRequest): Promise<ListOutcome> => {
    requests.push(cursor);
    const page = Number(cursor ?? 0);
    const id = ids[page % ids.length] as string;
    return { outcome: 'page', events: [{ body: Buffer.from(bodyOf(id, at)) }], next: String((page + 1) % ids.length) };
  };
  return { ids, requests, events: { listedForMs: 30 * DAY_MS, list } };
};

export const describeHostileApi = (name: string, open: OpenLocalHome): void => {
  describe(`an API that leads astray, ${name}`, () => {
    test('in circles: all of them is recovered once, and nobody goes round again and again', async () => {
      await using home = await openWith(open);
      const { ids, requests, events } = circle(NOW);
      const source = { ...home.source, events };
      await home.run(source);
      home.clock.advance(settled);

      const { end, tally } = await home.run(source);
      const askedOnce = requests.length;
      home.clock.advance(LIMITS.reconcileEveryMs);
      const next = await home.run(source);
      await home.work();

      expect(end).toEqual({ outcome: 'unavailable', reason: 'cursor_not_usable' });
      expect(tally).toMatchObject({ missing: 3, recovered: 3 });
      expect(next).toMatchObject({
        end,
        tally: { missing: 0, recovered: 0 },
        checkedUntil: NOW - LIMITS.reconcileSettleMs,
      });
      expect(askedOnce).toBeLessThan(10);
      expect(requests.length).toBe(2 * askedOnce);
      expect(await home.recovered(ids)).toEqual(ids);
      expect([...home.handled.values()]).toEqual([1, 1, 1]);
    });

    test('in circles that no run comes round: the next run knows where the one before was', async () => {
      await using home = await openWith(open);
      const { requests, events } = circle(NOW);
      const source = { ...home.source, events };
      await home.run(source);
      home.clock.advance(settled);
      const ends: string[] = [];
      for (let round = 0; round < 20 && ends.at(-1) !== 'unavailable'; round += 1) {
        let pages = 0;
        const isStopping = (): boolean => {
          pages += 1;
          return pages > 1;
        };
        ends.push((await home.run(source, { isStopping })).end.outcome);
      }

      expect(ends.at(-1)).toBe('unavailable');
      expect(requests.length).toBeLessThan(10);
    });

    test('by ids that differ in nothing but their case: they are two events', async () => {
      await using home = await openWith(open);
      await home.run(home.source);
      await home.deliver('stripe', bodyOf('evt_Case', NOW));
      for (const id of ['evt_Case', 'evt_case']) home.events.happened.push({ id, at: NOW, body: bodyOf(id, NOW) });
      home.clock.advance(settled);

      expect((await home.run(home.source)).tally).toMatchObject({ listed: 2, missing: 1, recovered: 1 });
      expect((await home.store.find('stripe:evt_Case'))[0]).not.toHaveProperty('origin');
      expect((await home.store.find('stripe:evt_case'))[0]).toHaveProperty('origin', 'reconciliation');
    });

    test('by one event in two places of a page, at two times: it is recovered once', async () => {
      await using home = await openWith(open);
      await home.run(home.source);
      for (const at of [NOW, NOW - SECOND_MS, NOW + SECOND_MS]) {
        home.events.happened.push({ id: 'evt_twice', at: NOW, body: bodyOf('evt_twice', at) });
      }
      home.clock.advance(settled);

      expect((await home.run(home.source)).tally).toMatchObject({ listed: 3, missing: 1, recovered: 1 });
      expect(await home.store.find('stripe:evt_twice')).toHaveLength(1);
    });

    test('to another account than the one that was asked for: its events are left alone', async () => {
      await using home = await openWith(open);
      const source = { ...home.source, account: 'acct_ours' };
      await home.run(source);
      for (const account of ['acct_ours', 'acct_theirs']) {
        home.events.happened.push({ id: account, at: NOW, body: bodyOf(`evt_${account}`, NOW, { account }) });
      }
      home.clock.advance(settled);

      expect((await home.run(source)).tally).toMatchObject({ recovered: 1, skipped: { other_account: 1 } });
      expect(await home.store.find('stripe:evt_acct_theirs')).toEqual([]);
    });

    test('over pages whose events go while they are read: what remains is recovered', async () => {
      await using home = await openOverHttp(open);
      const source = home.sourceFor('stripe');
      await home.run(source);
      const { happened } = home.apis.stripe;
      const ids = Array.from({ length: 250 }, (_, index) => `evt_${1000 + index}`);
      for (const id of ids) happened.push({ id, at: NOW, body: bodyOf(id, NOW) });
      home.clock.advance(settled);
      let pages = 0;
      const onPage = (): void => {
        pages += 1;
        // The last one of the page, behind which the next begins, and some of those that follow.
        if (pages === 1) happened.splice(140, 20);
      };

      const { end } = await home.run(source, { onPage });

      expect(end).toEqual({ outcome: 'complete' });
      const remaining = happened.map(({ id }) => id);
      expect(remaining).toHaveLength(230);
      expect(await home.recovered(remaining)).toEqual(remaining);
    });
  });

  describe(`an API that lives at another time, ${name}`, () => {
    /** What it says of itself is so long after what our clock says. */
    const openAt = async (aheadMs: number, options: ReconcileHomeOptions = {}) => {
      const home = await openWith(open, options);
      const theirs = (): EpochMs => home.clock.now() - aheadMs;
      const events = createMemoryProviderEvents(theirs);
      const list = async (request: ListRequest): Promise<ListOutcome> => {
        const listed = await events.list(request);
        return listed.outcome === 'page' ? { ...listed, answeredAt: theirs() } : listed;
      };
      const happen = (id: string, at = wholeSeconds(theirs())): void =>
        void events.happened.push({ id, at, body: bodyOf(id, at) });
      return { ...home, theirs, happen, source: { ...home.source, events: { listedForMs: events.listedForMs, list } } };
    };

    test('behind ours: what happens after it was asked for is asked for again, and somebody may read why', async () => {
      await using home = await openAt(5 * HOUR_MS);
      home.clock.advance(-5 * HOUR_MS);
      await home.run(home.source);
      home.clock.advance(5 * HOUR_MS);
      const ids: string[] = [];
      for (let round = 0; round < 48; round += 1) {
        ids.push(`evt_${round}`);
        home.happen(`evt_${round}`);
        home.clock.advance(LIMITS.reconcileEveryMs);
        await home.run(home.source);
      }

      expect(home.logger.lines.filter(({ event }) => event === 'reconcile.clock_ahead')[0]?.fields.message).toContain(
        '18000 s ahead',
      );
      const late = ids.slice(-2);
      expect(await home.recovered(ids)).toEqual(expect.arrayContaining(ids.filter((id) => !late.includes(id))));
    });

    test('behind ours until ours is put right: the hours between are asked for', async () => {
      await using home = await openAt(0);
      await home.run(home.source);
      home.clock.advance(MINUTE_MS);
      const { list } = home.source.events;
      const AHEAD = 5 * HOUR_MS;
      const wrong = async (request: ListRequest): Promise<ListOutcome> => {
        home.clock.advance(-AHEAD);
        const listed = await list(request);
        home.clock.advance(AHEAD);
        return listed;
      };
      home.clock.advance(AHEAD);
      await home.run({ ...home.source, events: { ...home.source.events, list: wrong } });
      home.clock.advance(-AHEAD);
      home.happen('evt_between');
      home.clock.advance(settled);

      await home.run(home.source);

      expect(await home.recovered(['evt_between'])).toEqual(['evt_between']);
    });

    test('ahead of ours: nothing is recovered that retention has deleted by it', async () => {
      await using home = await openAt(-8 * DAY_MS, { retentionMs: 10 * DAY_MS });
      home.happen('evt_deleted', NOW - 5 * DAY_MS);
      home.happen('evt_kept', NOW - DAY_MS);

      const { tally } = await home.run(home.source, { since: NOW - 9 * DAY_MS });

      expect(tally.skipped).toEqual({ too_old: 1 });

      expect(await home.recovered(['evt_deleted', 'evt_kept'])).toEqual(['evt_kept']);
    });
  });

  describe(`an API that gives no answer, ${name}`, () => {
    test('for a year, as it says: it is asked again the next day, and somebody is told once that its list is behind', async () => {
      await using home = await openOverHttp(open);
      const source = home.sourceFor('stripe');
      await home.run(source);
      home.apis.stripe.happened.push({ id: 'evt_1', at: NOW, body: bodyOf('evt_1', NOW) });
      home.apis.stripe.faults.push({ status: 429, retryAfter: String((365 * DAY_MS) / SECOND_MS) });
      home.clock.advance(settled);
      for (let at = 0; at < DAY_MS; at += 20 * MINUTE_MS) {
        await home.run(source);
        home.clock.advance(20 * MINUTE_MS);
      }
      expect(home.apis.stripe.requests()).toBe(1);
      expect(home.alerts.raised.map(({ kind }) => kind)).toEqual(['reconciliation_behind']);

      await home.run(source);

      expect(await home.recovered(['evt_1'])).toEqual(['evt_1']);
    });

    test.each([
      ['HTML', '<!doctype html><title>Sign in</title>'],
      ['half of the JSON', '{"data": [{"id": "evt_1", "object"'],
      ['no object', '[]'],
      ['what went wrong', '{"errors": [{"code": "INTERNAL_SERVER_ERROR"}]}'],
      ['what went wrong, as PayPal says it', '{"name": "INTERNAL_SERVER_ERROR", "message": "An error occurred"}'],
      ['another list', '{"data": {}, "events": "none"}'],
    ])('but 200 and %s: nothing is taken for checked, and all of it is recovered later', async (_what, body) => {
      await using home = await openOverHttp(open);
      for (const provider of ['stripe', 'paypal', 'square'] as const) {
        const source = home.sourceFor(provider);
        await home.run(source);
        const { checkedUntil } = await home.run(source);
        const at = wholeSeconds(home.clock.now());
        const api = home.apis[provider];
        api.happened.push({ id: 'evt_1', at, body: BODIES[provider]('evt_1', at) });
        home.clock.advance(settled);
        // PayPal is asked for a token first.
        api.faults.push(...(provider === 'paypal' ? ['none' as const] : []), { status: 200, body });

        const astray = await home.run(source);
        home.clock.advance(5 * HOUR_MS);
        const next = await home.run(source);

        expect(astray).toMatchObject({
          end: { outcome: 'unavailable', reason: 'answer_not_understood' },
          checkedUntil,
        });
        expect(next).toMatchObject({ end: { outcome: 'complete' }, tally: { recovered: 1 } });
      }
    });
  });
};
