/**
 * The edge of the local home: sockets, and what their senders may take. What becomes of a delivery is decided, answered,
 * audited and reported by `answer-delivery.ts`, as on AWS.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { asPayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { DeliveryHeaders } from '../../core/ports/provider.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import type { Sender } from '../../core/shares.ts';
import { type Answer, answerOfError } from '../../receive/answer.ts';
import type { AnswerDelivery, DeliveryContext, ReadDelivery } from '../../receive/answer-delivery.ts';
import type { RequestFacts } from '../../receive/edge-rules.ts';
import { type BodyWatch, createBodyWatch } from './body-watch.ts';
import { developmentUrlOf } from './development-url.ts';
import type { EdgeLimits, ExceededRate } from './edge-limits.ts';
import { answerForNode } from './node-answers.ts';
import { type BodyOutcome, readBody } from './read-body.ts';
import { type RequestTarget, readTarget } from './request-target.ts';
import { type OperationsAnswer, sendAnswer, sendOperations } from './send-answer.ts';

export interface HttpEdgeDeps {
  readonly deliveries: AnswerDelivery;
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'id'>;
  readonly logger: Logger;
  readonly limits: EdgeLimits;
  readonly providerNames: ReadonlySet<string>;
  /** Answers what a balancer asks, out of memory; undefined when the path is another one. */
  readonly answerProbe: (path: string) => OperationsAnswer | undefined;
  /** While the server stops every answer closes its connection: a busy sender would keep it open. @default never */
  readonly isStopping?: () => boolean;
}

/** What all requests of an edge share. */
interface Edge extends HttpEdgeDeps {
  readonly bodies: BodyWatch;
  /** Sockets that have got their last answer: what else comes on them, or breaks, belongs to what was answered. */
  readonly lastAnswered: WeakSet<Duplex>;
}

const PATH = /^\/webhook\/([^/?]*)$/;

export const createHttpEdge = (deps: HttpEdgeDeps): Server => {
  const { bounds } = deps.limits;
  const edge: Edge = { ...deps, bodies: createBodyWatch(bounds.body), lastAnswered: new WeakSet() };
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (edge.lastAnswered.has(request.socket)) return;
    answerRequest(edge, request, response).catch((thrown: unknown) => {
      const { code, message } = asPayhookError(thrown);
      deps.logger.error('answer.not_sent', { code, message });
      if (!response.headersSent) sendAnswer(request, response, answerOfError(code), true);
    });
  };

  const server = createServer(
    {
      maxHeaderSize: LIMITS.headerBytesMax,
      keepAliveTimeout: LIMITS.keepAliveMs,
      connectionsCheckingInterval: bounds.body.lookEveryMs,
      // Node would answer by itself, and nobody would see it.
      requireHostHeader: false,
    },
    onRequest,
  );
  server.headersTimeout = bounds.headersMsMax;
  server.requestTimeout = bounds.requestMsMax;
  server.maxConnections = bounds.connections.max;
  // 0 would mean no limit, and the default drops what is above it without a word: `refusalOf` counts instead.
  server.maxHeadersCount = LIMITS.headersCountMax * 2;
  server.on('checkExpectation', onRequest);
  server.on('close', edge.bodies.close);
  answerForNode(server, {
    limits: deps.limits,
    lastAnswered: edge.lastAnswered,
    refuse: (reason, sender, retryAfterSeconds) =>
      deps.deliveries.refuse(reason, contextOf(deps, sender, undefined), retryAfterSeconds),
  });
  return server;
};

const answerRequest = async (edge: Edge, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const sender = edge.limits.senders.ofRequest(request);
  const target = readTarget(request.url ?? '/');
  const isStopping = edge.isStopping?.() === true;
  const isReading = request.method === 'GET' || request.method === 'HEAD';
  const probe = isReading ? edge.answerProbe(target.path) : undefined;
  const pathProvider = PATH.exec(target.path)?.[1];
  const context = contextOf(edge, sender, pathProvider);
  // Who asks for health costs nothing but the asking: what all may send together is kept for deliveries.
  const exceeded = probe === undefined ? edge.limits.exceededRate(sender) : edge.limits.exceededAddressRate(sender);
  if (probe !== undefined && exceeded === undefined) return sendOperations(response, probe, isStopping);
  const answer = await answerWithin(edge, exceeded, request, target, pathProvider, context);
  if (answer === null) return;
  if (answer.httpStatus === 200 && answer.body.status === 'accepted') edge.limits.hasDelivered(sender);
  // A body that was not read stands in the way of the next request on this connection.
  const isLast = !request.complete || isStopping;
  if (isLast) edge.lastAnswered.add(request.socket);
  sendAnswer(request, response, answer, isLast);
};

const answerWithin = (
  edge: Edge,
  exceeded: ExceededRate | undefined,
  request: IncomingMessage,
  target: RequestTarget,
  pathProvider: string | undefined,
  context: DeliveryContext,
): Promise<Answer | null> => {
  const { deliveries } = edge;
  if (exceeded !== undefined) return deliveries.refuse(exceeded.reason, context, exceeded.retryAfterSeconds);
  return deliveries.answer(
    requestFactsOf(request, pathProvider, context),
    () => readDelivery(edge, request, target.query, context),
    context,
  );
};

const contextOf = (
  { randomness, providerNames, clock }: HttpEdgeDeps,
  sender: Sender,
  pathProvider: string | undefined,
): DeliveryContext => {
  const requestId = randomness.id();
  return {
    requestId,
    traceId: requestId,
    sender,
    provider: pathProvider !== undefined && providerNames.has(pathProvider) ? pathProvider : 'unknown',
    seconds: clock.stopwatch(),
  };
};

const requestFactsOf = (
  request: IncomingMessage,
  pathProvider: string | undefined,
  { provider }: DeliveryContext,
): RequestFacts => ({
  method: request.method ?? '',
  pathProvider,
  isProviderConfigured: provider !== 'unknown',
  headersCount: request.rawHeaders.length / 2,
  hostsCount: hostsCountOf(request),
  contentType: request.headers['content-type'],
  expectation: request.headers.expect,
});

/** HTTP/1.0 has no `Host`; a request of it without one names its host as clearly as it can. */
const hostsCountOf = ({ rawHeaders, httpVersion }: IncomingMessage): number => {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count === 0 && httpVersion === '1.0' ? 1 : count;
};

/** The bytes, while there is room for them; what they take is held until nothing goes on for the delivery any more. */
const readDelivery = async (
  { limits, bodies, lastAnswered }: Edge,
  request: IncomingMessage,
  query: string,
  { sender, provider }: DeliveryContext,
): Promise<ReadDelivery> => {
  const { bodyBytes, underway } = limits;
  let taken = 0;
  const take = (bytes: number): boolean => {
    const isTaken = bodyBytes.take(sender, bytes);
    if (isTaken) taken += bytes;
    return isTaken;
  };
  const read = await readBody(request, { bytesMax: LIMITS.bodyBytesMax, take, watch: bodies });
  if (read.outcome === 'read' && underway.take(sender)) {
    return {
      outcome: 'read',
      delivery: {
        body: read.body,
        headers: headersOf(request),
        method: 'POST',
        query,
        publicUrl: developmentUrlOf(provider),
        sender,
      },
      onEnded() {
        underway.give(sender);
        bodyBytes.give(sender, taken);
      },
    };
  }
  bodyBytes.give(sender, taken);
  return notRead(read.outcome, lastAnswered.has(request.socket));
};

const notRead = (outcome: BodyOutcome['outcome'], isAnswered: boolean): ReadDelivery => {
  switch (outcome) {
    case 'too_large':
      return { outcome: 'refused', reason: 'body_too_large' };
    case 'too_slow':
      return { outcome: 'refused', reason: 'request_timed_out' };
    case 'read':
    case 'no_room':
      return { outcome: 'refused', reason: 'overloaded' };
    case 'cut_off':
      return isAnswered ? { outcome: 'answered' } : { outcome: 'refused', reason: 'request_malformed' };
    default:
      return outcome satisfies never;
  }
};

const headersOf = (request: IncomingMessage): DeliveryHeaders => {
  const headers = new Map<string, string[]>();
  const raw = request.rawHeaders;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [raw[index + 1] as string]);
    else values.push(raw[index + 1] as string);
  }
  return headers;
};
