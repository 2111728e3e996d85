import { expect, test } from 'vitest';
import type { PaymentDetailJson } from '../api-types.ts';
import { byOurClock, byTheirClock } from './payment-clocks.ts';

const change = (eventId: string, at: string | null) =>
  ({ eventId, at, isTransition: true }) as PaymentDetailJson['history'][number];
const arrival = (eventId: string, receivedAt: string) =>
  ({
    eventId,
    receivedAt,
    news: 'news',
    webhookId: eventId,
    status: 'processed',
    handlers: [],
    destinations: [],
  }) as const;

const PAYMENT = {
  history: [change('a', '2026-11-23T12:00:00.000Z'), change('b', '2026-11-23T12:00:05.000Z'), change('c', null)],
  arrivals: [arrival('a', '2026-11-23T12:00:09.000Z'), arrival('b', '2026-11-23T12:00:07.000Z')],
} as unknown as PaymentDetailJson;

test('by the clock of its provider a payment goes in the order of what happened', () => {
  expect(byTheirClock(PAYMENT).map(({ at, change: { eventId } }) => [eventId, at?.slice(11, 19) ?? null])).toEqual([
    ['a', '12:00:00'],
    ['b', '12:00:05'],
    ['c', null],
  ]);
});

test('by our clock it goes in the order in which it came, and what is not kept any more stands first', () => {
  expect(byOurClock(PAYMENT).map(({ at, change: { eventId } }) => [eventId, at?.slice(11, 19) ?? null])).toEqual([
    ['c', null],
    ['b', '12:00:07'],
    ['a', '12:00:09'],
  ]);
});
