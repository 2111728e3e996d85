/**
 * Shares of something bounded that strangers can hold: connections, bytes, slots, the lines of a minute. One sender may
 * hold a part of what is free, so that each gets less the more is held, and there is always something for a sender that
 * holds nothing. (Dynamic thresholds, as switches share their buffers: Choudhury and Hahne, IEEE/ACM Transactions on
 * Networking 6, 1998.)
 */

/** Who sends, as far as shares and rates are concerned. */
export interface Sender {
  /** In normal form, an IPv6 sender's as its /64; `unknown` when nobody can tell. */
  readonly address: string;
  /** Held to a share of its own. Published provider addresses and this machine are not. */
  readonly isLimited: boolean;
  /** May use what is set aside: as those, and an address from which a genuine webhook was stored lately. */
  readonly hasReserve: boolean;
}

export interface SharesOptions {
  /** All that there is. */
  readonly max: number;
  /** What strangers may hold together: the rest is set aside for senders with a reserve. */
  readonly ofStrangersMax: number;
  /** What one limited sender may hold, of what is free: 1/16 say. */
  readonly ofFreeMax: number;
}

export interface Shares {
  /** False when it is more than the sender's share or than there is; nothing is taken then. */
  take(sender: Sender, amount?: number): boolean;
  /** What `take` would say. */
  canTake(sender: Sender, amount?: number): boolean;
  /** Gives back what the same sender took. */
  give(sender: Sender, amount?: number): void;
  /** What all senders hold together. */
  held(): number;
  /** Gives back everything, of everybody. */
  clear(): void;
}

export const createShares = ({ max, ofStrangersMax, ofFreeMax }: SharesOptions): Shares => {
  /** Of limited senders only; one that holds nothing is not in it, so it is as bounded as what is held. */
  const heldBy = new Map<string, number>();
  let heldByAll = 0;
  const heldOf = ({ address }: Sender): number => heldBy.get(address) ?? 0;
  const canTake: Shares['canTake'] = (sender, amount = 1) => {
    const free = (sender.hasReserve ? max : ofStrangersMax) - heldByAll;
    return amount <= free && (!sender.isLimited || heldOf(sender) + amount <= free * ofFreeMax);
  };
  return {
    canTake,
    take(sender, amount = 1) {
      if (!canTake(sender, amount)) return false;
      if (sender.isLimited) heldBy.set(sender.address, heldOf(sender) + amount);
      heldByAll += amount;
      return true;
    },
    give(sender, amount = 1) {
      heldByAll -= amount;
      if (!sender.isLimited) return;
      const own = heldOf(sender) - amount;
      if (own > 0) heldBy.set(sender.address, own);
      else heldBy.delete(sender.address);
    },
    held: () => heldByAll,
    clear() {
      heldBy.clear();
      heldByAll = 0;
    },
  };
};
