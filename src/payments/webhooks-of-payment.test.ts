import { expect, test } from 'vitest';
import type { PaymentTransition } from './payment.ts';
import { webhookIdsOf } from './webhooks-of-payment.ts';

test('the webhooks of a payment are those of its events, also of the second event of one', () => {
  const history = ['stripe:evt_1', 'adyen:a', 'adyen:a#2', 'acme:order#7'].map(
    (eventId) => ({ eventId }) as PaymentTransition,
  );

  expect(webhookIdsOf({ history })).toEqual([
    ...['stripe:evt_1', 'adyen:a', 'adyen:a#2'],
    ...['acme:order#7', 'acme:order'],
  ]);
});
