/**
 * Keeps deliveries that were not found genuine, for whoever has to find out why. Strangers decide what comes here, so each has
 * a place out of a fixed number: what comes from published addresses, and from those that sent genuine ones lately, has
 * places that nobody else gets; each other address has a few of its own. And only so many are kept in a minute: none more
 * once one could not be kept, because what strangers send must not wait for a box that is slow.
 */
import { hash as digestOf } from 'node:crypto';
import { asPayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ConfiguredProvider, Delivery, RejectionReason } from '../core/ports/provider.ts';
import { type KeepRejected, rejectedId, rejectedKey } from '../core/ports/rejected-box.ts';
import type { Seal } from '../core/seal.ts';
import { createShares, type Sender } from '../core/shares.ts';
import { MINUTE_MS } from '../core/time.ts';
import type { EpochMs } from '../core/webhook.ts';
import { packDelivery } from './rejected-payload.ts';

export interface RejectedDeliveryInput {
  readonly providerName: string;
  readonly delivery: Delivery;
  readonly receivedAt: EpochMs;
  readonly traceId: string;
  readonly sender: Sender;
  readonly reason: RejectionReason;
}

export interface KeepRejectedDeps {
  readonly providers: ReadonlyMap<string, ConfiguredProvider>;
  readonly box: KeepRejected;
  readonly seal: Seal;
  readonly logger: Logger;
  /** Null keeps nothing. */
  readonly keptForMs: number | null;
  /** Of this process. @default RECEIVED_BY_ONE */
  readonly inAMinute?: KeptInAMinute;
}

export interface KeptInAMinute {
  readonly max: number;
  readonly ofStrangersMax: number;
}

/** Where one process receives all that comes. */
const RECEIVED_BY_ONE: KeptInAMinute = {
  max: LIMITS.rejectedKeptPerMinuteMax,
  ofStrangersMax: LIMITS.rejectedKeptOfStrangersMax,
};

/** Never throws: what cannot be kept is logged, and the sender is answered all the same. */
export const createKeepRejected = (deps: KeepRejectedDeps): ((input: RejectedDeliveryInput) => Promise<void>) => {
  const limit = createKeepingLimit(deps.inAMinute ?? RECEIVED_BY_ONE);
  return async (input) => {
    const { keptForMs } = deps;
    if (keptForMs === null) return;
    const { delivery, receivedAt: rejectedAt, sender } = input;
    const provider = deps.providers.get(input.providerName)?.provider;
    if (provider === undefined || delivery.body.length > LIMITS.rejectedBodyBytesMax) return;
    if (!limit.take(sender, rejectedAt)) return;
    const id = rejectedId(provider.name, placeFor(delivery.body, sender), rejectedAt);
    const { payload, cardDataCount } = packDelivery(delivery, provider);
    try {
      const signedAt = provider.signedAt?.(delivery) ?? null;
      await deps.box.keep({
        id,
        provider: provider.name,
        rejectedAt,
        reason: input.reason,
        ...(signedAt === null ? {} : { skewMs: signedAt - rejectedAt }),
        sourceAddress: sender.address,
        isFromKnownSender: sender.hasReserve,
        bodyBytes: delivery.body.length,
        cardDataCount,
        traceId: input.traceId,
        expiresAt: rejectedAt + keptForMs,
        acceptedAt: null,
        payload: await deps.seal.seal(payload, rejectedKey({ id, rejectedAt })),
      });
    } catch (thrown) {
      limit.close();
      const { code, message } = asPayhookError(thrown);
      deps.logger.error('delivery.not_kept', { provider: provider.name, code, message });
    }
  };
};

const numberFrom = (data: string | Uint8Array, count: number): number =>
  digestOf('sha256', data, 'buffer').readUInt32BE() % count;

/** By the body, so that a delivery that comes again takes the place of itself; a stranger's by its address first. */
const placeFor = (body: Uint8Array, { address, hasReserve }: Sender): string => {
  if (hasReserve) return `p${numberFrom(body, LIMITS.rejectedPlacesOfKnownMax)}`;
  const ofAddress = numberFrom(address, LIMITS.rejectedAddressesMax);
  return `s${ofAddress}.${numberFrom(body, LIMITS.rejectedPlacesOfAddressMax)}`;
};

const createKeepingLimit = (inAMinute: KeptInAMinute) => {
  const shares = createShares({ ...inAMinute, ofFreeMax: LIMITS.shareOfFreeMax });
  let minute = 0;
  let isClosed = false;
  return {
    take(sender: Sender, at: EpochMs): boolean {
      const thisMinute = Math.floor(at / MINUTE_MS);
      if (thisMinute !== minute) {
        shares.clear();
        isClosed = false;
      }
      minute = thisMinute;
      return !isClosed && shares.take(sender);
    },
    /** For the rest of the minute. */
    close(): void {
      isClosed = true;
    },
  };
};
