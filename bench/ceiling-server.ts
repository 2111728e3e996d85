/**
 * Servers to compare with, each a process of its own. `bare` reads the body and answers; `verified` also checks one
 * HMAC-SHA256 and parses the JSON; `edge` is Payhook's own HTTP edge, log and metrics included, around nothing.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPinoLogger } from '../src/adapters/pino/pino-logger.ts';
import { createPrometheusMetrics } from '../src/adapters/prometheus/prometheus-metrics.ts';
import { systemClock } from '../src/adapters/system/system-clock.ts';
import { createSystemRandomness } from '../src/adapters/system/system-randomness.ts';
import { createEdgeLimits } from '../src/homes/local/edge-limits.ts';
import { createHttpEdge } from '../src/homes/local/http-edge.ts';
import { createAnswerDelivery } from '../src/receive/answer-delivery.ts';
import type { ReceiveOutcome } from '../src/receive/receive.ts';
import { SIGNING_SECRET } from './deliveries.ts';

const WEBHOOK_ID = `stripe:evt_1${'x'.repeat(23)}`;
const ANSWER = JSON.stringify({ status: 'accepted', webhookId: WEBHOOK_ID });

const isGenuine = (request: IncomingMessage, body: Buffer): boolean => {
  const [, timestamp = '', signature = ''] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request.headers['stripe-signature'])) ?? [];
  const expected = createHmac('sha256', SIGNING_SECRET).update(`${timestamp}.`).update(body).digest();
  const given = Buffer.from(signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
};

const createPlain = (isAcceptable: (request: IncomingMessage, body: Buffer) => boolean): Server =>
  createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const status = isAcceptable(request, Buffer.concat(chunks)) ? 200 : 401;
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': ANSWER.length });
      response.end(ANSWER);
    });
  });

const createEdge = (): Server => {
  const outcome: ReceiveOutcome = {
    outcome: 'accepted',
    secretId: 'stripe#1',
    events: [
      {
        webhookId: WEBHOOK_ID,
        timestamp: 0,
        eventType: 'payment_intent.succeeded',
        status: 'received',
        isDuplicate: false,
        cardDataCount: 0,
      },
    ],
  };
  const clock = systemClock;
  const logger = createPinoLogger({ format: 'json', level: 'info' });
  return createHttpEdge({
    deliveries: createAnswerDelivery({
      receive: async () => outcome,
      turnedAway: { record: async () => 'told' },
      clock,
      logger,
      metrics: createPrometheusMetrics(),
    }),
    clock,
    randomness: createSystemRandomness(clock),
    logger,
    isStopping: () => false,
    limits: createEdgeLimits({
      settings: {
        requestsPerSecond: 1_000_000,
        requestsBurst: 1_000_000,
        requestsPerSecondPerAddress: 10,
        arePublishedAddressesExempt: true,
        isLoopbackExempt: true,
        trustedProxyHops: 0,
      },
      publishedAddresses: new Set(),
      clock,
      logger,
    }),
    providerNames: new Set(['stripe']),
    answerProbe: () => undefined,
  });
};

const createNamed = (name: string | undefined): Server => {
  if (name === 'bare') return createPlain(() => true);
  if (name === 'edge') return createEdge();
  return createPlain(
    (request, body) => isGenuine(request, body) && typeof JSON.parse(body.toString('utf8')) === 'object',
  );
};

const server = createNamed(process.argv[2]).listen(0, '127.0.0.1');
await once(server, 'listening');
process.send?.((server.address() as AddressInfo).port);
process.on('disconnect', () => process.exit());
