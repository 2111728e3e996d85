/** Senders that would keep a connection forever. A server of their own: its times are too short for anybody else. */
import { describe, test } from 'vitest';
import { exchange, head } from './raw-exchange.ts';
import { clock, expectAnswer, expectRefusedFor, JSON_TYPE, server, sign, useServer, whole } from './refusing-server.ts';
import { stripeEvent } from './signed.ts';

useServer({
  edgeBounds: {
    headersMsMax: 1000,
    requestMsMax: 1200,
    body: { lookEveryMs: 50, idleMsMax: 300, bytesPerSecondMin: 20 },
  },
});

/** Sent one after the other, for as long as the server lets it. */
const DRIP = { everyMs: 25 };
const DROPS = 100_000;

describe('the edge', () => {
  test('answers headers that never end when the time for headers is over, and closes', async () => {
    const drip = Array.from({ length: DROPS }, (_, index) => `X-${index}: y\r\n`);

    const answer = await exchange(server.port, ['POST /webhook/stripe HTTP/1.1\r\nHost: x\r\n', ...drip], DRIP);

    expectAnswer(answer, { status: 400, code: 'request_timed_out' });
    await expectRefusedFor('request_timed_out');
  });

  test('answers a body that never ends when the time for a request is over, once', async () => {
    const start = head('POST /webhook/stripe', [JSON_TYPE, ['Content-Length', DROPS]]);

    const answer = await exchange(server.port, [start, ...'x'.repeat(DROPS)], DRIP);

    expectAnswer(answer, { status: 400, code: 'request_timed_out' });
    await expectRefusedFor('request_timed_out');
  });

  test('answers a body shorter than announced when the time for a request is over, and stores nothing', async () => {
    const signed = sign('stripe', stripeEvent('evt_short'), { now: clock.now() });
    const [start, body] = whole(signed.body, signed.headers);

    const answer = await exchange(server.port, [start, body.subarray(0, 20)]);

    expectAnswer(answer, { status: 400, code: 'request_timed_out' });
    await expectRefusedFor('request_timed_out');
  });
});
