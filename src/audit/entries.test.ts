import { describe, expect, test } from 'vitest';
import { asStored } from '../../test/contract/homes.ts';
import { NOW } from '../../test/support/clock.ts';
import { insertionOf } from '../../test/support/insertion.ts';
import { NO_EFFECTS } from '../core/effects.ts';
import type { StatusChange } from '../core/ports/webhook-store.ts';
import type { WebhookStatus } from '../core/status.ts';
import { entriesForInsert, entryForChange } from './entries.ts';

const ORIGIN = { sourceAddress: null, requestId: null, traceId: 'trace-1' };

describe('a webhook that was stored', () => {
  test('leaves one entry: who sent it, when it came, and the status that it began with', () => {
    expect(entriesForInsert(insertionOf())).toEqual([
      {
        chainId: `stripe:evt_1@${NOW - 5000}`,
        at: NOW,
        actor: { type: 'provider', id: 'stripe' },
        event: 'WEBHOOK_ACCEPTED',
        outcome: 'success',
        reason: null,
        origin: ORIGIN,
        resource: { type: 'webhook', id: 'stripe:evt_1' },
        change: { from: null, to: 'received' },
        count: 1,
        received: {
          eventType: 'payment_intent.succeeded',
          mode: 'test',
          bodySha256: insertionOf().webhook.bodySha256,
          payloadSha256: expect.stringMatching(/^[\w-]{43}$/),
          restSha256: expect.stringMatching(/^[\w-]{43}$/),
          expiresAt: insertionOf().webhook.expiresAt,
        },
      },
    ]);
  });

  test('says why when it began as a dead letter', () => {
    const insertion = insertionOf({}, { status: 'dead_lettered', lastError: 'event_id_missing' });

    expect(entriesForInsert(insertion)).toMatchObject([
      { event: 'WEBHOOK_ACCEPTED', reason: 'event_id_missing', change: { from: null, to: 'dead_lettered' } },
    ]);
  });

  test('leaves a second entry when card data was masked in it, with how much, and no change', () => {
    const insertion = insertionOf({ cardData: { cardNumbers: 2, securityCodes: 1, trackData: 1 } });

    expect(entriesForInsert(insertion)).toMatchObject([
      { event: 'WEBHOOK_ACCEPTED', count: 1 },
      {
        event: 'PAN_REDACTED',
        reason: 'card_data_found',
        change: null,
        count: 4,
        chainId: `stripe:evt_1@${NOW - 5000}`,
        origin: ORIGIN,
      },
    ]);
  });
});

describe('a webhook whose status changed', () => {
  const entryOf = (from: WebhookStatus, overrides: Partial<StatusChange>) =>
    entryForChange(
      { ...asStored(insertionOf()), status: from },
      {
        status: 'processed',
        attempts: 1,
        lastError: null,
        nextAttemptAt: null,
        effects: NO_EFFECTS,
        changedAt: NOW,
        actor: { type: 'component', id: 'processor' },
        reason: null,
        ...overrides,
      },
    );

  test('leaves who changed it, when, and from what to what', () => {
    expect(entryOf('received', {})).toEqual({
      chainId: `stripe:evt_1@${NOW - 5000}`,
      at: NOW,
      actor: { type: 'component', id: 'processor' },
      event: 'STATUS_CHANGED',
      outcome: 'success',
      reason: null,
      origin: ORIGIN,
      resource: { type: 'webhook', id: 'stripe:evt_1' },
      change: { from: 'received', to: 'processed' },
      count: 1,
      state: {
        beforeSha256: expect.stringMatching(/^[\w-]{43}$/),
        afterSha256: expect.stringMatching(/^[\w-]{43}$/),
      },
    });
  });

  test.each([
    ['processed', 'success'],
    ['ignored', 'success'],
    ['retrying', 'failure'],
    ['dead_lettered', 'failure'],
  ] as const)('to %s is a %s', (status, outcome) => {
    expect(entryOf('retrying', { status, reason: 'why' })).toMatchObject({
      event: 'STATUS_CHANGED',
      outcome,
      reason: 'why',
      change: { from: 'retrying', to: status },
    });
  });

  test.each([
    ['dead_lettered', 'REDRIVEN'],
    ['processed', 'REPLAYED'],
    ['ignored', 'REPLAYED'],
    ['retrying', 'REPLAYED'],
  ] as const)('from %s back to received is called %s, and was done by somebody', (from, event) => {
    const actor = { type: 'operator', id: 'anna' } as const;

    expect(entryOf(from, { status: 'received', actor, reason: 'the warehouse lost it' })).toMatchObject({
      event,
      actor,
      outcome: 'success',
      reason: 'the warehouse lost it',
      change: { from, to: 'received' },
    });
  });
});
