/** Who sent a request: the address that counts for the rate limit, and whether it is exempt. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import ipaddr from 'ipaddr.js';

/** An IPv6 sender owns at least a /64: counting single addresses would let it send from each. */
const IPV6_PREFIX_BITS = 64;

/**
 * The address in normal form; IPv6 as its /64 network. With `hops` trusted proxies in front it is the entry that the
 * outermost of them added to `X-Forwarded-For`: everything left of it is the sender's own claim.
 */
export const sourceAddressOf = (request: IncomingMessage, hops: number): string => {
  const socketAddress = request.socket.remoteAddress ?? '';
  if (hops === 0) return normalised(socketAddress);
  const forwarded = (request.headers['x-forwarded-for'] ?? '')
    .toString()
    .split(',')
    .map((part) => part.trim());
  return normalised(forwarded.at(-hops) ?? '') || normalised(socketAddress);
};

/** Who is at the other end of a socket, for bytes that never became a request; empty when nobody is any more. */
export const peerAddressOf = (socket: Duplex): string =>
  'remoteAddress' in socket && typeof socket.remoteAddress === 'string' ? normalised(socket.remoteAddress) : '';

const normalised = (text: string): string => {
  if (!ipaddr.isValid(text)) return '';
  const address = ipaddr.process(text);
  if (address.kind() === 'ipv4' || address.range() === 'loopback') return address.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${address.toNormalizedString()}/${IPV6_PREFIX_BITS}`).toString();
};

export const isLoopback = (address: string): boolean =>
  ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
