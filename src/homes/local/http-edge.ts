/**
 * The edge of the local home: from HTTP to `receive` and back. Limits first, then the bytes, then the answer of DESIGN's
 * table; one log line, one metric for each delivery, and an audit entry for each one that is refused.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { asPayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { DeliveryHeaders } from '../../core/ports/provider.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import { answerOf, answerOfError, answerOfRefusal } from '../../receive/answer.ts';
import { refusalOf } from '../../receive/edge-rules.ts';
import type { ReceiveInput, ReceiveOutcome } from '../../receive/receive.ts';
import type { RefusalReason, TurnedAway } from '../../receive/rejections.ts';
import {
  auditTurnedAway,
  type DeliveryContext,
  reportBroken,
  reportReceived,
  reportRefused,
} from '../../receive/report-delivery.ts';
import type { RateOutcome } from './rate-limits.ts';
import { bodyBytesToExpect, readBody } from './read-body.ts';
import { type OperationsAnswer, sendAnswer, sendOnBareSocket, sendOperations } from './send-answer.ts';
import { isLoopback, peerAddressOf, sourceAddressOf } from './source-address.ts';

export interface HttpEdgeDeps {
  readonly receive: (input: ReceiveInput) => Promise<ReceiveOutcome>;
  readonly rejections: TurnedAway;
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'id'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly takeTotal: () => RateOutcome;
  readonly takeAddress: (address: string) => RateOutcome;
  /** Published provider addresses that the rate per address does not hold for. */
  readonly exemptAddresses: ReadonlySet<string>;
  readonly isLoopbackExempt: boolean;
  readonly trustedProxyHops: number;
  readonly providerNames: ReadonlySet<string>;
  /** Deliveries that wait for their answer, and their bodies; the edge counts, others may look. */
  readonly underway: { deliveries: number; bodyBytes: number };
  /** Called after webhooks were stored: there is work. */
  readonly onAccepted: () => void;
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

const TIMEOUTS: EdgeTimeouts = { headersMs: 10_000, requestMs: 20_000, checkEveryMs: 1000 };
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const CONNECTIONS_MAX = 10_000;
/** Deliveries between their first byte and their answer; more are told to come again. A bound on memory. */
const UNDERWAY_MAX = 5_000;

const PATH = /^\/webhook\/([^/?]*)$/;

const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1000;

interface Request extends DeliveryContext {
  readonly startedAt: number;
  /** True when the parser has found the request broken and the sender has its answer. */
  readonly isAnswered: () => boolean;
}

type Refused = { readonly refusal: RefusalReason; readonly retryAfterSeconds: number | null };

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

    const match = PATH.exec(path);
    const name = match?.[1] ?? '';
    const context: Request = {
      requestId: deps.randomness.id(),
      startedAt: performance.now(),
      sourceAddress: sourceAddressOf(request, deps.trustedProxyHops),
      provider: deps.providerNames.has(name) ? name : 'unknown',
      isAnswered: () => refusedSockets.has(request.socket),
    };
    const bodyBytes = bodyBytesToExpect(request, LIMITS.bodyBytesMax);
    const isOverloaded =
      deps.underway.deliveries >= UNDERWAY_MAX || deps.underway.bodyBytes + bodyBytes > LIMITS.bodiesBytesMax;
    const refused = refuseEarly(deps, request, match, context) ?? (isOverloaded ? OVERLOADED : undefined);
    if (refused !== undefined) return refuse(deps, request, response, context, refused);

    deps.underway.deliveries += 1;
    deps.underway.bodyBytes += bodyBytes;
    try {
      await deliver(deps, request, response, context, name, queryAt < 0 ? '' : url.slice(queryAt + 1));
    } finally {
      deps.underway.deliveries -= 1;
      deps.underway.bodyBytes -= bodyBytes;
    }
  };

  const server = createServer(
    {
      maxHeaderSize: LIMITS.headerBytesMax,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: checkEveryMs,
    },
    (request, response) => {
      handle(request, response).catch((error: unknown) => {
        deps.logger.error('delivery.failed', { code: 'internal', message: asPayhookError(error).message });
        if (!response.headersSent) sendAnswer(request, response, answerOfError('internal'), true);
      });
    },
  );
  server.headersTimeout = headersMs;
  server.requestTimeout = requestMs;
  server.maxConnections = CONNECTIONS_MAX;
  // 0 would mean no limit, and the default drops what is above it without a word: refuseEarly counts instead.
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
    refuseMalformed(deps, error, socket);
  });
  return server;
};

const isStopping = (deps: HttpEdgeDeps): boolean => deps.isStopping?.() === true;

const OVERLOADED: Refused = { refusal: 'overloaded', retryAfterSeconds: null };

/** Everything that can be said without the body. Cheapest first, and the rates before anything is counted twice. */
const refuseEarly = (
  deps: HttpEdgeDeps,
  request: IncomingMessage,
  match: RegExpExecArray | null,
  context: Request,
): Refused | undefined => {
  const no = (refusal: RefusalReason, retryAfterSeconds: number | null = null): Refused => ({
    refusal,
    retryAfterSeconds,
  });
  // As on AWS, where the firewall stands before the gateway: what an address sends above its own rate takes nothing from
  // the rate of all, or one sender could lock out every other.
  if (!isExempt(deps, context.sourceAddress)) {
    const address = deps.takeAddress(context.sourceAddress);
    if (!address.isAllowed) return no('address_rate_exceeded', address.retryAfterSeconds);
  }
  const total = deps.takeTotal();
  if (!total.isAllowed) return no('rate_exceeded', total.retryAfterSeconds);
  const refusal = refusalOf({
    method: request.method ?? '',
    pathProvider: match?.[1],
    isProviderConfigured: context.provider !== 'unknown',
    headersCount: request.rawHeaders.length / 2,
    contentType: request.headers['content-type'],
  });
  return refusal === undefined ? undefined : no(refusal);
};

const isExempt = (deps: HttpEdgeDeps, address: string): boolean =>
  deps.exemptAddresses.has(address) || (deps.isLoopbackExempt && isLoopback(address));

const deliver = async (
  deps: HttpEdgeDeps,
  request: IncomingMessage,
  response: ServerResponse,
  context: Request,
  providerName: string,
  query: string,
): Promise<void> => {
  const receivedAt = deps.clock.now();
  const read = await readBody(request, LIMITS.bodyBytesMax);
  if (read.outcome === 'too_large') {
    return refuse(deps, request, response, context, { refusal: 'body_too_large', retryAfterSeconds: null });
  }
  if (read.outcome === 'cut_off') {
    if (context.isAnswered()) return;
    return refuse(deps, request, response, context, { refusal: 'request_malformed', retryAfterSeconds: null });
  }
  const delivery = { body: read.body, headers: headersOf(request), method: 'POST', query };
  let outcome: ReceiveOutcome;
  try {
    outcome = await deps.receive({ providerName, delivery, receivedAt, traceId: context.requestId });
  } catch (thrown) {
    return answerBroken(deps, request, response, context, thrown);
  }
  if (outcome.outcome === 'rejected') await auditTurnedAway(deps, context, outcome.reason, true);
  if (outcome.outcome === 'accepted') deps.onAccepted();
  const answer = answerOf(outcome);
  sendAnswer(request, response, answer, isStopping(deps));
  reportReceived(deps, context, outcome, answer, {
    bodyBytes: read.body.length,
    seconds: secondsSince(context.startedAt),
  });
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

/** A machine of ours broke: the sender is asked to come again, the log has the code. */
const answerBroken = (
  deps: HttpEdgeDeps,
  request: IncomingMessage,
  response: ServerResponse,
  context: Request,
  thrown: unknown,
): void => {
  const error = asPayhookError(thrown);
  sendAnswer(request, response, answerOfError(error.code), isStopping(deps));
  reportBroken(deps, context, error, secondsSince(context.startedAt));
};

const refuse = async (
  deps: HttpEdgeDeps,
  request: IncomingMessage,
  response: ServerResponse,
  context: Request,
  { refusal, retryAfterSeconds }: Refused,
): Promise<void> => {
  await auditTurnedAway(deps, context, refusal, false);
  const answer = answerOfRefusal(refusal, retryAfterSeconds);
  // A body that was not read stands in the way of the next request on this connection.
  sendAnswer(request, response, answer, !request.complete || isStopping(deps));
  reportRefused(deps, context, refusal, answer, secondsSince(context.startedAt));
};

const REASON_OF_CODE: Readonly<Record<string, RefusalReason>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timed_out',
};

/** What Node's parser refuses never becomes a request, or stays half a one: answered and logged here, once. */
const refuseMalformed = (deps: HttpEdgeDeps, error: Error & { code?: string }, socket: Duplex): void => {
  const hasAnswer = 'bytesWritten' in socket && Number(socket.bytesWritten) > 0;
  const reason = REASON_OF_CODE[error.code ?? ''] ?? 'request_malformed';
  const rejection = {
    provider: 'unknown',
    reason,
    sourceAddress: peerAddressOf(socket),
    requestId: deps.randomness.id(),
  };
  void auditTurnedAway(deps, rejection, reason, false);
  deps.metrics.delivery('unknown', 'refused', 0);
  deps.logger.warn('delivery.refused', {
    provider: 'unknown',
    outcome: 'refused',
    reason,
    http_status: 400,
    source_address: rejection.sourceAddress,
    request_id: rejection.requestId,
  });
  // After an answer on this connection another one would be taken for the answer to something else.
  if (hasAnswer) socket.destroy();
  else sendOnBareSocket(socket, answerOfRefusal(reason));
};
