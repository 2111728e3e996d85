/** Which digest signs an entry: found among all of them with a few reads, because both are numbered without gaps. */
import type { AuditDigest } from './audit.ts';
import type { AuditReader } from './audit-log.ts';

/** A digest, and the last position that it covers. */
type Bound = Pick<AuditDigest, 'number' | 'lastPosition'>;

/** It covers what is behind `low` and up to `high`. */
interface Range {
  readonly low: Bound;
  readonly high: Bound;
}

type Covered = Pick<AuditDigest, 'number' | 'firstPosition' | 'lastPosition'>;

/** Half of what is left goes with every second read at least: enough for more digests than a trail can have. */
const READS_MAX = 80;

/** What is left of the range by what one of its digests covers; `found` when that is the one. */
const narrowed = ({ low, high }: Range, { number, firstPosition, lastPosition }: Covered, at: number) => {
  if (at > lastPosition) return { low: lastPosition > low.lastPosition ? { number, lastPosition } : low, high };
  if (at >= firstPosition) return 'found';
  const before = { number: number - 1, lastPosition: firstPosition - 1 };
  return { low, high: before.lastPosition < high.lastPosition ? before : high };
};

/** Entries come steadily, so that their place says where to look; not always, so that every second time it is the middle. */
const guess = ({ low, high }: Range, at: number, isMiddle: boolean): number => {
  const share = isMiddle ? 0.5 : (at - low.lastPosition) / (high.lastPosition - low.lastPosition);
  return Math.max(low.number + 1, Math.min(high.number, low.number + Math.ceil(share * (high.number - low.number))));
};

/**
 * Returns a function from the position of an entry to the number of its digest: null while none signs it, and for what was
 * removed with its digest. Entries that stand beside each other cost no more reads than one.
 */
export const createFindDigest = async (
  auditLog: Pick<AuditReader, 'digests' | 'lastDigest' | 'start'>,
): Promise<(position: number) => Promise<number | null>> => {
  const [last, start] = await Promise.all([auditLog.lastDigest(), auditLog.start()]);
  const first: Bound = { number: start?.digestNumber ?? 0, lastPosition: start?.lastPosition ?? 0 };
  const read: Covered[] = [];
  return async (position) => {
    if (last === undefined || position > last.lastPosition || position <= first.lastPosition) return null;
    let range: Range = { low: first, high: last };
    for (const one of read) {
      const left = narrowed(range, one, position);
      if (left === 'found') return one.number;
      range = left;
    }
    for (let reads = 0; reads < READS_MAX && range.low.number < range.high.number; reads += 1) {
      const number = guess(range, position, reads % 2 === 1);
      const [digest] = await auditLog.digests(number - 1, 1);
      // Removed by retention meanwhile, or by somebody: a check of the trail says which.
      if (digest?.number !== number) return null;
      const { firstPosition, lastPosition } = digest;
      read.push({ number, firstPosition, lastPosition });
      const left = narrowed(range, digest, position);
      if (left === 'found') return number;
      range = left;
    }
    return null;
  };
};
