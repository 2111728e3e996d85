import { describe, expect, test } from 'vitest';
import { answerOf } from '../../src/receive/answer.ts';
import { createTestHome, STRIPE_SECRET, stripeDelivery } from '../support/test-home.ts';

const CARD_NUMBER = '4242424242424242';
const CANARY = 'canary-of-the-payload';

describe('I6 silent about secrets', () => {
  test('no secret, payload, card number or CVV reaches a log, an alert, the queue, the audit trail, a list or an answer', async () => {
    const home = createTestHome({
      attemptsMax: 2,
      handler: () => {
        throw new Error('cannot book');
      },
    });
    const carded = stripeDelivery(home.clock, 'evt_1', {
      object: { description: `${CANARY} paid with ${CARD_NUMBER}`, cvc: '737' },
    });
    const outcomes = [
      await home.deliver(carded),
      await home.deliver(
        stripeDelivery(home.clock, 'evt_2', { secret: 'whsec_wrong', object: { description: CANARY } }),
      ),
      await home.deliver(stripeDelivery(home.clock, 'evt_3', { body: Buffer.from(`{"${CANARY}": broken`) })),
    ];
    for (let round = 0; round < 3; round += 1) {
      await home.work();
      home.clock.advance(120_000);
    }
    await home.closeDigests();

    const said = JSON.stringify([
      home.logger.lines,
      home.alerts.raised,
      await home.queue.claim(10, 1),
      await home.auditLog.read(0, 1000),
      await home.auditLog.digests(0, 1000),
      (await home.store.list({ limit: 10 })).items,
      outcomes.map(answerOf),
    ]);

    expect(said).toContain('stripe:evt_1');
    for (const forbidden of [STRIPE_SECRET, CANARY, CARD_NUMBER, '42424242']) expect(said).not.toContain(forbidden);
    // Three digits stand in many a hash: what is looked for is a value of its own.
    expect(said).not.toMatch(/\b737\b/);
  });

  test('the stored copy holds a card number masked to first six and last four, flagged, counted and alerted', async () => {
    const home = createTestHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1', { object: { note: CARD_NUMBER, cvc: '737' } }));
    const [webhook] = await home.store.find('stripe:evt_1');

    const stored = Buffer.from(await home.seal.open(webhook!.payload, webhook!)).toString();

    expect(stored).toContain('"note": "424242******4242"');
    expect(stored).not.toContain(CARD_NUMBER);
    expect(stored).not.toMatch(/\b737\b/);
    expect(webhook?.cardData).toEqual({ cardNumbers: 1, securityCodes: 1, trackData: 0 });
    expect(home.alerts.raised.map((alert) => alert.kind)).toEqual(['card_data_found']);
    expect((await home.auditLog.read(0, 10)).map((entry) => JSON.parse(entry.text).event)).toEqual([
      'WEBHOOK_ACCEPTED',
      'PAN_REDACTED',
    ]);
  });

  test('what the store holds of a payload is sealed: none of it can be read without the key', async () => {
    const home = createTestHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1', { object: { description: CANARY } }));
    const [webhook] = await home.store.find('stripe:evt_1');

    expect(Buffer.from(webhook!.payload.bytes).toString('latin1')).not.toContain(CANARY);
    expect(Buffer.from(webhook!.payload.bytes).toString('latin1')).not.toContain('payment_intent');
  });
});
