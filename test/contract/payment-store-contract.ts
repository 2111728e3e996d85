/** What every payment store keeps: the sentences of the port, as tests. */
import { describe, expect } from 'vitest';
import type { News } from '../../src/core/effects.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { SECOND_MS } from '../../src/core/time.ts';
import type { PaymentFilter, PaymentStore, StoredPayment } from '../../src/payments/payment-store.ts';
import type { NewsOfEvent } from '../../src/payments/record-events.ts';
import { type EventsOfPayment, paymentOf } from '../../src/payments/reduce-payment.ts';
import type { SubjectChange } from '../../src/payments/subject.ts';
import { NOW } from '../support/clock.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';
import { changeOf, refundEvent, stateEvent, usd } from './payment-events.ts';

export interface PaymentStoreHarness extends AsyncDisposable {
  readonly store: PaymentStore;
}

export type OpenPaymentStore = () => Promise<PaymentStoreHarness>;
const PI = { payment: 'pi_1' };
const BY_PAYPAL = { provider: 'paypal' };

const created = changeOf(stateEvent('evt_created', PI, { type: 'payment.created' }));
const succeeded = changeOf(stateEvent('evt_succeeded', PI, { occurredAt: NOW + SECOND_MS }));

const receivedIn = async (
  store: PaymentStore,
  change: EventsOfPayment,
  at: number,
): Promise<readonly NewsOfEvent[]> => {
  const applied = await store.apply(change, at);
  if (applied.outcome !== 'applied') throw new Error(`the events were not applied: ${applied.outcome}`);
  return applied.received;
};

/** The only payment with this name; fails the test when there is none or more than one. */
const findOne = async (store: PaymentStore, id: string): Promise<StoredPayment> => {
  const [found, ...others] = await store.find(id);
  if (found === undefined || others.length > 0) throw new Error(`${id} names ${others.length} payments too many`);
  return found;
};

const eventIdsOf = ({ payment }: StoredPayment): string[] => payment.history.map(({ eventId }) => eventId).toSorted();

const INVOICE: SubjectChange = {
  provider: 'stripe',
  account: null,
  kind: 'invoice',
  id: 'in_1',
  eventId: 'stripe:evt_1',
  type: 'invoice.paid',
  place: [-1, NOW, 3, 'stripe:evt_1'],
  state: 'paid',
};

/** Another event of the invoice, `seconds` after the first. */
const later = (number: number, seconds: number, said: Partial<SubjectChange> = {}): SubjectChange => ({
  ...INVOICE,
  eventId: `stripe:evt_${number}`,
  place: [-1, NOW + seconds * SECOND_MS, 3, `stripe:evt_${number}`],
  ...said,
});

const defineSubjectTests = (test: ContractTest, open: OpenPaymentStore): void => {
  const newsOf = async (store: PaymentStore, ...changes: readonly SubjectChange[]): Promise<readonly News[]> => {
    const news: News[] = [];
    for (const change of changes) news.push((await store.applyToSubject(change, NOW)).news);
    return news;
  };

  test('takes the first event of a subject for news, the same state again for repeated, another one for news', async () => {
    await using home = await open();

    const failed = { type: 'invoice.payment_failed', state: 'failed' } as const;
    expect(await newsOf(home.store, INVOICE, later(2, 1), later(3, 2, failed), later(4, 3))).toEqual([
      'news',
      'repeated',
      'news',
      'news',
    ]);
  });

  test('takes what is older than the known state of a subject for stale, and lets it change nothing', async () => {
    await using home = await open();

    const before = later(2, -60, { type: 'invoice.created', state: 'draft' });
    expect(await newsOf(home.store, INVOICE, before, later(3, 1))).toEqual(['news', 'stale', 'repeated']);
  });

  test('gives an event of a subject the answer of the first time, whatever came after it', async () => {
    await using home = await open();

    const [first, again] = [INVOICE, later(2, 1, { state: 'voided' })];
    expect(await newsOf(home.store, first, again, first, again)).toEqual(['news', 'news', 'news', 'news']);
  });

  test('tells subjects of another kind, id, provider or account apart', async () => {
    await using home = await open();

    const others = [{ kind: 'payout' }, { id: 'in_2' }, { provider: 'square' }, { account: 'acct_1' }];
    const changes = [INVOICE, ...others.map((other) => ({ ...INVOICE, ...other }))];
    expect(await newsOf(home.store, ...changes)).toEqual(changes.map(() => 'news'));
  });

  test('counts each of many events of one subject that come at once', async () => {
    await using home = await open();

    const changes = Array.from({ length: 8 }, (_, index) => later(index, index));
    const answers = await Promise.all(changes.map((change) => home.store.applyToSubject(change, NOW)));

    expect(answers.map(({ eventId }) => eventId)).toEqual(changes.map(({ eventId }) => eventId));
    const again = await Promise.all(changes.map((change) => home.store.applyToSubject(change, NOW)));
    expect(again.map(({ news }) => news)).toEqual(answers.map(({ news }) => news));
    expect(answers.some(({ news }) => news === 'news')).toBe(true);
  });
};

const defineRevisionTests = (test: ContractTest, open: OpenPaymentStore): void => {
  test('counts what it has recorded of a subject, and says with each event how far that was', async () => {
    await using home = await open();

    const changes = [INVOICE, later(2, 1), later(3, -60), INVOICE];
    const revisions: number[] = [];
    for (const change of changes) revisions.push((await home.store.applyToSubject(change, NOW)).revision);

    expect(revisions).toEqual([1, 2, 3, 3]);
  });
};

const defineApplyTests = (test: ContractTest, open: OpenPaymentStore): void => {
  test('knows nothing before the first event', async () => {
    await using home = await open();

    expect(await home.store.find('pi_1')).toEqual([]);
    expect((await home.store.list({ limit: 10 })).items).toEqual([]);
  });

  test('makes a payment out of its first event', async () => {
    await using home = await open();

    const applied = await home.store.apply(created, NOW);

    expect(applied).toMatchObject({
      outcome: 'applied',
      payment: { provider: 'stripe', account: null, paymentId: 'pi_1', status: 'created', amount: usd(1000n) },
      received: [{ eventId: 'stripe:evt_created', news: 'news' }],
    });
    const found = await findOne(home.store, 'pi_1');
    expect(found).toMatchObject({ storedAt: NOW, changedAt: NOW });
    expect(applied).toMatchObject({ payment: found.payment });
  });

  test('answers with what is always known of a payment, and with the whole of it where that is wanted', async () => {
    await using home = await open();

    const short = await home.store.apply(created, NOW, { isPaymentWanted: false });
    const whole = await home.store.apply(succeeded, NOW + 1);

    const names = [{ kind: 'payment', id: 'pi_1' }];
    expect(short).toMatchObject({ payment: null, summary: { paymentId: 'pi_1', names, status: 'created' } });
    const summary = { paymentId: 'pi_1', names, status: 'succeeded', captured: usd(1000n) };
    expect(whole).toMatchObject({ summary, payment: (await findOne(home.store, 'pi_1')).payment });
  });

  test('adds the second event to the payment of the first', async () => {
    await using home = await open();
    await home.store.apply(created, NOW);

    const received = await receivedIn(home.store, succeeded, NOW + 1);

    expect(received).toEqual([{ eventId: 'stripe:evt_succeeded', news: 'news' }]);
    const found = await findOne(home.store, 'pi_1');
    expect(found).toMatchObject({ storedAt: NOW, changedAt: NOW + 1, payment: { status: 'succeeded' } });
    expect(found.payment.captured).toEqual(usd(1000n));
    expect(found.payment.history.map(({ status }) => status)).toEqual(['created', 'succeeded']);
  });

  test('finds a payment under a name that a later event adds', async () => {
    await using home = await open();
    await home.store.apply(created, NOW);

    await home.store.apply(changeOf(stateEvent('evt_charge', { ...PI, charge: 'ch_1' })), NOW + 1);
    await home.store.apply(changeOf(refundEvent('evt_refund', { charge: 'ch_1' })), NOW + 2);

    const found = await findOne(home.store, 'ch_1');
    expect(found).toEqual(await findOne(home.store, 'pi_1'));
    expect(found.payment.names).toEqual([
      { kind: 'payment', id: 'pi_1' },
      { kind: 'charge', id: 'ch_1' },
    ]);
    expect(found.payment.refunded).toEqual(usd(1n));
  });

  test('answers for each event of a webhook in order, for known and new ones alike', async () => {
    await using home = await open();
    const [first, second, third] = ['evt_1', 'evt_1#2', 'evt_1#3'].map((id) => refundEvent(id, PI));
    if (first === undefined || second === undefined || third === undefined) throw new Error('three events');
    await home.store.apply(changeOf(second), NOW);

    const received = await receivedIn(home.store, changeOf(third, second, first), NOW + 1);

    expect(received.map(({ eventId }) => eventId)).toEqual([third.id, second.id, first.id]);
    expect((await findOne(home.store, 'pi_1')).payment.refunded).toEqual(usd(3n));
  });

  test('changes nothing for an event that was applied before, not even changedAt, and gives its first answer', async () => {
    await using home = await open();
    await home.store.apply(succeeded, NOW);
    const first = await receivedIn(home.store, created, NOW + 1);
    await home.store.apply(changeOf(refundEvent('evt_refund', PI)), NOW + 2);
    const before = await home.store.find('pi_1');

    expect(first).toEqual([{ eventId: 'stripe:evt_created', news: 'stale' }]);
    expect(await receivedIn(home.store, created, NOW + 3)).toEqual(first);
    expect(await home.store.find('pi_1')).toEqual(before);
    expect(before).toMatchObject([{ storedAt: NOW, changedAt: NOW + 2 }]);
  });

  test('keeps a stale event, which changes nothing that was newer', async () => {
    await using home = await open();
    await home.store.apply(succeeded, NOW);

    expect(await receivedIn(home.store, created, NOW + 1)).toMatchObject([{ news: 'stale' }]);

    const found = await findOne(home.store, 'pi_1');
    expect(found).toMatchObject({ changedAt: NOW + 1, payment: { status: 'succeeded' } });
    expect(eventIdsOf(found)).toEqual(['stripe:evt_created', 'stripe:evt_succeeded']);
  });

  test('says that what another event said before is no news', async () => {
    await using home = await open();
    await home.store.apply(succeeded, NOW);
    const same = changeOf(stateEvent('evt_same', { ...PI, charge: 'ch_1' }, { occurredAt: NOW + 2 * SECOND_MS }));

    expect(await receivedIn(home.store, same, NOW + 1)).toMatchObject([{ news: 'repeated' }]);

    expect(await receivedIn(home.store, same, NOW + 2)).toMatchObject([{ news: 'repeated' }]);
    expect(await receivedIn(home.store, succeeded, NOW + 3)).toMatchObject([{ news: 'news' }]);
  });

  test('refuses more events than a payment may have, and changes nothing', async () => {
    await using home = await open();
    const events = Array.from({ length: LIMITS.paymentEventsMax }, (_, index) => refundEvent(`evt_${index}`, PI));
    await home.store.apply(changeOf(...events), NOW);
    const before = await home.store.find('pi_1');
    const oneMore = changeOf(refundEvent('evt_more', { ...PI, charge: 'ch_more' }));

    expect(await home.store.apply(oneMore, NOW + 1)).toEqual({ outcome: 'too_many_events' });

    expect(before).toMatchObject([{ payment: { refunded: usd(BigInt(LIMITS.paymentEventsMax)) } }]);
    expect(await home.store.find('pi_1')).toEqual(before);
    expect(await home.store.find('ch_more')).toEqual([]);
    expect(await receivedIn(home.store, changeOf(refundEvent('evt_0', PI)), NOW + 2)).toHaveLength(1);
  });
};

/** A payment of this one name with so many refunds. */
const fill = async (store: PaymentStore, capture: string, count: number): Promise<void> => {
  const events = Array.from({ length: count }, (_, index) =>
    refundEvent(`evt_${capture}_${index}`, { capture }, BY_PAYPAL),
  );
  await store.apply(changeOf(...events), NOW);
};

const defineConcurrencyTests = (test: ContractTest, open: OpenPaymentStore): void => {
  test('counts each of twenty events of one payment that come at the same moment', async () => {
    await using home = await open();
    const changes = Array.from({ length: 20 }, (_, index) => changeOf(refundEvent(`evt_${index}`, PI)));

    const received = await Promise.all(changes.map((change) => receivedIn(home.store, change, NOW)));

    expect(received.flat().every(({ news }) => news === 'news')).toBe(true);
    const { payment } = await findOne(home.store, 'pi_1');
    expect(payment.history).toHaveLength(20);
    expect(payment.refunded).toEqual(usd(20n));
  });

  test('counts one event once that comes twenty times at the same moment', async () => {
    await using home = await open();
    const change = changeOf(refundEvent('evt_1', PI));

    const received = await Promise.all(Array.from({ length: 20 }, () => receivedIn(home.store, change, NOW)));

    const answer: NewsOfEvent = { eventId: 'stripe:evt_1', news: 'news' };
    expect(received).toEqual(Array.from({ length: 20 }, () => [answer]));
    const { payment } = await findOne(home.store, 'pi_1');
    expect(payment.history).toHaveLength(1);
    expect(payment.refunded).toEqual(usd(1n));
  });

  test('calls one event news of several that say the same at the same moment', async () => {
    await using home = await open();
    const changes = Array.from({ length: 5 }, (_, index) => changeOf(stateEvent(`evt_${index}`, PI)));

    const received = await Promise.all(changes.map((change) => receivedIn(home.store, change, NOW)));

    expect(received.flat().filter(({ news }) => news === 'news')).toHaveLength(1);
  });

  test('loses no event and no name when payments are joined by events that come at the same moment', async () => {
    await using home = await open();
    const alone = Array.from({ length: 5 }, (_, index) =>
      changeOf(refundEvent(`evt_refund_${index}`, { capture: `CAPTURE-${index}` }, BY_PAYPAL)),
    );
    const joining = Array.from({ length: 5 }, (_, index) =>
      changeOf(
        stateEvent(
          `evt_capture_${index}`,
          { order: 'ORDER-1', capture: `CAPTURE-${index}` },
          { ...BY_PAYPAL, part: `CAPTURE-${index}` },
        ),
      ),
    );
    for (const [index, change] of alone.slice(0, 3).entries()) await home.store.apply(change, NOW + index);

    await Promise.all([...joining, ...alone].map((change, index) => home.store.apply(change, NOW + 10 + index)));

    const found = await findOne(home.store, 'ORDER-1');
    expect(found.payment.history).toHaveLength(10);
    expect(found.payment.refunded).toEqual(usd(5n));
    for (let index = 0; index < 5; index += 1) expect(await home.store.find(`CAPTURE-${index}`)).toEqual([found]);
    expect((await home.store.list({ limit: 10 })).items).toEqual([found]);
  });
};

const refundOfCapture = changeOf(refundEvent('evt_refund', { capture: 'CAPTURE-1' }, BY_PAYPAL));
const approvedOrder = changeOf(
  stateEvent('evt_order', { order: 'ORDER-1' }, { ...BY_PAYPAL, type: 'payment.created' }),
);
const captureOfOrder = changeOf(
  stateEvent(
    'evt_capture',
    { order: 'ORDER-1', capture: 'CAPTURE-1' },
    { ...BY_PAYPAL, part: 'CAPTURE-1', occurredAt: NOW + SECOND_MS },
  ),
);

const defineMergeTests = (test: ContractTest, open: OpenPaymentStore): void => {
  test('joins two payments when an event shows that they are one', async () => {
    await using home = await open();
    await home.store.apply(refundOfCapture, NOW);
    await home.store.apply(approvedOrder, NOW + 1);
    expect((await home.store.list({ limit: 10 })).items).toHaveLength(2);

    const applied = await home.store.apply(captureOfOrder, NOW + 2);

    const found = await findOne(home.store, 'ORDER-1');
    expect(await home.store.find('CAPTURE-1')).toEqual([found]);
    expect((await home.store.list({ limit: 10 })).items).toEqual([found]);
    expect(found).toMatchObject({ storedAt: NOW, changedAt: NOW + 2, payment: { paymentId: 'ORDER-1' } });
    expect(applied).toMatchObject({ outcome: 'applied', payment: found.payment });
    expect(eventIdsOf(found)).toEqual(['stripe:evt_capture', 'stripe:evt_order', 'stripe:evt_refund']);
    expect(found.payment).toMatchObject({ captured: usd(1000n), refunded: usd(1n), status: 'succeeded' });
  });

  test('joins three payments, and adds to the one what comes under any of the names', async () => {
    await using home = await open();
    const authorized = changeOf(
      stateEvent('evt_auth', { authorization: 'AUTH-1' }, { ...BY_PAYPAL, type: 'payment.authorized', part: 'AUTH-1' }),
    );
    for (const [index, change] of [refundOfCapture, authorized, approvedOrder].entries()) {
      await home.store.apply(change, NOW + index);
    }
    const names = { order: 'ORDER-1', authorization: 'AUTH-1', capture: 'CAPTURE-1' };

    await home.store.apply(changeOf(stateEvent('evt_all', names, { ...BY_PAYPAL, part: 'CAPTURE-1' })), NOW + 3);
    await home.store.apply(changeOf(refundEvent('evt_later', { capture: 'CAPTURE-1' }, BY_PAYPAL)), NOW + 4);

    const found = await findOne(home.store, 'ORDER-1');
    expect(found).toMatchObject({ storedAt: NOW, changedAt: NOW + 4, payment: { refunded: usd(2n) } });
    expect(found.payment.names.map(({ id }) => id)).toEqual(Object.values(names));
    expect(found.payment.history).toHaveLength(5);
    for (const id of Object.values(names)) expect(await home.store.find(id)).toEqual([found]);
    expect((await home.store.list({ limit: 10 })).items).toEqual([found]);
  });

  test('joins payments again that were joined before', async () => {
    await using home = await open();
    const links = [
      { capture: 'CAPTURE-1' },
      { capture: 'CAPTURE-2' },
      { authorization: 'AUTH-1', capture: 'CAPTURE-1' },
      { authorization: 'AUTH-2', capture: 'CAPTURE-2' },
      { order: 'ORDER-1', authorization: 'AUTH-1' },
      { order: 'ORDER-1', authorization: 'AUTH-2' },
    ];

    for (const [index, names] of links.entries()) {
      await home.store.apply(changeOf(refundEvent(`evt_${index}`, names, BY_PAYPAL)), NOW + index);
    }

    const found = await findOne(home.store, 'ORDER-1');
    expect(found).toMatchObject({ storedAt: NOW, changedAt: NOW + 5, payment: { refunded: usd(6n) } });
    for (const id of ['CAPTURE-1', 'CAPTURE-2', 'AUTH-1', 'AUTH-2']) expect(await home.store.find(id)).toEqual([found]);
    expect((await home.store.list({ limit: 10 })).items).toEqual([found]);
  });

  test('leaves payments apart that would have too many events as one', async () => {
    await using home = await open();
    await fill(home.store, 'CAPTURE-1', LIMITS.paymentEventsMax - 1);
    await fill(home.store, 'CAPTURE-2', 1);
    const before = [await findOne(home.store, 'CAPTURE-1'), await findOne(home.store, 'CAPTURE-2')];
    const joining = [
      refundEvent('evt_joining', { order: 'ORDER-1', capture: 'CAPTURE-1' }, BY_PAYPAL),
      refundEvent('evt_joining#2', { order: 'ORDER-1', capture: 'CAPTURE-2' }, BY_PAYPAL),
    ];

    expect(await home.store.apply(changeOf(...joining), NOW + 1)).toEqual({ outcome: 'too_many_events' });

    expect([await findOne(home.store, 'CAPTURE-1'), await findOne(home.store, 'CAPTURE-2')]).toEqual(before);
    expect(await home.store.find('ORDER-1')).toEqual([]);
  });

  test('takes events of one payment together that name the merchant and that do not, where the provider mixes them', async () => {
    await using home = await open();
    await home.store.apply(approvedOrder, NOW);
    const named = changeOf(refundEvent('evt_named', { order: 'ORDER-1' }, { ...BY_PAYPAL, account: 'MERCHANT-1' }));

    await home.store.apply(named, NOW + 1);

    const found = await findOne(home.store, 'ORDER-1');
    expect(found.payment).toMatchObject({ account: 'MERCHANT-1' });
    expect(found.payment.history).toHaveLength(2);
  });

  test('gives the first answer for an event of a payment that was joined since', async () => {
    await using home = await open();
    const first = await receivedIn(home.store, refundOfCapture, NOW + 1);
    await home.store.apply(approvedOrder, NOW);
    await home.store.apply(captureOfOrder, NOW + 2);

    expect(await receivedIn(home.store, refundOfCapture, NOW + 3)).toEqual(first);

    expect(await findOne(home.store, 'CAPTURE-1')).toMatchObject({ changedAt: NOW + 2 });
  });

  test('keeps when the oldest of the joined payments was stored, even when that one came last', async () => {
    await using home = await open();
    await home.store.apply(refundOfCapture, NOW + 5);
    await home.store.apply(approvedOrder, NOW);

    await home.store.apply(captureOfOrder, NOW + 6);

    expect(await findOne(home.store, 'CAPTURE-1')).toMatchObject({ storedAt: NOW, changedAt: NOW + 6 });
  });
};

const ODD_IDS = [
  'a#b',
  'a:b',
  'a@b',
  ' a  b ',
  'a b',
  'a/b?c=%20&d',
  `it's "quoted"; -- \\`,
  '["stripe",null,"pi_1"]',
  'x'.repeat(200),
  `${'x'.repeat(199)}y`,
  'ab',
  'AB',
  'ab ',
  'Zahlung-ä-支払い-🧾',
  'caf\u00e9',
  'cafe\u0301',
];

const defineIdentityTests = (test: ContractTest, open: OpenPaymentStore): void => {
  test('keeps payments of two providers and of two accounts apart that have one id, and finds all, newest first', async () => {
    await using home = await open();
    const owners = [
      { provider: 'stripe', account: 'acct_1' },
      { provider: 'stripe', account: 'acct_2' },
      { provider: 'stripe', account: null },
      { provider: 'square', account: 'acct_1' },
    ];

    for (const [index, owner] of owners.entries()) {
      await home.store.apply(changeOf(refundEvent(`evt_${index}`, PI, owner)), NOW + index);
    }

    const found = await home.store.find('pi_1');
    expect(found.map(({ payment: { provider, account } }) => ({ provider, account }))).toEqual(owners.toReversed());
    expect(found.map(({ payment }) => payment.history.length)).toEqual([1, 1, 1, 1]);
  });

  test('finds at most 100 payments that have one id', async () => {
    await using home = await open();
    for (let index = 0; index < 101; index += 1) {
      const event = refundEvent(`evt_${index}`, PI, { account: `acct_${index}` });
      await home.store.apply(changeOf(event), NOW + index);
    }

    const storedAts = (await home.store.find('pi_1')).map(({ storedAt }) => storedAt);

    expect(storedAts).toHaveLength(100);
    expect(storedAts).toEqual(storedAts.toSorted((a, b) => b - a));
  });

  test('takes whatever characters an id has, and keeps apart what differs in any of them', async () => {
    await using home = await open();

    for (const [index, id] of ODD_IDS.entries()) {
      const names = { payment: id, charge: `ch ${id}` };
      await home.store.apply(changeOf(stateEvent(`evt_${id}`, names)), NOW + index);
    }

    for (const [index, id] of ODD_IDS.entries()) {
      const found = await findOne(home.store, id);
      expect(found).toMatchObject({ storedAt: NOW + index, payment: { paymentId: id } });
      expect(eventIdsOf(found)).toEqual([`stripe:evt_${id}`]);
      expect(await home.store.find(`ch ${id}`)).toEqual([found]);
    }
    expect((await home.store.list({ limit: 100 })).items).toHaveLength(ODD_IDS.length);
  });

  test('does not take an id and an account for another pair that reads alike', async () => {
    await using home = await open();
    const pairs = [
      { id: 'b#c', account: 'a' },
      { id: 'c', account: 'a#b' },
      { id: 'b:c', account: 'a' },
      { id: 'c', account: 'a:b' },
      { id: 'a#b#c', account: null },
      { id: '#c', account: 'a#b' },
      { id: 'c', account: 'null' },
      { id: 'c', account: null },
    ];

    for (const [index, { id, account }] of pairs.entries()) {
      await home.store.apply(changeOf(stateEvent(`evt_${index}`, { payment: id }, { account })), NOW + index);
    }

    const listed = (await home.store.list({ limit: 10 })).items;
    expect(listed.map(({ payment: { paymentId, account } }) => ({ id: paymentId, account }))).toEqual(
      pairs.toReversed(),
    );
  });

  test('keeps what an event does not say as null, and text as it is', async () => {
    await using home = await open();
    const event = stateEvent('evt_1', PI, {
      type: 'payment.failed',
      occurredAt: null,
      reason: 'zu wenig Geld: "0,00 €" \\ \u2028 💳',
      fee: { minor: -29n, currency: 'JPY', exponent: 0 },
      related: { payment: 'pi_1', customer: 'cus_日本' },
    });

    await home.store.apply(changeOf(event), NOW);

    expect((await findOne(home.store, 'pi_1')).payment).toEqual(paymentOf([event]).view);
  });

  test('keeps an amount of as many digits as an amount may have', async () => {
    await using home = await open();
    const largest = 10n ** BigInt(LIMITS.amountDigitsMax) - 1n;

    const applied = await home.store.apply(changeOf(stateEvent('evt_1', PI, { amount: usd(largest) })), NOW);

    expect(applied).toMatchObject({ payment: { captured: usd(largest) } });
    expect((await findOne(home.store, 'pi_1')).payment.captured).toEqual(usd(largest));
  });

  test('is not changed by what is done to what was handed in or out', async () => {
    await using home = await open();
    const change = changeOf(stateEvent('evt_1', PI));
    const applied = await home.store.apply(change, NOW);
    const untouched = structuredClone(await findOne(home.store, 'pi_1'));

    if (applied.outcome === 'applied') deface(applied);
    deface(change);
    deface(await home.store.find('pi_1'));
    deface((await home.store.list({ limit: 1 })).items);

    expect(await home.store.find('pi_1')).toEqual([untouched]);
    expect(await receivedIn(home.store, changeOf(stateEvent('evt_1', PI)), NOW + 1)).toEqual([
      { eventId: 'stripe:evt_1', news: 'news' },
    ]);
  });
};

/** Overwrites everything in it, however deep. */
const deface = (value: object): void => {
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'object' && inner !== null) deface(inner);
    else Object.assign(value, { [key]: 'defaced' });
  }
};

const defineListTests = (test: ContractTest, open: OpenPaymentStore): void => {
  /** Payments `pi_0` to `pi_4`, a millisecond between them; `pi_1` and `pi_3` of Square; `pi_4` not paid yet. */
  const openFive = async (): Promise<PaymentStoreHarness> => {
    const home = await open();
    for (let index = 0; index < 5; index += 1) {
      const provider = index % 2 === 0 ? 'stripe' : 'square';
      const type = index === 4 ? 'payment.created' : 'payment.succeeded';
      const event = stateEvent(`evt_${index}`, { payment: `pi_${index}` }, { provider, type });
      await home.store.apply(changeOf(event), NOW + index);
    }
    return home;
  };
  const idsOf = (payments: readonly StoredPayment[]): string[] => payments.map(({ payment }) => payment.paymentId);

  test('lists payments as find finds them, newest first, and no more than the limit', async () => {
    await using home = await openFive();
    await home.store.apply(changeOf(refundEvent('evt_refund', { payment: 'pi_2' })), NOW + 10);

    expect(idsOf((await home.store.list({ limit: 5 })).items)).toEqual(['pi_4', 'pi_3', 'pi_2', 'pi_1', 'pi_0']);
    expect(idsOf((await home.store.list({ limit: 2 })).items)).toEqual(['pi_4', 'pi_3']);
    expect((await home.store.list({ limit: 1 })).items).toEqual(await home.store.find('pi_4'));
  });

  test('lists payments of one provider', async () => {
    await using home = await openFive();

    expect(idsOf((await home.store.list({ provider: 'square', limit: 10 })).items)).toEqual(['pi_3', 'pi_1']);
    expect((await home.store.list({ provider: 'adyen', limit: 10 })).items).toEqual([]);
  });

  test('lists payments by the status that they have now', async () => {
    await using home = await openFive();
    const canceled = stateEvent(
      'evt_canceled',
      { payment: 'pi_4' },
      { type: 'payment.canceled', occurredAt: NOW + SECOND_MS },
    );
    expect(idsOf((await home.store.list({ status: 'created', limit: 10 })).items)).toEqual(['pi_4']);

    await home.store.apply(changeOf(canceled), NOW + 10);

    expect((await home.store.list({ status: 'created', limit: 10 })).items).toEqual([]);
    expect(idsOf((await home.store.list({ status: 'canceled', limit: 10 })).items)).toEqual(['pi_4']);
  });

  test('lists payments that were stored since an instant, and until before another', async () => {
    await using home = await openFive();

    expect(idsOf((await home.store.list({ since: NOW + 3, limit: 10 })).items)).toEqual(['pi_4', 'pi_3']);
    expect(idsOf((await home.store.list({ until: NOW + 2, limit: 10 })).items)).toEqual(['pi_1', 'pi_0']);
    expect(idsOf((await home.store.list({ since: NOW + 1, until: NOW + 3, limit: 10 })).items)).toEqual([
      'pi_2',
      'pi_1',
    ]);
    expect((await home.store.list({ since: NOW + 5, limit: 10 })).items).toEqual([]);
  });

  test('applies all filters together, and the limit after them', async () => {
    await using home = await openFive();
    const filter = { provider: 'stripe', status: 'succeeded', since: NOW, until: NOW + 4 } as const;

    expect(idsOf((await home.store.list({ ...filter, limit: 10 })).items)).toEqual(['pi_2', 'pi_0']);
    expect(idsOf((await home.store.list({ ...filter, limit: 1 })).items)).toEqual(['pi_2']);
  });
};

const definePageTests = (test: ContractTest, open: OpenPaymentStore): void => {
  /** Payments `pi_0` to `pi_{count - 1}`, three in each millisecond. */
  const openMany = async (count: number): Promise<PaymentStoreHarness> => {
    const home = await open();
    for (let index = 0; index < count; index += 1) {
      const mode = index % 5 === 0 ? 'live' : 'test';
      const event = stateEvent(`evt_${index}`, { payment: `pi_${index}` }, { account: `acct_${index % 2}`, mode });
      await home.store.apply(changeOf(event), NOW + Math.floor(index / 3));
    }
    return home;
  };

  test('hands out each payment once over pages, whatever comes meanwhile', async () => {
    await using home = await openMany(10);
    const all = await home.store.list({ limit: 100 });
    const walked: StoredPayment[] = [];
    let after: string | undefined;
    for (let pages = 0; pages < 10; pages += 1) {
      const { items, next } = await home.store.list({ limit: 3, after });
      walked.push(...items);
      if (next === null) break;
      after = next;
      const late = stateEvent(`evt_late_${pages}`, { payment: `pi_late_${pages}` });
      await home.store.apply(changeOf(late), NOW + 100);
    }

    expect(walked).toEqual(all.items);
    expect(walked).toHaveLength(10);
  });

  test('lists by account, mode and several statuses, and says how far it looked', async () => {
    await using home = await openMany(10);
    const ids = async (filter: Partial<PaymentFilter>) =>
      (await home.store.list({ limit: 9, ...filter })).items.map(({ payment }) => payment.paymentId).toSorted();

    expect(await ids({ mode: 'live' })).toEqual(['pi_0', 'pi_5']);
    expect(await ids({ mode: 'live', account: 'acct_1' })).toEqual(['pi_5']);
    expect(await ids({ status: ['created', 'failed'] })).toEqual([]);
    expect(await ids({ status: ['created', 'succeeded'], mode: 'live' })).toEqual(['pi_0', 'pi_5']);
    expect(await home.store.list({ mode: 'live', limit: 9, lookAtMax: 2 })).toMatchObject({
      items: [],
      next: expect.any(String),
      scannedUntil: NOW + 2,
    });
  });

  test('lists what an id of something belongs to, whatever kind of thing, and nothing that only mentions it', async () => {
    await using home = await open();
    const related = { customer: 'cus_1', merchant_reference: 'order "7"' };
    await home.store.apply(changeOf(stateEvent('evt_1', { payment: 'pi_1' }, { related })), NOW);
    await home.store.apply(
      changeOf(refundEvent('evt_2', { payment: 'pi_2' }, { refundId: 're_1', reason: 'cus_1' })),
      NOW + 1,
    );
    const ids = async (id: string) =>
      (await home.store.list({ related: id, limit: 9 })).items.map(({ payment }) => payment.paymentId);

    expect(await ids('cus_1')).toEqual(['pi_1']);
    expect(await ids('order "7"')).toEqual(['pi_1']);
    expect(await ids('re_1')).toEqual(['pi_2']);
    expect(await ids('cus')).toEqual([]);
  });

  test('tells the amounts of the payments under each id, as they are now', async () => {
    await using home = await openMany(2);
    await home.store.apply(changeOf(refundEvent('evt_refund', { payment: 'pi_1' }, { account: 'acct_1' })), NOW + 10);

    const [none, second, first] = await home.store.amountsOf(['pi_nobody', 'pi_1', 'pi_0']);

    expect(none).toEqual([]);
    for (const [id, amounts] of Object.entries({ pi_1: second, pi_0: first })) {
      const [stored] = await home.store.find(id);
      const { provider, account, paymentId, mode, currency, amount, captured } = stored?.payment ?? {};
      expect(amounts).toEqual([{ provider, account, paymentId, mode, currency, amount, captured }]);
      expect(amount).toMatchObject({ minor: expect.any(BigInt) });
    }
  });

  test('refuses a cursor of another list', async () => {
    await using home = await open();

    await expect(home.store.list({ limit: 1, after: 'cursor' })).rejects.toMatchObject({ code: 'usage_wrong' });
  });
};

/** Runs the suite against payment stores that `open` makes, each fresh and empty. */
export const describePaymentStore = (name: string, open: OpenPaymentStore, options: ContractOptions = {}): void => {
  describe(`PaymentStore: ${name}`, () => {
    defineContract(options, (test) => {
      defineApplyTests(test, open);
      defineSubjectTests(test, open);
      defineRevisionTests(test, open);
      defineConcurrencyTests(test, open);
      defineMergeTests(test, open);
      defineIdentityTests(test, open);
      defineListTests(test, open);
      definePageTests(test, open);
    });
  });
};
