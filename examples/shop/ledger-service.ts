/** A service that receives payment events from Payhook: what a team writes on the other side of an http destination. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

/** Payhook sends nothing larger; anything longer is somebody else. */
const BODY_BYTES_MAX = 1024 * 1024;

export interface LedgerService {
  readonly url: string;
  /** How many times each message was delivered, by its id. */
  readonly received: ReadonlyMap<string, number>;
  readonly refused: () => number;
  readonly stop: () => void;
}

const readBody = (request: IncomingMessage): Promise<string> => {
  if (Number(request.headers['content-length'] ?? BODY_BYTES_MAX + 1) > BODY_BYTES_MAX) return Promise.resolve('');
  return text(request);
};

/** Listens on a free port of this machine. */
export const startLedgerService = async (secret: string): Promise<LedgerService> => {
  const webhook = new Webhook(secret);
  const received = new Map<string, number>();
  let refused = 0;

  const answerTo = async (request: IncomingMessage): Promise<number> => {
    const body = await readBody(request);
    const headers = request.headers as Record<string, string>;
    try {
      webhook.verify(body, headers);
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error;
      refused += 1;
      return 401;
    }
    // The id is the same on every attempt and replay: a real service keeps it in its database, with what it books.
    const id = headers['webhook-id'] ?? '';
    received.set(id, (received.get(id) ?? 0) + 1);
    // Anything from 200 to 299 ends the delivery; everything else is tried again.
    return 204;
  };

  const server = createServer((request, response) => {
    answerTo(request).then(
      (status) => response.writeHead(status).end(),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/payment-events`,
    received,
    refused: () => refused,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
