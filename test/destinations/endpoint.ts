/** HTTP endpoints on the loopback for the tests of HTTP destinations: well-behaved ones, and ones that write raw bytes. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createRawServer, type Server, type Socket } from 'node:net';

export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Endpoint extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Requests that were read to their end, in that order. */
  readonly requests: readonly ReceivedRequest[];
  /** Every connection that was ever made. */
  readonly sockets: readonly Socket[];
}

export interface EndpointAddress {
  readonly host?: string;
  readonly port?: number;
}

const listen = async (
  server: Server,
  requests: readonly ReceivedRequest[],
  { host = '127.0.0.1', port: wanted = 0 }: EndpointAddress,
): Promise<Endpoint> => {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    sockets.push(socket);
    // Clients of these tests hang up on purpose.
    socket.on('error', () => {});
  });
  server.listen(wanted, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/hook`,
    port,
    requests,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};

export type Answer = (response: ServerResponse, request: ReceivedRequest) => void;

export const startEndpoint = async (answer: Answer, address: EndpointAddress = {}): Promise<Endpoint> => {
  const requests: ReceivedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const { method = '', url = '', headers } = incoming;
    const request = { method, url, headers, body: await readBody(incoming) };
    requests.push(request);
    answer(response, request);
  });
  // Connections are closed by the other side or not at all.
  server.keepAliveTimeout = 0;
  return listen(server, requests, address);
};

/** `answer` is called with every chunk that comes in; `connection` counts from 1. */
export const startRawEndpoint = async (answer: (socket: Socket, connection: number) => void): Promise<Endpoint> => {
  let connections = 0;
  const server = createRawServer((socket) => {
    connections += 1;
    const connection = connections;
    socket.on('data', () => answer(socket, connection));
  });
  return listen(server, [], {});
};
