/** What a check has found, kept until it comes to its end: one that is interrupted is gone on with by the next that asks the same. */
import { LIMITS } from '../../core/limits.ts';
import type { CheckProgress, Checkpoints } from '../../core/ports/reconcile-checkpoints.ts';
import type { JsonValue } from '../../core/read-json.ts';
import type { EpochMs } from '../../core/webhook.ts';
import type { ListReport } from './object-report.ts';

export interface KeptCheckDeps {
  readonly checkProgress: Checkpoints<CheckProgress>;
  readonly now: () => EpochMs;
  /** Told once when nothing can be kept: the check goes on all the same, and begins anew when it is interrupted. */
  readonly onNotKept: (error: unknown) => void;
}

export interface KeptCheckInput {
  /** `ObjectSource.id`. */
  readonly source: string;
  readonly since: EpochMs;
  /** Begins anew, whatever an earlier check has come to. */
  readonly isAnew: boolean;
}

export interface KeptTrack {
  readonly checkedUntil: EpochMs;
  /** How much time is gone through at once. */
  readonly sliceMs: number;
  readonly reports: readonly ListReport[];
}

export interface KeptCheck {
  /** From when on it looks: as it was asked, or as the check that it goes on with was. */
  readonly since: EpochMs;
  /** When the check began that this one goes on with; null for one that begins. */
  readonly resumedFrom: EpochMs | null;
  of(track: string): KeptTrack | undefined;
  keep(track: string, kept: KeptTrack): Promise<void>;
  /** It came to its end: the next one begins anew. */
  end(): Promise<void>;
}

const read = (found: JsonValue): readonly ListReport[] =>
  JSON.parse(JSON.stringify(found), (key, value) => (key === 'minor' ? BigInt(value) : value));

const write = (reports: readonly ListReport[]): JsonValue =>
  JSON.parse(JSON.stringify(reports, (_key, value) => (typeof value === 'bigint' ? String(value) : value)));

const bytesOf = (value: JsonValue): number => Buffer.byteLength(JSON.stringify(value));

/** As many differences by name as there is room for; their number and their money are kept whole. */
const fitting = (tracks: ReadonlyMap<string, KeptTrack>): CheckProgress['tracks'] => {
  let bytes = 0;
  return [...tracks].map(([name, { reports, ...at }]) => {
    const counts = write(reports.map((report) => ({ ...report, differences: [] })));
    bytes += bytesOf(counts);
    const kept = reports.map((report) => ({
      ...report,
      differences: report.differences.filter((one) => {
        bytes += bytesOf(write([{ ...report, differences: [one] }])) - bytesOf(write([{ ...report, differences: [] }]));
        return bytes <= LIMITS.checkProgressBytesMax;
      }),
    }));
    return { name, ...at, found: write(kept) };
  });
};

/** The same question: a time that is an age has moved on with the clock since. */
const isSame = ({ startedAt, since, tracks }: CheckProgress, asked: EpochMs, now: EpochMs): boolean => {
  const ageMs = now - startedAt;
  const isYoung = ageMs >= 0 && ageMs < LIMITS.checkResumedMsMax;
  return tracks.length > 0 && isYoung && asked >= since && asked - since <= ageMs;
};

/** Throws what reading throws. */
export const openKeptCheck = async (
  { checkProgress, now, onNotKept }: KeptCheckDeps,
  { source: id, since: asked, isAnew }: KeptCheckInput,
): Promise<KeptCheck> => {
  const source = `payments:${id}`;
  const stored = await checkProgress.get(source);
  const before = !isAnew && stored !== undefined && isSame(stored, asked, now()) ? stored : undefined;
  const { startedAt, since } = before ?? { startedAt: now(), since: asked };
  const tracks = new Map<string, KeptTrack>(
    before?.tracks.map(({ name, found, ...at }) => [name, { ...at, reports: read(found) }]),
  );
  let revision = stored?.revision ?? 0;
  let isKept = true;

  const put = async (): Promise<void> => {
    if (!isKept) return;
    try {
      // Somebody else is at the same check: both go through all of it, and theirs is kept.
      isKept = await checkProgress.put({ source, startedAt, since, tracks: fitting(tracks) }, revision);
      revision += 1;
    } catch (error) {
      isKept = false;
      onNotKept(error);
    }
  };

  return {
    since,
    resumedFrom: before?.startedAt ?? null,
    of: (track) => tracks.get(track),
    keep(track, kept) {
      tracks.set(track, kept);
      return put();
    },
    end() {
      tracks.clear();
      return put();
    },
  };
};
