/**
 * The edge of the local home: sockets, rates and what is under way. What becomes of a delivery is decided, answered,
 * audited and reported by `answer-delivery.ts`, as on AWS.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { asPayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { Delivery, DeliveryHeaders } from '../../core/ports/provider.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import { SECOND_MS } from '../../core/time.ts';
import { answerOfError } from '../../receive/answer.ts';
import type { AnswerDelivery, DeliveryContext, ReadDelivery } from '../../receive/answer-delivery.ts';
import type { RequestFacts } from '../../receive/edge-rules.ts';
import type { RefusalReason } from '../../receive/turned-away.ts';
import { developmentUrlOf } from './development-url.ts';
import type { RateOutcome } from './rate-limits.ts';
import { bodyBytesToExpect, readBody } from './read-body.ts';
import { type OperationsAnswer, sendAnswer, sendOnBareSocket, sendOperations } from './send-answer.ts';
import { isLoopback, peerAddressOf, sourceAddressOf } from './source-address.ts';

export interface HttpEdgeDeps {
  readonly deliveries: AnswerDelivery;
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'id'>;
  readonly logger: Logger;
  readonly takeTotal: () => RateOutcome;
  readonly takeAddress: (address: string) => RateOutcome;
  /** Published provider addresses that the rate per address does not hold for. */
  readonly exemptAddresses: ReadonlySet<string>;
  readonly isLoopbackExempt: boolean;
  readonly trustedProxyHops: number;
  readonly providerNames: ReadonlySet<string>;
  /** Deliveries that have not ended, and their bodies; the edge counts, others may look. */
  readonly underway: { deliveries: number; bodyBytes: number };
  /** Answers `GET` paths that are not deliveries (health, metrics); undefined when the path is not one of them. */
  readonly answerOperations: (path: string) => Promise<OperationsAnswer> | undefined;
  /** While the server stops every answer closes its connection: a busy sender would keep it open. @default never */
  readonly isStopping?: () => boolean;
  /** @default 10 s for the headers, 20 s for the whole request, looked at every second */
  readonly timeouts?: EdgeTimeouts;
}

/** How long a client may take, and how often that is looked at. A provider needs a fraction of a second. */
export interface EdgeTimeouts {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly checkEveryMs: number;
}

const TIMEOUTS: EdgeTimeouts = {
  headersMs: LIMITS.requestHeadersMsMax,
  requestMs: LIMITS.requestMsMax,
  checkEveryMs: SECOND_MS,
};

const PATH = /^\/webhook\/([^/?]*)$/;

export const createHttpEdge = (deps: HttpEdgeDeps): Server => {
  const { headersMs, requestMs, checkEveryMs } = deps.timeouts ?? TIMEOUTS;
  /** Sockets that have got their last answer from `refuseMalformed`. */
  const refusedSockets = new WeakSet<Duplex>();

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = request.url ?? '/';
    const queryAt = url.indexOf('?');
    const path = queryAt < 0 ? url : url.slice(0, queryAt);
    const operations = request.method === 'GET' ? deps.answerOperations(path) : undefined;
    if (operations !== undefined) return sendOperations(response, await operations, isStopping(deps));

    const pathProvider = PATH.exec(path)?.[1];
    const query = queryAt < 0 ? '' : url.slice(queryAt + 1);
    const context = contextOf(deps, sourceAddressOf(request, deps.trustedProxyHops), pathProvider);
    const exceeded = exceededRate(deps, context.sourceAddress);
    const answer =
      exceeded === undefined
        ? await deps.deliveries.answer(
            requestFactsOf(request, pathProvider, context),
            () =>
              readDelivery(deps, request, { query, publicUrl: developmentUrlOf(context.provider) }, () =>
                refusedSockets.has(request.socket),
              ),
            context,
          )
        : await deps.deliveries.refuse(exceeded.reason, context, exceeded.retryAfterSeconds);
    // A body that was not read stands in the way of the next request on this connection.
    if (answer !== null) sendAnswer(request, response, answer, !request.complete || isStopping(deps));
  };

  const server = createServer(
    {
      maxHeaderSize: LIMITS.headerBytesMax,
      keepAliveTimeout: LIMITS.keepAliveMs,
      connectionsCheckingInterval: checkEveryMs,
    },
    (request, response) => {
      handle(request, response).catch((thrown: unknown) => {
        const { code, message } = asPayhookError(thrown);
        deps.logger.error('answer.not_sent', { code, message });
        if (!response.headersSent) sendAnswer(request, response, answerOfError(code), true);
      });
    },
  );
  server.headersTimeout = headersMs;
  server.requestTimeout = requestMs;
  server.maxConnections = LIMITS.connectionsMax;
  // 0 would mean no limit, and the default drops what is above it without a word: `refusalOf` counts instead.
  server.maxHeadersCount = LIMITS.headersCountMax * 2;
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    // Whatever else comes on a socket that was refused belongs to what was refused.
    if (refusedSockets.has(socket)) return;
    // ECONNRESET: the sender went away, with or without an answer; there is nobody to tell.
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    refusedSockets.add(socket);
    void refuseMalformed(deps, error, socket);
  });
  return server;
};

const isStopping = (deps: HttpEdgeDeps): boolean => deps.isStopping?.() === true;

const contextOf = (deps: HttpEdgeDeps, sourceAddress: string, pathProvider: string | undefined): DeliveryContext => {
  const requestId = deps.randomness.id();
  return {
    requestId,
    traceId: requestId,
    sourceAddress,
    provider: pathProvider !== undefined && deps.providerNames.has(pathProvider) ? pathProvider : 'unknown',
    seconds: deps.clock.stopwatch(),
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
  contentType: request.headers['content-type'],
});

/**
 * As on AWS, where the firewall stands before the gateway: what an address sends above its own rate takes nothing from
 * the rate of all, or one sender could lock out every other.
 */
const exceededRate = (
  deps: HttpEdgeDeps,
  address: string,
): { readonly reason: RefusalReason; readonly retryAfterSeconds: number } | undefined => {
  if (!isExempt(deps, address)) {
    const own = deps.takeAddress(address);
    if (!own.isAllowed) return { reason: 'address_rate_exceeded', retryAfterSeconds: own.retryAfterSeconds };
  }
  const total = deps.takeTotal();
  return total.isAllowed ? undefined : { reason: 'rate_exceeded', retryAfterSeconds: total.retryAfterSeconds };
};

const isExempt = (deps: HttpEdgeDeps, address: string): boolean =>
  deps.exemptAddresses.has(address) || (deps.isLoopbackExempt && isLoopback(address));

/** The bytes, while there is room for them; counted as under way until nothing goes on for the delivery any more. */
const readDelivery = async (
  { underway }: HttpEdgeDeps,
  request: IncomingMessage,
  address: Pick<Delivery, 'query' | 'publicUrl'>,
  isAnswered: () => boolean,
): Promise<ReadDelivery> => {
  const bodyBytes = bodyBytesToExpect(request, LIMITS.bodyBytesMax);
  if (underway.deliveries >= LIMITS.deliveriesUnderwayMax || underway.bodyBytes + bodyBytes > LIMITS.bodiesBytesMax) {
    return { outcome: 'refused', reason: 'overloaded' };
  }
  underway.deliveries += 1;
  underway.bodyBytes += bodyBytes;
  const onEnded = (): void => {
    underway.deliveries -= 1;
    underway.bodyBytes -= bodyBytes;
  };
  const read = await readBody(request, LIMITS.bodyBytesMax);
  if (read.outcome === 'read') {
    return {
      outcome: 'read',
      delivery: { body: read.body, headers: headersOf(request), method: 'POST', ...address },
      onEnded,
    };
  }
  onEnded();
  if (read.outcome === 'too_large') return { outcome: 'refused', reason: 'body_too_large' };
  return isAnswered() ? { outcome: 'answered' } : { outcome: 'refused', reason: 'request_malformed' };
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

const REASON_OF_CODE: Readonly<Record<string, RefusalReason>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timed_out',
};

/** What Node's parser refuses never becomes a request, or stays half a one: answered and reported here, once. */
const refuseMalformed = async (deps: HttpEdgeDeps, error: Error & { code?: string }, socket: Duplex): Promise<void> => {
  // After an answer on this connection another one would be taken for the answer to something else.
  const hasAnswer = 'bytesWritten' in socket && Number(socket.bytesWritten) > 0;
  if (hasAnswer) socket.destroy();
  const reason = REASON_OF_CODE[error.code ?? ''] ?? 'request_malformed';
  const answer = await deps.deliveries.refuse(reason, contextOf(deps, peerAddressOf(socket), undefined));
  if (!hasAnswer) sendOnBareSocket(socket, answer);
};
