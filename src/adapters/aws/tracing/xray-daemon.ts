/**
 * Sends segment documents to the X-Ray daemon that Lambda runs beside a function: one datagram each, which gets lost where
 * nobody listens. Node's sockets are loaded with the first one.
 */

export interface XrayDaemon {
  /** Never throws. */
  send(document: Readonly<Record<string, unknown>>): void;
  /** Resolves when all have left: what is under way when a function returns is frozen with it. Never rejects. */
  flush(): Promise<void>;
}

const HEADER = '{"format":"json","version":1}\n';
/** What one datagram, and what X-Ray takes as one document. Ours have a thousandth of it. */
const DOCUMENT_BYTES_MAX = 64_000;

interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, or `tcp:host:port udp:host:port`. Undefined for anything else. */
export const readDaemonAddress = (text: string | undefined): Address | undefined => {
  const parts = (text ?? '').trim().split(/\s+/);
  const udp = parts.length === 1 ? parts[0] : parts.find((part) => part.startsWith('udp:'))?.slice('udp:'.length);
  const [, host, port] = /^([\w.-]{1,253}):(\d{1,5})$/.exec(udp ?? '') ?? [];
  return host === undefined || Number(port) > 65_535 ? undefined : { host, port: Number(port) };
};

export const createXrayDaemon = ({ host, port }: Address): XrayDaemon => {
  const underway = new Set<Promise<void>>();
  let socket: import('node:dgram').Socket | undefined;

  const open = (): import('node:dgram').Socket => {
    const opened = process.getBuiltinModule('node:dgram').createSocket('udp4');
    // A trace is not worth the life of a process, neither to keep it nor to end it.
    opened.unref();
    opened.on('error', () => undefined);
    return opened;
  };

  return {
    send(document) {
      const bytes = Buffer.from(HEADER + JSON.stringify(document));
      if (bytes.length > DOCUMENT_BYTES_MAX) return;
      socket ??= open();
      const { promise, resolve } = Promise.withResolvers<void>();
      underway.add(promise);
      socket.send(bytes, port, host, () => {
        underway.delete(promise);
        resolve();
      });
    },
    async flush() {
      await Promise.all(underway);
    },
  };
};
