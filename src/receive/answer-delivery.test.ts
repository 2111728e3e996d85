import { describe, expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import { readRecord } from '../audit/audit.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import {
  type AnswerDeliveryDeps,
  createAnswerDelivery,
  type DeliveryContext,
  type ReadDelivery,
} from './answer-delivery.ts';
import type { RequestFacts } from './edge-rules.ts';
import type { ReceiveOutcome } from './receive.ts';

const FACTS: RequestFacts = {
  method: 'POST',
  pathProvider: 'stripe',
  isProviderConfigured: true,
  headersCount: 3,
  hostsCount: 1,
  expectation: undefined,
  contentType: 'application/json',
};
const CONTEXT: DeliveryContext = {
  requestId: 'request-1',
  traceId: 'trace-1',
  sender: { address: '192.0.2.7', isLimited: true, hasReserve: false },
  provider: 'stripe',
  seconds: () => 0.25,
};
const LINE = { provider: 'stripe', duration_ms: 250, source_address: '192.0.2.7', request_id: 'request-1' };

const open = (overrides: Partial<AnswerDeliveryDeps> = {}) => {
  const home = createTestHome();
  const { clock, logger, turnedAway, receive } = home;
  const counts: Parameters<Metrics['delivery']>[] = [];
  const masked: number[] = [];
  const { answer, refuse } = createAnswerDelivery({
    receive,
    turnedAway,
    clock,
    logger,
    metrics: {
      delivery: (...count) => void counts.push(count),
      cardDataFound: (_, values) => void masked.push(values),
      duplicateDiffers: () => {},
    },
    ...overrides,
  });
  const { body, headers } = stripeDelivery(clock, 'evt_1');
  const read: ReadDelivery & { outcome: 'read' } = {
    outcome: 'read',
    delivery: {
      body,
      headers: new Map(Object.entries(headers).map(([k, v]) => [k, [v]])),
      method: 'POST',
      query: '',
      publicUrl: null,
    },
  };
  const send = (given: ReadDelivery = read, context: Partial<DeliveryContext> = {}) =>
    answer(FACTS, async () => given, { ...CONTEXT, ...context });
  return { ...home, counts, masked, answer, refuse, send, read };
};

const outcomes = (outcome: ReceiveOutcome) => ({ receive: async () => outcome });
const event = (webhookId: string, cardDataCount = 0) => ({
  webhookId,
  timestamp: 0,
  eventType: 'charge.succeeded',
  status: 'received' as const,
  isDuplicate: false,
  cardDataCount,
});

describe('answering a delivery', () => {
  test('a genuine one is stored before it is answered, with one line and one count', async () => {
    const { send, store, logger, counts } = open();

    expect(await send()).toMatchObject({ httpStatus: 200, body: { status: 'accepted', webhookId: 'stripe:evt_1' } });

    expect(await store.find('stripe:evt_1')).toMatchObject([{ traceId: 'trace-1', receivedAt: expect.any(Number) }]);
    expect(logger.lines).toMatchObject([
      { level: 'info', event: 'delivery.received', fields: { ...LINE, outcome: 'accepted', http_status: 200 } },
    ]);
    expect(counts).toEqual([['stripe', 'accepted', 0.25]]);
  });

  test('a batch says how many webhooks it held, and card values that were masked are counted', async () => {
    const { send, logger, masked } = open(
      outcomes({ outcome: 'accepted', secretId: '1', events: [event('stripe:a', 1), event('stripe:b', 2)] }),
    );

    expect(await send()).toMatchObject({ body: { webhookIds: ['stripe:a', 'stripe:b'] } });

    expect(logger.lines[0]?.fields).toMatchObject({ count: 2, webhook_id: 'stripe:a', secret_id: '1' });
    expect(masked).toEqual([3]);
  });

  test('one that breaks a rule is refused, audited and never read', async () => {
    const { answer, logger, counts, auditLog } = open();
    const read = async (): Promise<ReadDelivery> => {
      throw new Error('read all the same');
    };

    expect(await answer({ ...FACTS, method: 'GET' }, read, CONTEXT)).toMatchObject({ httpStatus: 405 });

    expect(logger.lines).toMatchObject([
      {
        level: 'warn',
        event: 'delivery.refused',
        fields: { ...LINE, outcome: 'refused', reason: 'method_not_allowed' },
      },
    ]);
    expect(counts).toEqual([['stripe', 'refused', 0.25]]);
    expect((await auditLog.latest(9)).map(readRecord)).toMatchObject([
      { event: 'REFUSED_AT_EDGE', reason: 'method_not_allowed', origin: { sourceAddress: '192.0.2.7' } },
    ]);
  });

  test('one whose body is too large counts as too large', async () => {
    const { send, counts } = open();

    expect(await send({ outcome: 'refused', reason: 'body_too_large' })).toMatchObject({ httpStatus: 413 });

    expect(counts).toEqual([['stripe', 'too_large', 0.25]]);
  });

  test('one that the home has answered meanwhile is neither answered nor reported again', async () => {
    const { send, logger, counts, auditLog } = open();

    expect(await send({ outcome: 'answered' })).toBeNull();

    expect([logger.lines, counts, await auditLog.latest(9)]).toEqual([[], [], []]);
  });

  test('one that is not genuine is audited, and the sender is not told why', async () => {
    const { send, read, logger, counts, auditLog } = open();

    const forged = { ...read, delivery: { ...read.delivery, body: Buffer.from('{}') } };
    expect(await send(forged)).toMatchObject({ httpStatus: 401, body: { error: 'signature_verification_failed' } });

    expect(logger.lines).toMatchObject([{ event: 'delivery.rejected', fields: { reason: 'signature_mismatch' } }]);
    expect(counts).toEqual([['stripe', 'rejected', 0.25, 'signature_mismatch']]);
    expect((await auditLog.latest(9)).map(readRecord)).toMatchObject([{ event: 'REJECTED_SIGNATURE' }]);
  });

  test('a trail that cannot take the entry is logged and changes nothing about the answer', async () => {
    const record = async () => {
      throw new Error('no trail');
    };
    const { send, read, logger } = open({ turnedAway: { record } });

    const forged = { ...read, delivery: { ...read.delivery, body: Buffer.from('{}') } };
    expect(await send(forged)).toMatchObject({ httpStatus: 401 });

    expect(logger.lines.map((line) => line.event)).toEqual(['audit.not_written', 'delivery.rejected']);
  });

  test.each<[ReceiveOutcome, number, string, string]>([
    [{ outcome: 'unavailable', reason: 'certificate_unavailable' }, 503, 'delivery.unavailable', 'unavailable'],
    [{ outcome: 'too_large', sealedBytes: 1 }, 413, 'delivery.refused', 'too_large'],
    [{ outcome: 'provider_unknown' }, 404, 'delivery.refused', 'refused'],
  ])('what receive calls %j is answered %i, logged as %s and counted as %s', async (outcome, status, line, count) => {
    const { send, logger, counts } = open(outcomes(outcome));

    expect(await send()).toMatchObject({ httpStatus: status });

    expect(logger.lines.map((one) => one.event)).toEqual([line]);
    expect(counts.map(([, counted]) => counted)).toEqual([count]);
  });

  test('a machine that breaks asks the sender to come again; the log has the message, the sender the code', async () => {
    const receive = async () => {
      throw new Error('the disk is full of secrets');
    };
    const { send, logger, counts } = open({ receive });

    expect(await send()).toEqual({ httpStatus: 503, body: { error: 'internal' }, retryAfterSeconds: 5 });

    expect(logger.lines).toMatchObject([
      { level: 'error', event: 'delivery.unavailable', fields: { ...LINE, reason: 'internal', http_status: 503 } },
    ]);
    expect(counts).toEqual([['stripe', 'unavailable', 0.25]]);
  });

  test('a body that cannot be read for a fault of ours is answered 503, too', async () => {
    const { answer } = open();
    const read = async (): Promise<ReadDelivery> => {
      throw new Error('out of memory');
    };

    expect(await answer(FACTS, read, CONTEXT)).toMatchObject({ httpStatus: 503 });
  });
});

describe('what is told of deliveries that are turned away', () => {
  test('is counted when the trail counts it: no line, and the same answer and count as ever', async () => {
    const { send, read, refuse, logger, counts } = open({ turnedAway: { record: async () => 'counted' } });
    const forged = { ...read, delivery: { ...read.delivery, body: Buffer.from('{}') } };

    expect((await send(forged))?.httpStatus).toBe(401);
    expect((await refuse('overloaded', CONTEXT)).httpStatus).toBe(503);

    expect(logger.lines).toEqual([]);
    expect(counts.map(([, outcome]) => outcome)).toEqual(['rejected', 'refused']);
  });

  test('is thinned as well when a certificate cannot be had or a machine breaks, without an audit entry', async () => {
    const unavailable: ReceiveOutcome = { outcome: 'unavailable', reason: 'certificate_unavailable' };
    const broken = async () => {
      throw new Error('no disk');
    };
    for (const receive of [outcomes(unavailable).receive, broken]) {
      const { send, logger, auditLog, counts } = open({ receive });

      for (let n = 0; n < 100; n += 1) expect((await send())?.httpStatus).toBe(503);

      expect(logger.lines.length).toBeGreaterThan(10);
      expect(logger.lines.length).toBeLessThan(50);
      expect(counts).toHaveLength(100);
      expect(await auditLog.latest(9)).toEqual([]);
    }
  });

  test.each([
    ['gzip', 'gzip'],
    [' GZIP ', 'gzip'],
    ['br', 'br'],
    ['4242424242424242', 'something else'],
  ])('names the Content-Encoding "%s" where a signature does not match', async (coding, named) => {
    const { send, read, logger } = open();
    const { delivery } = read;
    const headers = new Map([...delivery.headers, ['content-encoding', [coding]]]);

    await send({ ...read, delivery: { ...delivery, headers, body: Buffer.from('packed') } });

    expect(logger.lines[0]?.fields).toMatchObject({
      reason: 'signature_mismatch',
      message: expect.stringContaining(`Content-Encoding ${named}`),
    });
    expect(JSON.stringify(logger.lines)).not.toContain('4242');
  });

  test('says nothing of Content-Encoding where there is none, or another reason', async () => {
    const { send, read, logger } = open();
    const { delivery } = read;

    await send({ ...read, delivery: { ...delivery, body: Buffer.from('{}') } });
    await send({ ...read, delivery: { ...delivery, headers: new Map([['content-encoding', ['gzip']]]) } });

    expect(logger.lines.map(({ fields }) => [fields.reason, fields.message])).toEqual([
      ['signature_mismatch', undefined],
      ['signature_missing', undefined],
    ]);
  });
});

describe('the time of a delivery', () => {
  const never = () => new Promise<never>(() => {});

  test('ends in 503 with Retry-After, one line and one count', async () => {
    const { send, logger, counts } = open({ receive: never, deliveryMsMax: 5 });

    expect(await send()).toEqual({ httpStatus: 503, body: { error: 'store_unavailable' }, retryAfterSeconds: 5 });

    expect(logger.lines).toMatchObject([
      { event: 'delivery.unavailable', fields: { message: 'the delivery was not stored within 5 ms' } },
    ]);
    expect(counts).toHaveLength(1);
  });

  test('is never longer than what the home has left', async () => {
    const { send, logger } = open({ receive: never });

    await send(undefined, { remainingMs: () => 3 });

    expect(logger.lines[0]?.fields.message).toBe('the delivery was not stored within 3 ms');
  });

  test('ends for the sender only: what goes on behind the answer has ended when it has, and says so once', async () => {
    const { promise, resolve } = Promise.withResolvers<ReceiveOutcome>();
    const { send, read, logger } = open({ receive: () => promise, deliveryMsMax: 5 });
    let ended = 0;

    await send({ ...read, onEnded: () => (ended += 1) });
    expect(ended).toBe(0);
    resolve({ outcome: 'provider_unknown' });
    await promise;

    expect(ended).toBe(1);
    expect(logger.lines).toHaveLength(1);
  });

  test('has ended with the answer where nothing goes on behind it, also when a machine broke', async () => {
    for (const receive of [outcomes({ outcome: 'provider_unknown' }).receive, () => Promise.reject(new Error('no'))]) {
      const { send, read } = open({ receive });
      const { promise, resolve } = Promise.withResolvers<void>();

      await send({ ...read, onEnded: resolve });

      await promise;
    }
  });
});

describe('refusing by limits of the home', () => {
  test('gives the time to wait that the home knows', async () => {
    const { refuse } = open();

    expect(await refuse('rate_exceeded', CONTEXT, 7)).toEqual({
      httpStatus: 429,
      body: { error: 'rate_exceeded' },
      retryAfterSeconds: 7,
    });
  });
});
