/** Strangers who hold what they can, from addresses of this machine: Linux answers on all of 127.0.0.0/8. */
import { connect, type Socket } from 'node:net';

export interface Attack {
  /** Connections that it holds now. */
  readonly held: () => number;
  /** Answers that came on all of them, by status. */
  readonly answers: ReadonlyMap<number, number>;
  stop(): void;
}

export interface AttackPlan {
  readonly port: number;
  readonly connections: number;
  /** Where connection number `index` comes from. */
  readonly from: (index: number) => string;
  /** Sent at once on each. */
  readonly send: string | Uint8Array;
  /** Sent again and again, this far apart. @default nothing more is sent */
  readonly again?: { readonly send: string | Uint8Array; readonly everyMs: number };
}

/** Opens them all, and each again when the server closes it. */
export const attack = ({ port, connections, from, send, again }: AttackPlan): Attack => {
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const answers = new Map<number, number>();
  let isOver = false;

  const open = (index: number): void => {
    if (isOver) return;
    const socket = connect({ port, host: '127.0.0.1', localAddress: from(index) });
    sockets.add(socket);
    const timer = setInterval(() => {
      if (again !== undefined && socket.writable) socket.write(again.send);
    }, again?.everyMs ?? 60_000);
    timers.add(timer);
    socket.on('connect', () => socket.write(send));
    socket.on('data', (chunk: Buffer) => {
      for (const [, status] of chunk.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3})/g))
        answers.set(Number(status), (answers.get(Number(status)) ?? 0) + 1);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      timers.delete(timer);
      sockets.delete(socket);
      // Not at once: a server that closes connections right away would only be asked for others.
      setTimeout(() => open(index), 1000);
    });
  };
  for (let index = 0; index < connections; index += 1) open(index);
  return {
    held: () => [...sockets].filter((socket) => socket.readyState === 'open').length,
    answers,
    stop() {
      isOver = true;
      for (const timer of timers) clearInterval(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
};

export const one = (address: string) => (): string => address;

/** Of 250 addresses of a network: `127.0.{network}.x`. */
export const many =
  (network: number) =>
  (index: number): string =>
    `127.0.${network}.${(index % 250) + 1}`;
