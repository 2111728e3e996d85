/** A handler is tested in a home that lives in memory: attempts, waits and outcomes are those of the server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestHome, sampleEvent, sampleWebhook } from 'payhook/testing';
import * as handlers from './handlers.ts';

test('an order is shipped once its payment has succeeded', async () => {
  const home = await openTestHome({ handlers });

  const {
    status,
    attempts,
    handlers: called,
  } = await home.deliver(sampleWebhook('stripe', 'payment_intent.succeeded'));

  assert.equal(status, 'processed');
  assert.equal(attempts.length, 1);
  assert.deepEqual(called, [{ handler: 'shipOrder', event: 'payment.succeeded', outcome: 'done', calls: 1 }]);
});

test('nothing is shipped for a payment that failed', async () => {
  const home = await openTestHome({ handlers });

  const { handlers: called } = await home.deliverEvent({ ...sampleEvent('payment.failed'), reason: 'card_declined' });

  assert.deepEqual(called, []);
});
