/** Where a request comes from: the address that rates, shares, log and audit trail go by. */

import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import { LIMITS } from '../../core/limits.ts';

/** An IPv6 sender owns at least a /64: counting single addresses would let it send from each. */
const IPV6_PREFIX_BITS = 64;

/** Stands where a proxy says something that cannot be read: never another address, which would mean something else. */
export const UNKNOWN_ADDRESS = 'unknown';

export interface Origin {
  /** In normal form, IPv6 as its /64 network, or `UNKNOWN_ADDRESS`. */
  readonly address: string;
  readonly isLoopback: boolean;
  /** The request says that something forwarded it. */
  readonly isForwarded: boolean;
}

/** What proxies add, whatever is configured. One of them is enough to know that a peer is not the sender. */
const FORWARDING_HEADERS = [
  'x-forwarded-for',
  'forwarded',
  'x-real-ip',
  'x-forwarded-proto',
  'x-forwarded-host',
  'via',
] as const;

/**
 * With `hops` trusted proxies in front it is the entry that the outermost of them added to `X-Forwarded-For`: everything
 * left of it is the sender's own claim. A request without the header did not come through them, and has its peer's address.
 */
export const originOf = (request: IncomingMessage, hops: number): Origin => {
  const { headers } = request;
  const isForwarded = FORWARDING_HEADERS.some((name) => headers[name] !== undefined);
  const claim = hops === 0 ? undefined : headers['x-forwarded-for'];
  const { address, isLoopback } =
    claim === undefined
      ? remembered(request.socket.remoteAddress ?? '')
      : remembered(addressIn(String(claim).split(',').at(-hops) ?? ''));
  return { address, isLoopback, isForwarded };
};

/** Who is at the other end of a socket, for bytes that never became a request. */
export const peerOf = (remoteAddress: string | undefined): Origin => ({
  ...remembered(remoteAddress ?? ''),
  isForwarded: false,
});

/**
 * The address in one entry of `X-Forwarded-For`, without what some proxies put around it: a port (Azure, IIS), quotes and
 * brackets (as in RFC 7239, https://www.rfc-editor.org/rfc/rfc7239#section-6).
 */
const addressIn = (entry: string): string => {
  const text = entry.trim().replace(/^"(.*)"$/, '$1');
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text);
  if (bracketed !== null) return bracketed[1] ?? '';
  // One colon stands before a port. Several are IPv6, where only a dotted end tells a port from a group.
  return text.replace(/^([^:]*|.*\.\d+):\d{1,5}$/, '$1');
};

interface Address {
  readonly address: string;
  readonly isLoopback: boolean;
}

const NO_ADDRESS: Address = { address: UNKNOWN_ADDRESS, isLoopback: false };
const known = new LRUCache<string, Address>({ max: LIMITS.addressesRememberedMax });

const read = (text: string): Address => {
  if (!ipaddr.isValid(text)) return NO_ADDRESS;
  const address = ipaddr.process(text);
  const isLoopback = address.range() === 'loopback';
  if (address.kind() === 'ipv4' || isLoopback) return { address: address.toString(), isLoopback };
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${address.toNormalizedString()}/${IPV6_PREFIX_BITS}`);
  return { address: network.toString(), isLoopback };
};

const remembered = (text: string): Address => {
  const found = known.get(text) ?? read(text);
  known.set(text, found);
  return found;
};
