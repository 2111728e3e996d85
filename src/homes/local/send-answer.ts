/** Writes answers so that the sender can read them, also when it is still sending what nobody will read. */

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { LIMITS } from '../../core/limits.ts';
import type { Answer } from '../../receive/answer.ts';

export interface OperationsAnswer {
  readonly httpStatus: number;
  readonly contentType: string;
  readonly text: string;
}

/** Names and values in turns: Node writes them as they are, where it looks through an object twice. */
const headersOf = (answer: Answer, text: string, isClosing: boolean): string[] => {
  const headers = ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(text))];
  if (answer.retryAfterSeconds !== null) headers.push('retry-after', String(answer.retryAfterSeconds));
  if (answer.httpStatus === 405) headers.push('allow', 'POST');
  if (isClosing) headers.push('connection', 'close');
  return headers;
};

/** `isClosing` when nothing more is to come on this connection, for example because the body was not read. */
export const sendAnswer = (
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  isClosing: boolean,
): void => {
  if (response.writableEnded || response.destroyed) return;
  const text = JSON.stringify(answer.body);
  response.writeHead(answer.httpStatus, headersOf(answer, text, isClosing));
  if (!isClosing) {
    response.end(text);
    return;
  }
  response.write(text);
  discardRest(request, () => response.end());
};

/** Reads and drops what still comes, until it ends or for `LIMITS.lingerMs`. */
const discardRest = (request: IncomingMessage, onDone: () => void): void => {
  if (request.complete || request.destroyed) {
    onDone();
    return;
  }
  const timer = setTimeout(onDone, LIMITS.lingerMs);
  timer.unref();
  request.once('close', () => {
    clearTimeout(timer);
    onDone();
  });
  request.once('end', onDone);
  // A sender that breaks off ends it as well: `close` follows.
  request.on('error', () => undefined);
  request.resume();
};

export const sendOperations = (response: ServerResponse, answer: OperationsAnswer, isClosing: boolean): void => {
  response.writeHead(answer.httpStatus, {
    'content-type': answer.contentType,
    'content-length': Buffer.byteLength(answer.text),
    ...(isClosing ? { connection: 'close' } : {}),
  });
  response.end(answer.text);
};

/** Answers where no request ever came of the bytes, and lets go of the socket whatever the client does. */
export const sendOnBareSocket = (socket: Duplex, answer: Answer): void => {
  const text = JSON.stringify(answer.body);
  const headers = headersOf(answer, text, true);
  const lines = headers.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${headers[index + 1]}\r\n`] : []));
  socket.end(`HTTP/1.1 ${answer.httpStatus} ${STATUS_CODES[answer.httpStatus]}\r\n${lines.join('')}\r\n${text}`);
  const timer = setTimeout(() => socket.destroy(), LIMITS.lingerMs);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
  socket.resume();
};
