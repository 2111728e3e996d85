/**
 * A provider whose list of events does not end, as a process of its own: it delivers some thousand events, and lists them again and
 * again, each page after as long as Stripe takes for one; the last of each page was never delivered.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HOUR_MS, SECOND_MS } from '../src/core/time.ts';
import { createDeliveries, signedNow } from './deliveries.ts';

export interface ListedSoFar {
  readonly events: number;
}

const PAGE = 100;
const POOL = 5000;
const SENDERS = 16;
/** Stripe's documentation promises nothing; a list of a hundred events has taken half a second and more. */
const PAGE_MS = 300;

const nextDelivery = createDeliveries();
const nextBody = (): Buffer => {
  const created = `"created": ${Math.floor((Date.now() - 2 * HOUR_MS) / SECOND_MS)}`;
  return Buffer.from(
    nextDelivery()
      .body.toString('utf8')
      .replace(/"created": ?\d+/, created),
  );
};

const pool = Array.from({ length: POOL }, nextBody);
const delivered = Promise.withResolvers<void>();
let events = 0;

const pageText = (): string => {
  const from = events % POOL;
  const bodies = [...pool.slice(from, from + PAGE - 1), nextBody()];
  return `{"object": "list", "data": [${bodies.map(String).join(',')}], "has_more": true}`;
};

const deliver = async (port: number): Promise<void> => {
  const rest = pool.values();
  const send = async (): Promise<void> => {
    for (const body of rest) {
      const { headers } = signedNow(body);
      const url = `http://127.0.0.1:${port}/webhook/stripe`;
      const more = { 'content-type': 'application/json' };
      const { status } = await fetch(url, {
        method: 'POST',
        headers: { ...more, ...headers },
        body: new Uint8Array(body),
      });
      if (status !== 200) throw new Error(`a delivery was answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
};

const server = createServer(async (request, response) => {
  request.resume();
  await delivered.promise;
  setTimeout(() => {
    const text = pageText();
    events += PAGE;
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  }, PAGE_MS);
});

server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', async ({ deliverTo }: { readonly deliverTo?: number }) => {
  if (deliverTo !== undefined) {
    await deliver(deliverTo);
    delivered.resolve();
  }
  process.send?.({ events } satisfies ListedSoFar);
});
process.on('disconnect', () => process.exit());
