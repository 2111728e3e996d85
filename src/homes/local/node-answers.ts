/**
 * What Node answers, drops or closes by itself before a request comes of it: taken over here, so that it has the answers of
 * everything else, a line, a count and an audit entry.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Sender } from '../../core/shares.ts';
import type { Answer } from '../../receive/answer.ts';
import type { RefusalReason } from '../../receive/turned-away.ts';
import type { EdgeLimits } from './edge-limits.ts';
import { sendOnBareSocket } from './send-answer.ts';

export interface NodeAnswersDeps {
  readonly limits: EdgeLimits;
  /** Sockets that have got their last answer. */
  readonly lastAnswered: WeakSet<Duplex>;
  readonly refuse: (reason: RefusalReason, sender: Sender, retryAfterSeconds?: number) => Promise<Answer>;
}

type ParserError = Error & { readonly code?: string };

const REASON_OF_CODE: Readonly<Record<string, RefusalReason>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timed_out',
};

export const answerForNode = (server: Server, deps: NodeAnswersDeps): void => {
  const { limits, refuse } = deps;
  const { senders } = limits;
  server.on('connection', (socket) => admit(deps, socket));
  // Above all that there may be; there is no socket to answer on.
  server.on('drop', (dropped) => void refuse('connections_exceeded', senders.ofPeer(dropped?.remoteAddress)));
  server.on('connect', (request, socket) => {
    const sender = senders.ofRequest(request);
    const exceeded = limits.exceededRate(sender);
    void answerLast(deps, socket, exceeded?.reason ?? 'method_not_allowed', sender, exceeded?.retryAfterSeconds);
  });
  server.on('clientError', (error: ParserError, socket) => refuseMalformed(deps, error, socket));
};

/** One address cannot take every connection, and strangers together not those that are set aside. */
const admit = (deps: NodeAnswersDeps, socket: Socket): void => {
  const { connections, senders } = deps.limits;
  const sender = senders.ofPeer(socket.remoteAddress);
  if (connections.take(sender)) {
    socket.once('close', () => connections.give(sender));
    return;
  }
  socket.once('finish', () => socket.destroy());
  void answerLast(deps, socket, 'connections_exceeded', sender);
};

const refuseMalformed = (deps: NodeAnswersDeps, error: ParserError, socket: Duplex): void => {
  if (deps.lastAnswered.has(socket)) return;
  const { bytesRead = 0, bytesWritten = 0, remoteAddress } = socket as Partial<Socket>;
  // ECONNRESET: the sender went away. Without a byte it was a connection and nothing else, as browsers and probes open them.
  // Either way there is nobody to tell.
  if (error.code === 'ECONNRESET' || !socket.writable || bytesRead === 0) {
    socket.destroy();
    return;
  }
  const reason = REASON_OF_CODE[error.code ?? ''] ?? 'request_malformed';
  const sender = deps.limits.senders.ofPeer(remoteAddress);
  if (bytesWritten === 0) {
    void answerLast(deps, socket, reason, sender);
    return;
  }
  // After an answer on this connection another one would be taken for the answer to something else.
  deps.lastAnswered.add(socket);
  socket.destroy();
  void deps.refuse(reason, sender);
};

const answerLast = async (
  { lastAnswered, refuse }: NodeAnswersDeps,
  socket: Duplex,
  reason: RefusalReason,
  sender: Sender,
  retryAfterSeconds?: number,
): Promise<void> => {
  lastAnswered.add(socket);
  // What a client does with a connection that is over is no fault of ours.
  socket.on('error', () => undefined);
  sendOnBareSocket(socket, await refuse(reason, sender, retryAfterSeconds));
};
