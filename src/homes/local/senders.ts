/** What is known of who sends: held to a share of its own or not, with a reserve or not; and whether a proxy was overlooked. */
import type { IncomingMessage } from 'node:http';
import { LRUCache } from 'lru-cache';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { Sender } from '../../core/shares.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { type Origin, originOf, peerOf, UNKNOWN_ADDRESS } from './source-address.ts';

export interface SendersOptions {
  readonly publishedAddresses: ReadonlySet<string>;
  readonly arePublishedAddressesExempt: boolean;
  readonly isLoopbackExempt: boolean;
  readonly trustedProxyHops: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Senders {
  ofRequest(request: IncomingMessage): Sender;
  /** Of a connection, before or without a request. Behind trusted proxies that is a proxy, which is not held to a share. */
  ofPeer(remoteAddress: string | undefined): Sender;
  /** A webhook of the sender was stored for the first time: for a while its address may use what is set aside. */
  hasDelivered(sender: Sender): void;
  /** What is wrong when forwarding headers have come lately and no proxy is configured, as a sentence; else null. */
  proxyWarning(): string | null;
}

const PROXY_WARNING =
  'a proxy seems to be in front: requests carry forwarding headers such as X-Forwarded-For, but edge.trustedProxyHops in payhook.config.ts is 0, so that all senders behind it count as one; set it to the number of your proxies';

/** A peer behind which anybody may be: each request is looked at by itself. */
const PROXY: Sender = { address: UNKNOWN_ADDRESS, isLimited: false, hasReserve: true };

export const createSenders = (options: SendersOptions): Senders => {
  const { publishedAddresses, trustedProxyHops, clock, logger } = options;
  const proven = new LRUCache<string, true>({
    max: LIMITS.addressesProvenMax,
    ttl: LIMITS.addressProvenMs,
    // Looking at the clock once a second is enough for a day.
    ttlResolution: 1000,
  });
  let forwardedAt: EpochMs = Number.NEGATIVE_INFINITY;
  let warnedAt: EpochMs = Number.NEGATIVE_INFINITY;

  const isRecent = (at: EpochMs, now: EpochMs): boolean => Math.abs(now - at) <= LIMITS.proxyWarnedEveryMs;

  const noteForwarded = (): void => {
    const now = clock.now();
    forwardedAt = now;
    if (isRecent(warnedAt, now)) return;
    warnedAt = now;
    logger.warn('edge.proxy_not_configured', { message: PROXY_WARNING });
  };

  const senderAt = ({ address, isLoopback }: Origin, isDirect: boolean): Sender => {
    const isPublished = publishedAddresses.has(address);
    const isThisMachine = isLoopback && isDirect && options.isLoopbackExempt;
    return {
      address,
      isLimited: !(isThisMachine || (isPublished && options.arePublishedAddressesExempt)),
      hasReserve: isPublished || isThisMachine || proven.has(address),
    };
  };

  return {
    ofRequest(request) {
      const origin = originOf(request, trustedProxyHops);
      if (origin.isForwarded && trustedProxyHops === 0) noteForwarded();
      // Where proxies are expected, a sender may have made one drop its header; the peer is that proxy then.
      return senderAt(origin, trustedProxyHops === 0 && !origin.isForwarded);
    },
    ofPeer: (remoteAddress) => (trustedProxyHops > 0 ? PROXY : senderAt(peerOf(remoteAddress), true)),
    hasDelivered({ address, isLimited }) {
      if (isLimited && address !== UNKNOWN_ADDRESS) proven.set(address, true);
    },
    proxyWarning: () => (isRecent(forwardedAt, clock.now()) ? PROXY_WARNING : null),
  };
};
