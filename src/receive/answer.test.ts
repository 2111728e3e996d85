import { describe, expect, test } from 'vitest';
import { answerOf, answerOfError, answerOfRefusal, statusOfTurnedAway } from './answer.ts';
import type { AcceptedEvent, ReceiveOutcome } from './receive.ts';
import type { RefusalReason } from './turned-away.ts';

const event = (webhookId: string): AcceptedEvent => ({
  webhookId,
  timestamp: 0,
  eventType: 'payment.made',
  status: 'received',
  isDuplicate: false,
  cardDataCount: 0,
});

describe('the answer to a delivery that the trail says was turned away', () => {
  test.each([
    ['REJECTED_SIGNATURE', 'signature_mismatch', 401],
    ['REJECTED_REPLAY', 'timestamp_too_old', 401],
    ['REFUSED_AT_EDGE', 'body_too_large', 413],
    ['REFUSED_AT_EDGE', 'overloaded', 503],
    ['REJECTED_AT_EDGE', 'rate_exceeded', 429],
    ['REFUSED_AT_EDGE', 'of_a_release_to_come', null],
    ['REFUSED_AT_EDGE', 'toString', null],
    ['REFUSED_AT_EDGE', null, null],
  ])('as %s, %s, was %s', (event, reason, status) => {
    expect(statusOfTurnedAway(event, reason)).toBe(status);
  });
});

describe('the answer to a delivery', () => {
  test.each(['accepted', 'duplicate'] as const)('that was %s says so, with the id of its webhook', (outcome) => {
    expect(answerOf({ outcome, secretId: 'acme#1', events: [event('acme:1')] })).toEqual({
      httpStatus: 200,
      body: { status: outcome, webhookId: 'acme:1' },
      retryAfterSeconds: null,
    });
  });

  test('that held a batch names the webhooks in their order, the first one twice', () => {
    const events = [event('acme:2'), event('acme:1')];

    expect(answerOf({ outcome: 'accepted', secretId: 'acme#1', events }).body).toEqual({
      status: 'accepted',
      webhookId: 'acme:2',
      webhookIds: ['acme:2', 'acme:1'],
    });
  });

  test('that was rejected does not say which check failed', () => {
    const answers = (['signature_mismatch', 'timestamp_too_old', 'transmission_conflict'] as const).map((reason) =>
      answerOf({ outcome: 'rejected', reason }),
    );

    for (const answer of answers) {
      expect(answer).toEqual({
        httpStatus: 401,
        body: { error: 'signature_verification_failed' },
        retryAfterSeconds: null,
      });
    }
  });

  test.each<[ReceiveOutcome, object]>([
    [
      { outcome: 'unavailable', reason: 'certificate_unavailable' },
      { httpStatus: 503, body: { error: 'certificate_unavailable' }, retryAfterSeconds: 5 },
    ],
    [
      { outcome: 'too_large', sealedBytes: 400_000 },
      { httpStatus: 413, body: { error: 'payload_too_large' }, retryAfterSeconds: null },
    ],
    [
      { outcome: 'provider_unknown' },
      { httpStatus: 404, body: { error: 'provider_unknown' }, retryAfterSeconds: null },
    ],
  ])('has a status, a code and, where it may come again, a time: %o', (outcome, answer) => {
    expect(answerOf(outcome)).toEqual(answer);
  });

  test('whose machine broke is welcome again, and is told the code and nothing else', () => {
    expect(answerOfError('store_full')).toEqual({
      httpStatus: 503,
      body: { error: 'store_full' },
      retryAfterSeconds: 5,
    });
  });
});

describe('the answer to a request that is refused at the edge', () => {
  test.each<[RefusalReason, number]>([
    ['provider_unknown', 404],
    ['method_not_allowed', 405],
    ['path_not_understood', 400],
    ['content_type_not_supported', 400],
    ['headers_too_large', 400],
    ['request_malformed', 400],
    ['request_timed_out', 400],
    ['body_too_large', 413],
    ['rate_exceeded', 429],
    ['address_rate_exceeded', 429],
  ])('for %s has status %i and the reason as its code', (reason, httpStatus) => {
    expect(answerOfRefusal(reason)).toEqual({ httpStatus, body: { error: reason }, retryAfterSeconds: null });
  });

  test('says when to come again: as told, and by itself only where a machine is overloaded', () => {
    expect(answerOfRefusal('rate_exceeded', 17).retryAfterSeconds).toBe(17);
    expect(answerOfRefusal('overloaded')).toEqual({
      httpStatus: 503,
      body: { error: 'overloaded' },
      retryAfterSeconds: 5,
    });
    expect(answerOfRefusal('overloaded', 1).retryAfterSeconds).toBe(1);
  });
});
