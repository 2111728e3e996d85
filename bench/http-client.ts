/**
 * A client of HTTP/1.1 on bare sockets: ready-made requests out, status and length of the answer in, one request at a
 * time on each connection. It shares two cores with the server under test, so what it costs is taken from the server.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Connection {
  /** Sends one whole request and calls back with its answer; the one before must have been answered. */
  send(request: Uint8Array, onAnswer: (answer: Answer) => void): void;
  close(): void;
}

const HEAD_END = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: (\d+)/i;
/** Answers here have some hundred bytes. */
const READ_BYTES = 16 * 1024;

/** The answer that the text begins with; undefined when it has not arrived whole. */
const readAnswer = (text: string): Answer | undefined => {
  const headEnd = text.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const length = LENGTH.exec(text)?.[1];
  if (length === undefined) throw new Error(`answer without content-length: ${text.slice(0, headEnd)}`);
  const bodyAt = headEnd + HEAD_END.length;
  if (text.length < bodyAt + Number(length)) return undefined;
  return { status: Number(text.slice(9, 12)), body: text.slice(bodyAt) };
};

/** Connects. `onBroken` is told when the server closes the connection or the socket fails. */
export const openConnection = async (port: number, onBroken: (error: Error) => void): Promise<Connection> => {
  let waiting: ((answer: Answer) => void) | undefined;
  let pending = '';
  let isClosing = false;

  const take = (bytes: number, buffer: Uint8Array): boolean => {
    pending += Buffer.from(buffer.buffer, buffer.byteOffset, bytes).toString('latin1');
    const answer = readAnswer(pending);
    if (answer === undefined) return true;
    pending = '';
    const callback = waiting;
    waiting = undefined;
    callback?.(answer);
    return true;
  };

  const socket: Socket = connect({
    host: '127.0.0.1',
    port,
    noDelay: true,
    onread: { buffer: Buffer.allocUnsafe(READ_BYTES), callback: take },
  });
  await once(socket, 'connect');
  socket.on('error', onBroken);
  socket.on('close', () => {
    if (!isClosing) onBroken(new Error('the server closed a connection'));
  });
  return {
    send(request, onAnswer) {
      waiting = onAnswer;
      socket.write(request);
    },
    close() {
      isClosing = true;
      socket.destroy();
    },
  };
};
