/** How the home of this machine is doing: what its server says of itself, what is stored, and the disk. */
import { statfsSync, statSync } from 'node:fs';
import type { DatabaseGrowth } from '../../adapters/sqlite/sqlite-growth-operations.ts';
import { bytesText } from '../../core/bytes-text.ts';
import { LIMITS } from '../../core/limits.ts';
import type { WorkDepth } from '../../core/ports/queue.ts';
import { DAY_MS, durationText } from '../../core/time.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { lookAtStored, type StoredHealth } from '../../operate/look-at-stored.ts';
import type { DataDirectory } from './data-directory.ts';
import type { LocalHome } from './home.ts';
import { type FoundState, readPublishedState } from './published-state.ts';

export interface Health extends StoredHealth {
  readonly server: FoundState;
  readonly queue: WorkDepth;
  readonly disk: {
    readonly databaseBytes: number;
    /** The write-ahead log, which is part of the database. */
    readonly logBytes: number;
    readonly freeBytes: number;
    readonly bytes: number;
    /** Of the database, freed by retention and used again before the file grows. */
    readonly unusedBytes: number;
    /** What the webhooks of the last 24 hours took, about; null where nothing is stored. */
    readonly grownBytes: number | null;
  };
}

export const lookAtHealth = async (
  { directory, home }: { readonly directory: DataDirectory; readonly home: LocalHome },
  destinationNames: readonly string[],
): Promise<Health> => {
  const now = home.clock.now();
  const server = await readPublishedState(directory.stateFile, now);
  const { destinations, lastDigest, problems } = await lookAtStored(home, destinationNames);
  const { bavail, blocks, bsize } = statfsSync(directory.path);
  const growth = await home.executor.run('databaseGrowth', { since: now - DAY_MS });
  const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const seen = {
    server,
    queue: await home.queue.depth(),
    destinations,
    lastDigest,
    disk: {
      databaseBytes: sizeOf(directory.database),
      logBytes: sizeOf(`${directory.database}-wal`),
      freeBytes: bavail * bsize,
      bytes: blocks * bsize,
      unusedBytes: growth.unusedBytes,
      grownBytes: grownBytesOf(growth),
    },
  };
  return { ...seen, problems: [...serverProblems(server, now), ...localProblems(seen, now), ...problems] };
};

const grownBytesOf = ({ bytes, unusedBytes, webhooks, received }: DatabaseGrowth): number | null =>
  webhooks === 0 ? null : Math.round(((bytes - unusedBytes) / webhooks) * received);

const nextText = (nextProbeAt: EpochMs | null, now: EpochMs): string =>
  nextProbeAt === null ? 'it is tried now' : `it is tried again in ${durationText(nextProbeAt - now)}`;

const serverProblems = (server: FoundState, now: EpochMs): readonly string[] => {
  switch (server.outcome) {
    case 'none':
      return ['no server runs: nothing is received'];
    case 'stale': {
      const { at, processId } = server.state;
      return [
        `the server (process ${processId}) has said nothing for ${durationText(Math.abs(now - at))}: it hangs, or was killed`,
      ];
    }
    case 'fresh': {
      const { destinations, handlers, handlerProcess } = server.state;
      return [
        ...(handlerProcess?.isThere === false
          ? [
              `the process of the handlers is not there (${handlerProcess.lastEnd ?? 'it starts'}): webhooks wait for it`,
            ]
          : []),
        ...handlers
          .filter(({ circuit }) => circuit !== 'closed')
          .map(({ name, nextProbeAt }) => `handler ${name} fails again and again: ${nextText(nextProbeAt, now)}`),
        ...destinations
          .filter(({ circuit }) => circuit !== 'closed')
          .map(({ name, nextProbeAt, lastError }) => {
            const why = lastError?.error ?? 'no answer yet';
            return `destination ${name} is down (${why}): ${nextText(nextProbeAt, now)}`;
          }),
      ];
    }
    default:
      return server satisfies never;
  }
};

const localProblems = ({ queue, disk }: Pick<Health, 'queue' | 'disk'>, now: EpochMs): readonly string[] => {
  const problems: string[] = [];
  const oldest = queue.oldestEnqueuedAt;
  if (oldest !== null && now - oldest > LIMITS.atRiskAfterMs) {
    problems.push(`webhooks wait, the oldest for ${durationText(now - oldest)}: payhook causes says why`);
  }
  if (disk.freeBytes < disk.bytes * LIMITS.diskFreeMin) {
    problems.push(`the disk is nearly full: ${bytesText(disk.freeBytes)} of ${bytesText(disk.bytes)} are free`);
  }
  return problems;
};
