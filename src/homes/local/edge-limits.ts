/** What senders may take of the edge: rates, connections, bytes and slots, each with something set aside. */
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import { createShares, type Sender, type Shares, type SharesOptions } from '../../core/shares.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { RefusalReason } from '../../receive/turned-away.ts';
import type { BodyWatchLimits } from './body-watch.ts';
import { createAddressRate, createTotalRate } from './rate-limits.ts';
import { createSenders, type Senders } from './senders.ts';

export interface EdgeSettings {
  readonly requestsPerSecond: number;
  readonly requestsBurst: number;
  readonly requestsPerSecondPerAddress: number;
  readonly arePublishedAddressesExempt: boolean;
  readonly isLoopbackExempt: boolean;
  readonly trustedProxyHops: number;
}

/** What is not a setting of the user, and tests make smaller. */
export interface EdgeBounds {
  readonly connections: SharesOptions;
  readonly bodyBytes: SharesOptions;
  readonly underway: SharesOptions;
  readonly headersMsMax: number;
  readonly requestMsMax: number;
  readonly body: BodyWatchLimits;
}

const { shareOfFreeMax: ofFreeMax } = LIMITS;

const EDGE_BOUNDS: EdgeBounds = {
  connections: { max: LIMITS.connectionsMax, ofStrangersMax: LIMITS.connectionsOfStrangersMax, ofFreeMax },
  bodyBytes: { max: LIMITS.bodiesBytesMax, ofStrangersMax: LIMITS.bodiesBytesOfStrangersMax, ofFreeMax },
  underway: { max: LIMITS.deliveriesUnderwayMax, ofStrangersMax: LIMITS.deliveriesUnderwayOfStrangersMax, ofFreeMax },
  headersMsMax: LIMITS.requestHeadersMsMax,
  requestMsMax: LIMITS.requestMsMax,
  body: {
    lookEveryMs: SECOND_MS,
    idleMsMax: LIMITS.bodyIdleMsMax,
    bytesPerSecondMin: LIMITS.bodyBytesPerSecondMin,
  },
};

export interface EdgeLimits {
  readonly senders: Senders;
  readonly connections: Shares;
  readonly bodyBytes: Shares;
  /** Deliveries whose body is there, until nothing goes on for them any more. */
  readonly underway: Shares;
  readonly bounds: EdgeBounds;
  /** Undefined when the sender may. */
  exceededRate(sender: Sender): ExceededRate | undefined;
  /** For what costs next to nothing: the rate of the address alone. */
  exceededAddressRate(sender: Sender): ExceededRate | undefined;
  /** A genuine delivery was stored for the first time: it does not count against its sender, which has a reserve now. */
  hasDelivered(sender: Sender): void;
}

export interface ExceededRate {
  readonly reason: RefusalReason;
  readonly retryAfterSeconds: number;
}

export interface EdgeLimitsInput {
  readonly settings: EdgeSettings;
  readonly publishedAddresses: ReadonlySet<string>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** @default those of `LIMITS` */
  readonly bounds?: Partial<EdgeBounds> | undefined;
}

export const createEdgeLimits = ({
  settings,
  publishedAddresses,
  clock,
  logger,
  bounds: ownBounds,
}: EdgeLimitsInput): EdgeLimits => {
  const bounds = { ...EDGE_BOUNDS, ...ownBounds };
  const takeTotal = createTotalRate(settings.requestsPerSecond, settings.requestsBurst, clock);
  const addressRate = createAddressRate(settings.requestsPerSecondPerAddress, clock);
  const senders = createSenders({ ...settings, publishedAddresses, clock, logger });

  const exceededAddressRate = ({ address, isLimited }: Sender): ExceededRate | undefined => {
    if (!isLimited) return undefined;
    const own = addressRate.take(address);
    return own.isAllowed ? undefined : { reason: 'address_rate_exceeded', retryAfterSeconds: own.retryAfterSeconds };
  };

  return {
    senders,
    connections: createShares(bounds.connections),
    bodyBytes: createShares(bounds.bodyBytes),
    underway: createShares(bounds.underway),
    bounds,
    exceededAddressRate,
    // As on AWS, where the firewall stands before the gateway: what an address sends above its own rate takes nothing
    // from the rate of all, or one sender could lock out every other.
    exceededRate(sender) {
      const own = exceededAddressRate(sender);
      if (own !== undefined) return own;
      const total = takeTotal(sender);
      return total.isAllowed ? undefined : { reason: 'rate_exceeded', retryAfterSeconds: total.retryAfterSeconds };
    },
    hasDelivered(sender) {
      if (sender.isLimited) addressRate.giveBack(sender.address);
      senders.hasDelivered(sender);
    },
  };
};
