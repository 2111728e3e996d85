import { describe, expect, test } from 'vitest';
import { deliveryOf, eventsOf, VERIFIED } from '../../../test/providers/provider-inputs.ts';
import { paypal } from './paypal.ts';

const LIVE_URL = 'https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-0000test';
const SANDBOX_URL = LIVE_URL.replace('api.', 'api.sandbox.');
const TRANSMISSION_ID = '0b6ee6d0-1584-11f1-abf0-6b62a8a99ac4';

const capture = (overrides: object = {}): string =>
  JSON.stringify({
    id: 'WH-1-2',
    create_time: '2026-02-01T10:00:00.123Z',
    event_type: 'PAYMENT.CAPTURE.COMPLETED',
    resource: {
      id: 'CAP1',
      update_time: '2026-02-01T09:59:59Z',
      payee: { merchant_id: 'MERCHANT1' },
      supplementary_data: { related_ids: { order_id: 'ORDER1', authorization_id: 'AUTH1' } },
    },
    ...overrides,
  });
const LIVE_HEADERS = { 'paypal-cert-url': LIVE_URL };

describe('paypal.parse', () => {
  test('reads a capture', () => {
    expect(eventsOf(paypal, capture(), LIVE_HEADERS)).toMatchObject([
      {
        dedupeKey: 'WH-1-2',
        providerEventId: 'WH-1-2',
        eventType: 'PAYMENT.CAPTURE.COMPLETED',
        eventAt: Date.UTC(2026, 1, 1, 10, 0, 0, 123),
        objectId: 'CAP1',
        parentIds: ['AUTH1', 'ORDER1'],
        account: 'MERCHANT1',
        mode: 'live',
        isSimulated: false,
        ordering: { by: 'time', value: Date.UTC(2026, 1, 1, 9, 59, 59) },
        payload: null,
      },
    ]);
  });

  test('finds the capture of a refund in its link, and nothing in links that are none', () => {
    const href = 'https://api.paypal.com/v2/payments/captures/CAP1';
    const parentIds = (link: object) =>
      eventsOf(paypal, capture({ resource: { id: 'REF1', links: [link] } }), LIVE_HEADERS)[0]?.parentIds;

    expect(parentIds({ rel: 'up', href })).toEqual(['CAP1']);
    expect(parentIds({ rel: 'self', href })).toEqual([]);
    expect(parentIds({ rel: 'up', href: 7 })).toEqual([]);
  });

  test('finds what disputes and payouts have in place of an id', () => {
    const first = (resource: object) => eventsOf(paypal, capture({ resource }), LIVE_HEADERS)[0];

    expect(first({ dispute_id: 'PP-D-1', disputed_transactions: [{ seller_transaction_id: 'CAP1' }] })).toMatchObject({
      objectId: 'PP-D-1',
      parentIds: ['CAP1'],
    });
    expect(first({ payout_item_id: 'ITEM1', payout_batch_id: 'BATCH1' })).toMatchObject({
      objectId: 'ITEM1',
      parentIds: ['BATCH1'],
    });
    expect(first({ batch_header: { payout_batch_id: 'BATCH1' } })).toMatchObject({ objectId: 'BATCH1', parentIds: [] });
  });

  test('identifies simulated events by transmission, calls them test, and survives month 19', () => {
    const simulated = { ...VERIFIED, isSimulated: true, transmission: { id: TRANSMISSION_ID } };
    const body = capture({ create_time: '2018-19-12T22:20:32.000Z', resource: {} });

    expect(eventsOf(paypal, body, LIVE_HEADERS, simulated)[0]).toMatchObject({
      dedupeKey: `simulated:${TRANSMISSION_ID}`,
      providerEventId: 'WH-1-2',
      eventAt: null,
      ordering: null,
      objectId: null,
      mode: 'test',
      isSimulated: true,
    });
  });

  test('reads the mode from the host of the certificate', () => {
    const modeWith = (headers: Record<string, string>) => eventsOf(paypal, capture(), headers)[0]?.mode;

    expect(modeWith({ 'paypal-cert-url': SANDBOX_URL })).toBe('test');
    expect(modeWith({ 'paypal-cert-url': 'https://evil.example/' })).toBe('unknown');
    expect(modeWith({})).toBe('unknown');
  });

  test.each([
    ['{"event_type":"A"}', 'event_id_missing'],
    ['{"id":"WH-1"}', 'event_type_missing'],
    ['"WH-1"', 'shape_unexpected'],
    ['<html>', 'body_not_json'],
  ])('calls %s unparsable', (body, reason) => {
    expect(paypal.parse(deliveryOf(body, {}), VERIFIED)).toEqual({ outcome: 'unparsable', reason });
  });

  test('says the same of a resend whose links and summary were written anew, and another thing of another amount', () => {
    const event = { id: 'WH-1', event_type: 'T', create_time: '2026-03-01T12:00:00Z', resource: { amount: '1.00' } };
    const contentOf = (overrides: object) => eventsOf(paypal, JSON.stringify({ ...event, ...overrides }))[0]?.content;

    expect(contentOf({ links: [], summary: 'anew' })).toEqual(contentOf({}));
    expect(contentOf({ resource: { amount: '9999.00' } })).not.toEqual(contentOf({}));
  });
});
