/** Stripe's list of events over HTTP, as fast as Stripe allows it to be asked; it begins anew at its end. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const PAGE_EVENTS = 100;
/** Twenty-five requests a second are what Stripe allows of a key of mode test: https://docs.stripe.com/rate-limits */
const PAGE_MS = 40;

export interface ListedEvents extends AsyncDisposable {
  readonly url: string;
}

const idOf = (body: Buffer): string => String(JSON.parse(body.toString('utf8')).id);

export const startListedEvents = async (bodies: readonly Buffer[]): Promise<ListedEvents> => {
  const pages: Buffer[] = [];
  /** The page behind the one that ends with this event. */
  const next = new Map<string, number>();
  for (let from = 0; from + PAGE_EVENTS <= bodies.length; from += PAGE_EVENTS) {
    const events = bodies.slice(from, from + PAGE_EVENTS);
    pages.push(
      Buffer.from(
        `{"object":"list","has_more":${from + 2 * PAGE_EVENTS <= bodies.length},"data":[${events.join(',')}]}`,
      ),
    );
    next.set(idOf(events.at(-1) as Buffer), pages.length);
  }
  const server = createServer((request, response) => {
    const after = new URL(request.url ?? '/', 'http://127.0.0.1').searchParams.get('starting_after');
    const page = pages[next.get(after ?? '') ?? 0] as Buffer;
    setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end(page), PAGE_MS);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
