/**
 * A destination that is an HTTP endpoint: each message is one POST, signed as Standard Webhooks. Redirects are never
 * followed, and only addresses that were checked are connected to.
 */
import type { RequestOptions } from 'node:http';
import type { Clock } from '../../core/ports/clock.ts';
import type { Destination, DestinationMessage, SendOutcome } from '../../destinations/destination.ts';
import { signingKeysOf, signMessage } from '../../destinations/sign-message.ts';
import { createConnections } from './connections.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import { createPinnedAddresses, type PinnedAddresses, type Resolve } from './pinned-addresses.ts';
import { type Exchange, postBody } from './post-body.ts';
import { answeredOutcome, disconnectedOutcome, overOutcome, unpinnedOutcome } from './send-outcomes.ts';

export interface HttpDestinationDeps {
  readonly name: string;
  /** One that `problemOfDestinationUrl` finds no fault with. */
  readonly url: string;
  /** The secrets that are valid now, at least one. Throws `secrets_unavailable`. */
  readonly secretsOf: () => Promise<readonly string[]>;
  readonly clock: Clock;
  /** For one message, from asking the resolver to the end of the answer. */
  readonly timeoutMs: number;
  /** Connections at a time; further requests wait for one, within their time. */
  readonly concurrencyMax: number;
  readonly arePrivateAddressesAllowed: boolean;
  /** @default the system's resolver */
  readonly resolve?: Resolve;
}

const targetOf = (url: URL) => ({
  protocol: url.protocol,
  method: 'POST',
  // Brackets belong to the URL, not to the IPv6 address.
  host: url.hostname.replace(/^\[|\]$/g, ''),
  port: url.port === '' ? null : Number(url.port),
  path: `${url.pathname}${url.search}`,
});

export const createHttpDestination = (deps: HttpDestinationDeps): Destination => {
  const { name, secretsOf, clock, timeoutMs, concurrencyMax, arePrivateAddressesAllowed, resolve } = deps;
  const target = targetOf(new URL(deps.url));
  const pinnedAddresses = createPinnedAddresses({ host: target.host, arePrivateAddressesAllowed, resolve });
  const connectionsTo = createConnections(target.protocol === 'https:', concurrencyMax);

  const post = async (
    message: DestinationMessage,
    keys: readonly Uint8Array[],
    { lookup, key }: PinnedAddresses & { outcome: 'pinned' },
    deadline: Deadline,
  ): Promise<Exchange> => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(message.body),
      'user-agent': 'Payhook',
      ...signMessage(message, keys, clock.now()),
    };
    const options: RequestOptions = { ...target, lookup, agent: connectionsTo(key), headers };
    const exchange = await postBody(options, message.body, deadline.signal);
    // Closed by the other side while it lay idle: that says nothing about the destination, so a new one is tried.
    return exchange.outcome === 'disconnected' && exchange.isStaleConnection && deadline.over() === null
      ? postBody({ ...options, agent: false }, message.body, deadline.signal)
      : exchange;
  };

  const sendOne = async (
    message: DestinationMessage,
    keys: readonly Uint8Array[],
    deadline: Deadline,
  ): Promise<SendOutcome> => {
    const addresses = await Promise.race([pinnedAddresses(), deadline.whenOver]);
    const overBefore = deadline.over();
    if (addresses === undefined || overBefore !== null) return overOutcome(overBefore ?? 'timed_out', timeoutMs);
    if (addresses.outcome !== 'pinned') return unpinnedOutcome(addresses);
    const exchange = await post(message, keys, addresses, deadline);
    if (exchange.outcome === 'answered') return answeredOutcome(exchange, clock.now());
    const over = deadline.over();
    return over === null ? disconnectedOutcome(exchange) : overOutcome(over, timeoutMs);
  };

  return {
    name,
    kind: 'http',
    messagesMax: 1,
    async send(messages, signal) {
      const keys = signingKeysOf(name, await secretsOf());
      const results: SendOutcome[] = [];
      for (const message of messages) {
        const deadline = startDeadline(timeoutMs, signal);
        try {
          results.push(await sendOne(message, keys, deadline));
        } finally {
          deadline.end();
        }
      }
      return results;
    },
  };
};
