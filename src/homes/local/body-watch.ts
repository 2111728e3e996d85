/** Looks at the bodies that are being read, every now and then: one that does not move is given up. */

export interface BodyWatchLimits {
  readonly lookEveryMs: number;
  /** Without a byte. */
  readonly idleMsMax: number;
  /** On average, once that time has passed. */
  readonly bytesPerSecondMin: number;
}

/** A body that is being read. Whoever reads it says how many bytes have come. */
export interface WatchedBody {
  bytes: number;
  end(): void;
}

export interface BodyWatch {
  begin(onTooSlow: () => void): WatchedBody;
  close(): void;
}

interface Watched extends WatchedBody {
  readonly onTooSlow: () => void;
  looks: number;
  bytesLast: number;
  quietLooks: number;
}

/**
 * Time is counted in looks and not by a clock: while this process itself is held up neither bytes nor looks come, and
 * nobody is blamed for it.
 */
export const createBodyWatch = ({ lookEveryMs, idleMsMax, bytesPerSecondMin }: BodyWatchLimits): BodyWatch => {
  const watched = new Set<Watched>();
  const isTooSlow = (body: Watched): boolean => {
    body.looks += 1;
    body.quietLooks = body.bytes === body.bytesLast ? body.quietLooks + 1 : 0;
    body.bytesLast = body.bytes;
    if (body.quietLooks * lookEveryMs >= idleMsMax) return true;
    const seconds = (body.looks * lookEveryMs - idleMsMax) / 1000;
    return body.bytes < seconds * bytesPerSecondMin;
  };
  const look = setInterval(() => {
    for (const body of watched) if (isTooSlow(body)) body.onTooSlow();
  }, lookEveryMs);
  look.unref();
  return {
    begin(onTooSlow) {
      const body: Watched = {
        bytes: 0,
        looks: 0,
        bytesLast: 0,
        quietLooks: 0,
        onTooSlow,
        end: () => void watched.delete(body),
      };
      watched.add(body);
      return body;
    },
    close: () => clearInterval(look),
  };
};
