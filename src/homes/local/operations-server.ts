/** The address for those who run the server: metrics, and health again. Nobody else can reach it unless told so. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { asPayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Sender } from '../../core/shares.ts';
import { createTotalRate } from './rate-limits.ts';
import { readTarget } from './request-target.ts';
import { type OperationsAnswer, sendOperations } from './send-answer.ts';

export interface OperationsServerDeps {
  readonly answerProbe: (path: string) => OperationsAnswer | undefined;
  readonly renderMetrics: () => Promise<OperationsAnswer>;
  readonly clock: Clock;
}

const OPERATOR: Sender = { address: 'operator', isLimited: false, hasReserve: true };

const errorOf = (httpStatus: number, code: string): OperationsAnswer => ({
  httpStatus,
  contentType: 'application/json',
  text: `${JSON.stringify({ error: code })}\n`,
});

export const createOperationsServer = (deps: OperationsServerDeps): Server => {
  const { operationsPerSecondMax } = LIMITS;
  const takeRate = createTotalRate(operationsPerSecondMax, operationsPerSecondMax, deps.clock);

  const answerTo = async ({ method, url = '/' }: IncomingMessage): Promise<OperationsAnswer> => {
    if (!takeRate(OPERATOR).isAllowed) return errorOf(429, 'rate_exceeded');
    const { path } = readTarget(url);
    if (method !== 'GET' && method !== 'HEAD') return errorOf(405, 'method_not_allowed');
    if (path !== '/metrics') return deps.answerProbe(path) ?? errorOf(404, 'not_found');
    try {
      return await deps.renderMetrics();
    } catch (thrown) {
      return errorOf(503, asPayhookError(thrown).code);
    }
  };

  const server = createServer(
    { maxHeaderSize: LIMITS.headerBytesMax, connectionsCheckingInterval: LIMITS.requestHeadersMsMax },
    (request, response) => void answerTo(request).then((answer) => sendOperations(response, answer, false)),
  );
  server.headersTimeout = LIMITS.requestHeadersMsMax;
  server.requestTimeout = LIMITS.requestMsMax;
  server.maxConnections = LIMITS.operationsConnectionsMax;
  return server;
};
