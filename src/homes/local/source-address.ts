/** Who sent a request: the address that counts for the rate limit, and whether it is exempt. */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import { LIMITS } from '../../core/limits.ts';

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

const NO_ADDRESS = { text: '', isLoopback: false };
const known = new LRUCache<string, typeof NO_ADDRESS>({ max: LIMITS.addressesRememberedMax });

const read = (text: string): typeof NO_ADDRESS => {
  if (!ipaddr.isValid(text)) return NO_ADDRESS;
  const address = ipaddr.process(text);
  const isLoopback = address.range() === 'loopback';
  if (address.kind() === 'ipv4' || isLoopback) return { text: address.toString(), isLoopback };
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${address.toNormalizedString()}/${IPV6_PREFIX_BITS}`);
  return { text: network.toString(), isLoopback };
};

const remembered = (text: string): typeof NO_ADDRESS => {
  const found = known.get(text) ?? read(text);
  known.set(text, found);
  return found;
};

const normalised = (text: string): string => remembered(text).text;

export const isLoopback = (address: string): boolean => remembered(address).isLoopback;
