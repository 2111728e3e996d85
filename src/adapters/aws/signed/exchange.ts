/** One HTTP request and its whole answer, over connections that are kept open. Tries once; `call-service.ts` tries again. */
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  Agent as PlainAgent,
  request as requestPlain,
} from 'node:http';
import { request as requestTls, Agent as TlsAgent } from 'node:https';
import { CONNECTION_TIMEOUT_MS, SOCKETS_MAX } from '../clients.ts';

export interface HttpRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** From the start to the last byte of the answer. */
  readonly msMax: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * Throws `TimeoutError` when a connection or the answer takes too long, and what Node says, with its `code`, of a
 * connection that broke. Either way the request may have been carried out.
 */
export type Exchange = (request: HttpRequest) => Promise<HttpAnswer>;

/** DynamoDB ends a batch at 16 MB and everything else long before; JSON with base64 in it is a third longer. */
const ANSWER_BYTES_MAX = 24 * 1024 * 1024;

/** Named as the SDK names it, because adapters report what was thrown by its name. */
const timeoutError = (message: string): Error => Object.assign(new Error(message), { name: 'TimeoutError' });

export const createExchange = (): Exchange => {
  const options = { keepAlive: true, maxSockets: SOCKETS_MAX };
  const [tls, plain] = [new TlsAgent(options), new PlainAgent(options)];

  return ({ url, headers, body, msMax }) => {
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
    const { hostname, port, pathname: path } = url;
    const to = { method: 'POST', hostname, port, path, headers };
    const request =
      url.protocol === 'https:' ? requestTls({ ...to, agent: tls }) : requestPlain({ ...to, agent: plain });
    const fail = (error: unknown): void => {
      reject(error);
      request.destroy();
    };
    const failAfter = (ms: number, what: string): NodeJS.Timeout =>
      setTimeout(() => fail(timeoutError(`${what} in ${ms} ms`)), ms);
    const answerTimer = failAfter(msMax, 'no answer');
    let connectionTimer: NodeJS.Timeout | undefined;

    request.on('socket', (socket) => {
      if (!socket.connecting) return;
      connectionTimer = failAfter(CONNECTION_TIMEOUT_MS, 'no connection');
      socket.once('connect', () => clearTimeout(connectionTimer));
    });
    request.on('response', (response) => readAnswer(response, resolve, fail));
    request.on('error', fail);
    request.on('close', () => {
      clearTimeout(answerTimer);
      clearTimeout(connectionTimer);
    });
    request.end(body);
    return promise;
  };
};

/** By events: an iterator of a stream costs as much as signing the request. */
const readAnswer = (
  response: IncomingMessage,
  resolve: (answer: HttpAnswer) => void,
  fail: (error: unknown) => void,
): void => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) fail(new RangeError(`an answer of more than ${ANSWER_BYTES_MAX} bytes`));
    else chunks.push(chunk);
  });
  response.on('error', fail);
  response.on('end', () => {
    const { statusCode: status = 0, headers } = response;
    resolve({
      status,
      headers,
      body: (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).toString(),
    });
  });
};
