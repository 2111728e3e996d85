/** What the bodies of known deliveries mean, read from outside the project when they are there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventOf, mapBody } from '../payments/webhooks.ts';
import { describeWithVectors, VECTORS_FOLDER } from '../support/vectors.ts';

const usd = (minor: bigint) => ({ minor, currency: 'USD', exponent: 2 });

const sale = (paymentId: string, amount: bigint, fee: bigint) => ({
  type: 'payment.succeeded',
  paymentId,
  amount: usd(amount),
  captured: usd(amount),
  fee: usd(fee),
});

interface Expectation {
  readonly file: string;
  readonly name: string;
  /** Fields of the one payment event, or the whole outcome without one. */
  readonly event?: object;
  readonly outcome?: object;
}

const UNKNOWN = { outcome: 'ignored', reason: 'unknown_type' };
const LEFT_OUT = { outcome: 'ignored', reason: 'left_out' };

const EXPECTATIONS: readonly Expectation[] = [
  {
    file: 'paypal',
    name: 'sandbox-2015-sdk-python-ruby-node',
    event: sale('PAY-86C81811X5228590KKVNARQQ', 2000n, 88n),
  },
  { file: 'paypal', name: 'sandbox-2015-sdk-java', event: sale('PAY-1A142943SV880364LKVJEFPQ', 2000n, 88n) },
  { file: 'paypal', name: 'sandbox-2016-sdk-node-sample', event: sale('PAY-11X29866PC6848407K72RIQA', 601n, 47n) },
  { file: 'paypal', name: 'sandbox-2016-sale-completed', event: sale('PAY-7F371669SL612941HK7RQFDQ', 2100n, 91n) },
  { file: 'paypal', name: 'sandbox-2017-sdk-java-validatecert', outcome: LEFT_OUT },
  // Forged: mapping cannot tell, which is why a second body for one transmission is refused before.
  { file: 'paypal', name: 'forged-body-same-crc32', event: sale('PAY-86C81811X5228590KKVNARQQ', 1_000_000n, 88n) },
  { file: 'stripe', name: 'stripe-dotnet-customer-created', outcome: LEFT_OUT },
  { file: 'stripe', name: 'async-stripe-invoiceitem-created', outcome: LEFT_OUT },
  {
    file: 'stripe',
    name: 'thin-event-rolled-secret',
    outcome: {
      outcome: 'needs_fetch',
      fetch: {
        eventPath: '/v2/core/events/evt_test_65R0000000000000000000000000000000',
        object: { id: 'mtr_123', type: 'billing.meter', path: '/v1/billing/meters/mtr_123' },
      },
    },
  },
  { file: 'square', name: 'test-notification-2022', outcome: { outcome: 'ignored', reason: 'test_notification' } },
  { file: 'adyen', name: 'node-event', outcome: UNKNOWN },
  {
    file: 'adyen',
    name: 'java-authorisation-no-escaping-2023',
    event: {
      type: 'payment.authorized',
      paymentId: 'ZVWN7D3WSMK2WN82',
      amount: { minor: 1000n, currency: 'EUR', exponent: 2 },
      occurredAt: Date.UTC(2023, 0, 10, 12, 42, 29),
      related: { payment: 'ZVWN7D3WSMK2WN82', merchant_reference: '\\:/\\/slashes are fun' },
    },
  },
  {
    file: 'adyen',
    name: 'banking-accountHolderCreated',
    event: { type: 'account.updated', accountId: 'AH00000000000000000001', status: 'active', canBePaidOut: false },
  },
];

/** Signed, but no events: the provider's parser says so, and they never come to be mapped. */
const UNPARSABLE = ['plain'];

interface Vector {
  readonly name: string;
  readonly expect: 'accept' | 'reject';
  readonly body: string;
}

const vectorsOf = (file: string): readonly Vector[] =>
  JSON.parse(readFileSync(join(VECTORS_FOLDER, `${file}-webhooks.json`), 'utf8')).vectors;

describeWithVectors('the mapping of known deliveries', () => {
  test.each(EXPECTATIONS)('$file: $name means what its body says', ({ file, name, event, outcome }) => {
    const vector = vectorsOf(file).find((one) => one.name === name);
    const body = vector?.body ?? '';

    if (event === undefined) expect(mapBody(file, body)).toEqual(outcome);
    else expect(eventOf(file, body)).toMatchObject(event);
  });

  test.each(['paypal', 'stripe', 'square', 'adyen'])('%s: every accepted vector is among these', (file) => {
    const names = vectorsOf(file)
      .filter((vector) => vector.expect === 'accept')
      .map(({ name }) => name);

    expect(names.length).toBeGreaterThan(1);
    expect(
      names.filter((name) => !UNPARSABLE.includes(name) && !EXPECTATIONS.some((one) => one.name === name)),
    ).toEqual([]);
  });
});
