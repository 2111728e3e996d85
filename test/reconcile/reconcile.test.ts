/** What a run over one list does, in each local home: what is missing becomes a webhook, once, and nothing else changes. */
import { describe, expect, test } from 'vitest';
import { createMemoryDigestAnchor, createMemoryDigestSigner } from '../../src/adapters/memory/memory-digest-keys.ts';
import { readRecord, webhookChain } from '../../src/audit/audit.ts';
import { createCheckAudit } from '../../src/audit/check.ts';
import { LIMITS } from '../../src/core/limits.ts';
import type { ListOutcome, ListRequest } from '../../src/core/ports/provider-events.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import type { Actor, EpochMs } from '../../src/core/webhook.ts';
import { HOMES, type OpenLocalHome } from '../contract/homes.ts';
import { NOW } from '../support/clock.ts';
import { createMemoryProviderEvents } from '../support/memory-provider-events.ts';
import { createReconcileHome, RECONCILER, type ReconcileHomeOptions, sourceOf } from './reconcile-home.ts';

/** A payment at Stripe, as it is delivered; the list writes the same in one line. */
const eventOf = (id: string, at: EpochMs, change: object = {}): object => ({
  id,
  object: 'event',
  api_version: '2025-03-31.basil',
  created: at / 1000,
  type: 'payment_intent.succeeded',
  livemode: false,
  pending_webhooks: 1,
  data: {
    object: {
      id: `pi_${id}`,
      object: 'payment_intent',
      amount: 2000,
      amount_received: 2000,
      currency: 'usd',
      ...change,
    },
  },
});
const delivered = (event: object): string => JSON.stringify(event, null, 2);
const listed = (event: object): string => JSON.stringify(event);

const openWith = async (openHome: OpenLocalHome, options: ReconcileHomeOptions = {}) => {
  const harness = await openHome();
  const home = createReconcileHome(harness, options);
  const events = createMemoryProviderEvents(home.clock.now);
  const source = sourceOf('stripe', events);
  /** Begins here; what happens from now on is reconciled. */
  await home.run(source);
  const happen = (id: string, change: object = {}): object => {
    const at = Math.floor(home.clock.now() / SECOND_MS) * SECOND_MS;
    const event = eventOf(id, at, change);
    events.happened.push({ id, at, body: listed(event) });
    return event;
  };
  return { ...home, events, source, happen, [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose]() };
};

const OPERATOR: Actor = { type: 'operator', id: 'ann' };
const settled = LIMITS.reconcileSettleMs + SECOND_MS;

for (const { name, open } of HOMES) {
  describe(`reconciling, ${name}`, () => {
    test('makes a webhook of what no delivery brought, like any other', async () => {
      await using home = await openWith(open);
      await home.deliver('stripe', delivered(home.happen('evt_there')));
      home.happen('evt_missing');
      home.clock.advance(settled);

      const report = await home.run(home.source);
      await home.work();

      expect(report).toMatchObject({ end: { outcome: 'complete' }, tally: { listed: 2, missing: 1, recovered: 1 } });
      const [webhook] = await home.store.find('stripe:evt_missing');
      expect(webhook).toMatchObject({
        status: 'processed',
        origin: 'reconciliation',
        eventType: 'payment_intent.succeeded',
        mode: 'test',
        timestamp: NOW,
        secretId: 'stripe-api#1',
        receivedAt: NOW + settled,
      });
      expect((await home.store.find('stripe:evt_there'))[0]).not.toHaveProperty('origin');
      expect(Object.fromEntries(home.handled)).toEqual({ 'stripe:evt_there': 1, 'stripe:evt_missing': 1 });
    });

    test('audits it as recovered by whoever ran, and the trail checks', async () => {
      await using home = await openWith(open);
      home.happen('evt_missing');
      home.clock.advance(settled);
      await home.run(home.source);
      await home.work();

      const [first] = await home.auditLog.chain(webhookChain('stripe:evt_missing', NOW), 10);
      expect(first === undefined ? null : readRecord(first)).toMatchObject({
        event: 'RECOVERED',
        actor: RECONCILER,
        change: { from: null, to: 'received' },
      });
      const check = createCheckAudit({
        ...home,
        signer: createMemoryDigestSigner(),
        anchor: createMemoryDigestAnchor(),
      });
      expect(await check()).toMatchObject({ outcome: 'whole' });
    });

    test('finds what was missed before, during and after a time in which the clock was a year ahead', async () => {
      await using home = await openWith(open);
      home.happen('evt_before');
      home.clock.advance(365 * DAY_MS);
      await home.run(home.source);
      home.clock.advance(-365 * DAY_MS);
      home.happen('evt_after');
      home.clock.advance(settled);

      const report = await home.run(home.source);

      expect(report).toMatchObject({ end: { outcome: 'complete' }, gap: null, tally: { recovered: 2 } });
      expect(report.checkedUntil).toBeLessThan(home.clock.now());
    });

    test('goes on at once after a rest that a clock that was ahead made longer than a provider may ask for', async () => {
      await using home = await openWith(open);
      home.clock.advance(365 * DAY_MS);
      home.events.answers.push({ outcome: 'rate_limited', retryAfterMs: MINUTE_MS });
      expect(await home.run(home.source)).toMatchObject({ end: { outcome: 'resting' } });
      home.clock.advance(settled - 365 * DAY_MS);

      expect(await home.run(home.source)).toMatchObject({ end: { outcome: 'complete' } });
    });

    test('takes a delivery that comes later for a duplicate, although its bytes are others', async () => {
      await using home = await openWith(open);
      const event = home.happen('evt_late');
      home.clock.advance(settled);
      await home.run(home.source);

      const outcome = await home.deliver('stripe', delivered(event));
      await home.work();

      expect(outcome).toMatchObject({ outcome: 'duplicate', events: [{ webhookId: 'stripe:evt_late' }] });
      expect(JSON.stringify(outcome)).not.toContain('isDifferent');
      expect(home.handled.get('stripe:evt_late')).toBe(1);
      expect(home.alerts.raised.map(({ kind }) => kind)).toEqual(['webhooks_missed']);
    });

    test('recovers nothing twice, however often and by however many it is run', async () => {
      await using home = await openWith(open);
      for (let index = 0; index < 30; index += 1) home.happen(`evt_${index}`);
      home.clock.advance(settled);

      const reports = await Promise.all([home.run(home.source), home.run(home.source), home.run(home.source)]);
      const again = await home.run(home.source, { since: NOW - HOUR_MS });
      await home.work();

      expect(reports.reduce((sum, { tally }) => sum + tally.recovered, 0)).toBe(30);
      expect(again.tally).toMatchObject({ listed: 30, missing: 0, recovered: 0 });
      expect([...home.handled.values()]).toEqual(Array.from({ length: 30 }, () => 1));
    });

    test('finds a difference, tells of it once, and changes nothing', async () => {
      await using home = await openWith(open);
      const event = home.happen('evt_more', { amount: 9900, amount_received: 9900 });
      const { id: _, ...rest } = event as { id: string };
      await home.deliver('stripe', delivered({ ...rest, ...eventOf('evt_more', NOW) }));
      await home.work();
      const [before] = await home.store.find('stripe:evt_more');
      home.clock.advance(settled);

      const { tally } = await home.run(home.source);
      home.clock.advance(LIMITS.reconcileEveryMs);
      const next = await home.run(home.source);

      expect(tally).toMatchObject({
        missing: 0,
        differing: 1,
        findings: [
          {
            webhookId: 'stripe:evt_more',
            delivered: expect.stringContaining('20.00 USD'),
            listed: expect.stringContaining('99.00 USD'),
          },
        ],
      });
      expect(next.tally).toMatchObject({ listed: 1, differing: 0 });
      expect((await home.store.find('stripe:evt_more'))[0]).toEqual(before);
      expect(home.alerts.raised.map(({ kind }) => kind)).toEqual(['webhooks_differ']);
    });

    test('only looks with a dry run: nothing is stored, no checkpoint either', async () => {
      await using home = await openWith(open);
      home.happen('evt_missing');
      home.clock.advance(settled);
      const before = await home.checkpoints.get(home.source.id);

      const { tally } = await home.run(home.source, { isDryRun: true });

      expect(tally).toMatchObject({ missing: 1, recovered: 0, webhooks: [{ webhookId: 'stripe:evt_missing' }] });
      expect(await home.store.find('stripe:evt_missing')).toEqual([]);
      expect(await home.checkpoints.get(home.source.id)).toEqual(before);
      expect(home.alerts.raised).toEqual([]);
    });
  });
}

describe('a run of reconciliation', () => {
  const open = HOMES[0]?.open as OpenLocalHome;

  test('begins where it is first run, and goes back when somebody says so', async () => {
    await using home = await openWith(open);
    home.events.happened.push({
      id: 'evt_old',
      at: NOW - 2 * DAY_MS,
      body: listed(eventOf('evt_old', NOW - 2 * DAY_MS)),
    });
    home.clock.advance(HOUR_MS);

    expect((await home.run(home.source)).tally).toMatchObject({ listed: 0 });
    expect((await home.run(home.source, { since: NOW - 3 * DAY_MS })).tally).toMatchObject({ listed: 1, recovered: 1 });
    // What was asked for once is part of what is checked.
    expect((await home.checkpoints.get(home.source.id))?.startedAt).toBe(NOW - 3 * DAY_MS);
  });

  test('leaves alone what is so young that its delivery may be under way', async () => {
    await using home = await openWith(open);
    home.clock.advance(HOUR_MS);
    home.happen('evt_young');
    home.clock.advance(MINUTE_MS);
    expect((await home.run(home.source)).tally).toMatchObject({ listed: 0 });
    home.clock.advance(settled);

    expect((await home.run(home.source)).tally).toMatchObject({ recovered: 1 });
  });

  test('finds what came late into the list, as long as it overlaps', async () => {
    await using home = await openWith(open);
    const event = eventOf('evt_late', NOW);
    home.events.happened.push({ id: 'evt_late', at: NOW, body: listed(event), listedFrom: NOW + 40 * MINUTE_MS });
    home.clock.advance(settled);
    expect((await home.run(home.source)).tally).toMatchObject({ listed: 0 });
    home.clock.advance(30 * MINUTE_MS);

    expect((await home.run(home.source)).tally).toMatchObject({ recovered: 1 });
  });

  test('recovers nothing that retention may have deleted', async () => {
    await using home = await openWith(open, { retentionMs: 10 * DAY_MS });
    const dayOf = (days: number): EpochMs => NOW - days * DAY_MS;
    for (const days of [5, 9, 11, 20])
      home.events.happened.push({
        id: `evt_${days}`,
        at: dayOf(days),
        body: listed(eventOf(`evt_${days}`, dayOf(days))),
      });

    const { tally, span } = await home.run(home.source, { since: dayOf(25) });

    expect(tally.webhooks.map(({ webhookId }) => webhookId)).toEqual(['stripe:evt_5', 'stripe:evt_9']);
    expect(span?.since).toBe(NOW - 10 * DAY_MS + LIMITS.reconcileMarginMs);
  });

  test('says which span nobody can ask for any more', async () => {
    await using home = await openWith(open);
    home.clock.advance(40 * DAY_MS);

    const report = await home.run(home.source);

    expect(report).toMatchObject({
      end: { outcome: 'complete' },
      gap: { since: NOW - LIMITS.reconcileSettleMs, until: NOW + 10 * DAY_MS + LIMITS.reconcileMarginMs },
    });
    expect((await home.checkpoints.get(home.source.id))?.gap).toEqual(report.gap);
  });

  test('leaves alone what is of another mode, of no interest, or not to be read', async () => {
    await using home = await openWith(open);
    const live = { ...eventOf('evt_live', NOW), livemode: true };
    const product = { ...eventOf('evt_product', NOW), type: 'product.created' };
    for (const body of [listed(live), listed(product), '{"object":"event"}']) {
      home.events.happened.push({ id: body, at: NOW, body });
    }
    home.clock.advance(settled);

    const { tally } = await home.run(home.source);

    expect(tally).toMatchObject({ listed: 3, missing: 0, skipped: { other_mode: 1, not_wanted: 1, unreadable: 1 } });
  });

  test('recovers the types that are named, and only those', async () => {
    await using home = await openWith(open, { eventTypes: { stripe: ['product.*'] } });
    home.happen('evt_payment');
    const product = { ...eventOf('evt_product', NOW), type: 'product.created' };
    home.events.happened.push({ id: 'evt_product', at: NOW, body: listed(product) });
    home.clock.advance(settled);

    const { tally } = await home.run(home.source);

    expect(tally.webhooks.map(({ webhookId }) => webhookId)).toEqual(['stripe:evt_product']);
    expect(tally.skipped).toEqual({ not_wanted: 1 });
  });

  test('goes on where it was when the provider was down, without asking for its pages again', async () => {
    await using home = await openWith(open);
    for (let index = 0; index < 250; index += 1) home.happen(`evt_${index}`);
    home.clock.advance(settled);
    const { events } = home;
    const list = events.list.bind(events);
    const cursors: (string | null)[] = [];
    let isDown = false;
    const answer = async (request: ListRequest): Promise<ListOutcome> => {
      if (isDown) return { outcome: 'unavailable', reason: 'http_500' };
      cursors.push(request.cursor);
      isDown = cursors.length === 2;
      return list(request);
    };
    const source = { ...home.source, events: { listedForMs: events.listedForMs, list: answer } };

    const first = await home.run(source);
    isDown = false;
    home.clock.advance(5 * HOUR_MS);
    const second = await home.run(source);

    expect(first).toMatchObject({ end: { outcome: 'unavailable', reason: 'http_500' }, tally: { recovered: 200 } });
    expect(second).toMatchObject({ end: { outcome: 'complete' }, isResumed: true, tally: { recovered: 50 } });
    expect(cursors).toEqual([null, '100', '200']);
  });

  test('begins a window again whose cursor the provider has forgotten', async () => {
    await using home = await openWith(open);
    for (let index = 0; index < 150; index += 1) home.happen(`evt_${index}`);
    home.clock.advance(settled);
    home.events.answers.push(await home.events.list({ since: NOW, until: NOW + 1, cursor: null }), {
      outcome: 'cursor_refused',
    });

    expect(await home.run(home.source)).toMatchObject({ end: { outcome: 'complete' }, tally: { recovered: 150 } });
  });

  test('does not ask before the time that the provider has named', async () => {
    await using home = await openWith(open);
    home.happen('evt_1');
    home.clock.advance(settled);
    home.events.answers.push({ outcome: 'rate_limited', retryAfterMs: 5 * MINUTE_MS });
    const until = home.clock.now() + 5 * MINUTE_MS;

    expect((await home.run(home.source)).end).toEqual({ outcome: 'resting', until });
    home.events.answers.push({ outcome: 'unavailable', reason: 'asked_too_early' });
    home.clock.advance(5 * MINUTE_MS - 1);
    expect((await home.run(home.source)).end).toEqual({ outcome: 'resting', until });
    home.events.answers.length = 0;
    home.clock.advance(1);
    expect(await home.run(home.source)).toMatchObject({ end: { outcome: 'complete' }, tally: { recovered: 1 } });
  });

  test('does not go round in a list that leads back to itself', async () => {
    await using home = await openWith(open);
    home.clock.advance(settled);
    const page = { outcome: 'page', events: [], next: 'again' } as const;
    home.events.answers.push(page, page);

    expect((await home.run(home.source)).end).toEqual({ outcome: 'unavailable', reason: 'cursor_not_usable' });
  });

  test('tells a person of a credential that is refused, and of a list that is behind', async () => {
    await using home = await openWith(open);
    home.events.isCredentialRevoked = true;
    home.clock.advance(7 * HOUR_MS);

    const { end } = await home.run(home.source);

    expect(end).toEqual({ outcome: 'credential_refused', reason: 'revoked' });
    expect(home.alerts.raised.map(({ kind }) => kind)).toEqual(['credential_refused', 'reconciliation_behind']);
    expect(home.runs.at(-1)).toMatchObject({ recovered: 0, behindSeconds: 7.25 * 3600 });
  });

  test('tells once of a credential that goes on being refused, and of a list that goes on being behind', async () => {
    await using home = await openWith(open);
    home.events.isCredentialRevoked = true;
    home.clock.advance(7 * HOUR_MS);
    await home.run(home.source);

    home.clock.advance(HOUR_MS);
    await home.run(home.source);
    expect(home.alerts.raised.map(({ kind }) => kind)).toEqual(['credential_refused', 'reconciliation_behind']);
    expect(home.runs.at(-1)?.behindSeconds).toBe(8.25 * 3600);

    home.events.isCredentialRevoked = false;
    home.clock.advance(HOUR_MS);
    await home.run(home.source);
    home.events.isCredentialRevoked = true;
    home.clock.advance(HOUR_MS);
    await home.run(home.source);
    expect(home.alerts.raised.map(({ kind }) => kind).at(-1)).toBe('credential_refused');
    expect(home.alerts.raised).toHaveLength(3);
  });

  test('regression: a refused command does not silence the rounds, and a good one does not make them tell it again', async () => {
    await using home = await openWith(open);
    const round = async (isRevoked: boolean): Promise<void> => {
      home.events.isCredentialRevoked = isRevoked;
      home.clock.advance(HOUR_MS);
      await home.run(home.source);
    };
    const command = async (isRevoked: boolean): Promise<void> => {
      home.events.isCredentialRevoked = isRevoked;
      home.clock.advance(MINUTE_MS);
      await home.run(home.source, { by: OPERATOR });
    };
    const tellings = (): number => home.alerts.raised.filter(({ kind }) => kind === 'credential_refused').length;

    await command(true);
    const byCommand = tellings();
    await round(true);
    expect(tellings() - byCommand).toBe(1);

    await command(false);
    await round(true);
    expect(tellings() - byCommand).toBe(1);

    await round(false);
    await round(true);
    expect(tellings() - byCommand).toBe(2);
  });

  test('regression: a command that fails does not keep the rounds from telling that a list is behind', async () => {
    await using home = await openWith(open);
    const fail = (by?: Actor): Promise<unknown> => {
      home.events.answers.push({ outcome: 'unavailable', reason: 'http_500' });
      return home.run(home.source, by === undefined ? {} : { by });
    };
    home.clock.advance(5 * HOUR_MS);
    await fail();
    home.clock.advance(HOUR_MS);
    await fail(OPERATOR);
    const told = home.alerts.raised.length;
    home.clock.advance(MINUTE_MS);
    await fail();

    expect(home.alerts.raised.slice(told).map(({ kind }) => kind)).toEqual(['reconciliation_behind']);
  });

  test('remembers how the last round ended, whatever a command came to since', async () => {
    await using home = await openWith(open);
    home.events.isCredentialRevoked = true;
    home.clock.advance(HOUR_MS);
    const at = home.clock.now();
    await home.run(home.source);
    home.events.isCredentialRevoked = false;
    home.clock.advance(MINUTE_MS);
    await home.run(home.source, { by: OPERATOR });

    expect(await home.checkpoints.get(home.source.id)).toMatchObject({
      lastOutcome: 'complete',
      lastRound: { at, outcome: 'credential_refused' },
    });
  });

  test.each([
    ['the newest first', false],
    ['the oldest first', true],
  ])('tells how much of the span is behind after each page of a list that has %s', async (_order, isOldestFirst) => {
    await using home = await openWith(open);
    for (let index = 0; index < 250; index += 1) {
      home.happen(`evt_${index}`);
      home.clock.advance(10 * SECOND_MS);
    }
    home.clock.advance(settled);
    const { events } = home;
    const list = async (request: ListRequest): Promise<ListOutcome> => {
      if (!isOldestFirst) return events.list(request);
      const from = Number(request.cursor ?? 0);
      const bodies = events.happened.slice(from, from + 100).map(({ body }) => ({ body: Buffer.from(body) }));
      return { outcome: 'page', events: bodies, next: from + 100 < 250 ? String(from + 100) : null };
    };
    const shares: number[] = [];

    await home.run(
      { ...home.source, events: { listedForMs: events.listedForMs, list } },
      { onPage: (_tally, share) => shares.push(share) },
    );

    expect(shares).toHaveLength(3);
    expect(shares).toEqual(shares.toSorted((left, right) => left - right));
    expect(shares[0]).toBeGreaterThan(0.1);
    expect(shares[1]).toBeLessThan(1);
    expect(shares[2]).toBe(1);
  });

  test('tells the money of what was missing, by type and currency', async () => {
    await using home = await openWith(open);
    home.happen('evt_1');
    home.happen('evt_2', { amount: 350, amount_received: 350 });
    home.happen('evt_3', { amount: 900, amount_received: 900, currency: 'jpy' });
    home.clock.advance(settled);

    await home.run(home.source);

    expect(home.alerts.raised[0]?.summary).toContain('payment.succeeded 23.50 USD, payment.succeeded 900 JPY');
    const told = home.logger.lines.filter(({ event }) => event === 'webhook.recovered');
    expect(told.map(({ fields }) => [fields.webhook_id, fields.message])).toContainEqual([
      'stripe:evt_2',
      'payment.succeeded 3.50 USD',
    ]);
  });
});
