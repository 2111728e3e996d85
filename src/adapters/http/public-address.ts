/** Which IP addresses are on the public internet. Everything else may be a neighbour of ours that trusts us. */
import ipaddr from 'ipaddr.js';

/** RFC 4291: the only IPv6 addresses that are given out are in 2000::/3. */
const GLOBAL_UNICAST_BITS = 0b001;

/**
 * False for private, loopback, link-local (cloud metadata), shared, multicast and reserved addresses, for IPv4 addresses
 * of these kinds inside IPv6 ones, for IPv6 addresses that a gateway translates (NAT64, 6to4, Teredo), and for what is
 * no address.
 */
export const isPublicAddress = (text: string): boolean => {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || (address.toByteArray()[0] ?? 0) >> 5 === GLOBAL_UNICAST_BITS;
};
