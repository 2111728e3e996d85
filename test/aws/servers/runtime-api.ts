/**
 * Lambda's Runtime API for one execution environment: hands invocations to the runtime inside of it and takes its
 * answers. As strict as the real one: an answer to an invocation that is not under way is refused.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Invocation {
  readonly requestId: string;
  readonly deadlineAt: number;
  readonly functionArn: string;
  readonly traceHeader: string;
  readonly payload: Uint8Array;
}

export type RuntimeAnswer =
  | { readonly outcome: 'answered'; readonly body: Buffer }
  /** `body` is the runtime's own JSON: `errorType`, `errorMessage`, `trace`. */
  | { readonly outcome: 'failed'; readonly errorType: string; readonly body: Buffer };

export interface RuntimeApi {
  /** `host:port`, for `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string;
  /** Resolves when the runtime asks for its next invocation: init is over, or the last one is wholly done. */
  whenIdle(): Promise<void>;
  /** Only while idle, one at a time. Never rejects: who gives up calls `close`. */
  invoke(invocation: Invocation): Promise<RuntimeAnswer>;
  /** Resolves with what the runtime says when it cannot start; never, when it can. */
  readonly initError: Promise<RuntimeAnswer>;
  close(): void;
}

const PREFIX = '/2018-06-01/runtime/';
/** Lambda's own limit for an answer, and room for what encodes it. */
const BODY_BYTES_MAX = 7 * 1024 * 1024;

const readBody = async (request: IncomingMessage): Promise<Buffer | null> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
  }
  return bytes <= BODY_BYTES_MAX ? Buffer.concat(chunks) : null;
};

const reply = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

const TOO_LARGE: RuntimeAnswer = {
  outcome: 'failed',
  errorType: 'Function.ResponseSizeTooLarge',
  body: Buffer.from(JSON.stringify({ errorType: 'Function.ResponseSizeTooLarge', errorMessage: 'answer too large' })),
};

export const startRuntimeApi = async (): Promise<RuntimeApi> => {
  const initError = Promise.withResolvers<RuntimeAnswer>();
  let idle = Promise.withResolvers<void>();
  let next: ServerResponse | null = null;
  let underWay: { readonly requestId: string; readonly done: (answer: RuntimeAnswer) => void } | null = null;

  const take = (kind: string, errorType: string, body: Buffer | null): RuntimeAnswer => {
    if (body === null) return TOO_LARGE;
    return kind === 'response' ? { outcome: 'answered', body } : { outcome: 'failed', errorType, body };
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').slice(PREFIX.length);
    if (request.method === 'GET' && path === 'invocation/next') {
      next = response;
      idle.resolve();
      return;
    }
    const errorType = String(request.headers['lambda-runtime-function-error-type'] ?? 'Unhandled');
    const body = await readBody(request);
    const [, requestId, kind] = path.match(/^invocation\/([^/]+)\/(response|error)$/) ?? [];
    if (path === 'init/error') {
      reply(response, 202, { status: 'OK' });
      initError.resolve(take('error', errorType, body));
    } else if (kind === undefined || underWay === null || decodeURIComponent(requestId ?? '') !== underWay.requestId) {
      reply(response, 400, { errorType: 'InvalidRequestID', errorMessage: `no invocation under way for ${path}` });
    } else {
      const { done } = underWay;
      underWay = null;
      reply(response, body === null ? 413 : 202, { status: 'OK' });
      done(take(kind, errorType, body));
    }
  };

  const server = createServer((request, response) => {
    // A runtime that is killed in the middle of a request is reported by the one who killed it.
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    whenIdle: () => idle.promise,
    invoke: ({ requestId, deadlineAt, functionArn, traceHeader, payload }) => {
      if (next === null) throw new Error('the runtime has not asked for an invocation');
      const waiting = next;
      next = null;
      idle = Promise.withResolvers<void>();
      const { promise, resolve } = Promise.withResolvers<RuntimeAnswer>();
      underWay = { requestId, done: resolve };
      waiting.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': requestId,
        'lambda-runtime-deadline-ms': String(deadlineAt),
        'lambda-runtime-invoked-function-arn': functionArn,
        'lambda-runtime-trace-id': traceHeader,
      });
      waiting.end(payload);
      return promise;
    },
    initError: initError.promise,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
