/** HTTP by hand: what a client library would never send. */
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Every byte that came back. */
  readonly text: string;
}

export interface RawOptions {
  /** After everything was sent: close our half. @default false */
  readonly isHalfClosed?: boolean;
  /** Bytes sent one after the other, this far apart. */
  readonly everyMs?: number;
}

/** Sends the parts and reads until the server closes, or until one whole answer is there. */
export const exchange = async (
  port: number,
  parts: readonly (string | Uint8Array)[],
  options: RawOptions = {},
): Promise<RawAnswer> => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const chunks: Buffer[] = [];
  const done = Promise.withResolvers<void>();
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    if (isWhole(Buffer.concat(chunks).toString('latin1'))) done.resolve();
  });
  socket.on('end', done.resolve);
  socket.on('close', () => done.resolve());
  // A server that closes on us while we still send is an answer too: what had come before counts.
  socket.on('error', () => done.resolve());
  await send(socket, parts, options);
  await done.promise;
  socket.destroy();
  return readRaw(Buffer.concat(chunks).toString('utf8'));
};

const send = async (socket: Socket, parts: readonly (string | Uint8Array)[], options: RawOptions): Promise<void> => {
  for (const part of parts) {
    if (socket.destroyed || socket.readableEnded) return;
    await new Promise<void>((resolve) => socket.write(part, () => resolve()));
    if (options.everyMs !== undefined) await new Promise((resolve) => setTimeout(resolve, options.everyMs));
  }
  if (options.isHalfClosed === true) socket.end();
};

const isWhole = (text: string): boolean => {
  const headEnd = text.indexOf('\r\n\r\n');
  const length = /content-length: (\d+)/i.exec(text.slice(0, Math.max(0, headEnd)))?.[1];
  return headEnd >= 0 && length !== undefined && text.length >= headEnd + 4 + Number(length);
};

export const readRaw = (text: string): RawAnswer => {
  const headEnd = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, Math.max(0, headEnd)).split('\r\n');
  const headers = new Map(
    lines.map((line): [string, string] => {
      const at = line.indexOf(':');
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers, body: text.slice(headEnd + 4), text };
};

/** The head of a request as text. */
export const head = (line: string, headers: readonly (readonly [string, string | number])[] = []): string =>
  `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
