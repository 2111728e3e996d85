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
    const isTls = url.protocol === 'https:';
    const request = (isTls ? requestTls : requestPlain)(url, { method: 'POST', headers, agent: isTls ? tls : plain });
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
    request.on('response', (response) => readAnswer(response).then(resolve, fail));
    request.on('error', fail);
    request.on('close', () => {
      clearTimeout(answerTimer);
      clearTimeout(connectionTimer);
    });
    request.end(body);
    return promise;
  };
};

const readAnswer = async (response: IncomingMessage): Promise<HttpAnswer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new RangeError(`an answer of more than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  const { statusCode: status = 0, headers } = response;
  return { status, headers, body: (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).toString() };
};
