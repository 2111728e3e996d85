/**
 * What only the server's memory knows, in a small file of the data directory that other processes read. It is written anew
 * each second and says when, so that a reader tells a server that runs from one that hangs or was killed.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { PayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { EpochMs } from '../../core/webhook.ts';

const count = z.number().nonnegative();
const instant = z.number();
const circuit = z.enum(['closed', 'open', 'half_open']);

const hour = z.object({ accepted: count, duplicates: count, turnedAway: count, rejected: count });

const schema = z.object({
  v: z.literal(1),
  at: instant,
  startedAt: instant,
  processId: count,
  receiving: z.object({
    /** In the last minute, or since the start. */
    accepted: count,
    duplicates: count,
    turnedAway: count,
    isBusy: z.boolean(),
    /** In the last 60 minutes, or since the start. A server of before says nothing of it. */
    lastHour: hour.nullable().default(null),
    /** In the 60 minutes before those; null until there were as many. */
    hourBefore: hour.nullable().default(null),
  }),
  processing: z.object({ underway: count, concurrency: count }),
  /** Those that were called since the start. A server of before says nothing of them. */
  handlers: z
    .array(
      z.object({
        name: z.string(),
        circuit,
        nextProbeAt: instant.nullable(),
        underway: count,
        answered: count,
        failed: count,
        lastFailedAt: instant.nullable(),
      }),
    )
    .max(LIMITS.handlersMax)
    .default([]),
  /** What they run in; null where there are none. */
  handlerProcess: z
    .object({ isThere: z.boolean(), ended: count, lastEnd: z.string().nullable() })
    .nullable()
    .default(null),
  destinations: z
    .array(
      z.object({
        name: z.string(),
        circuit,
        /** While it is open. */
        nextProbeAt: instant.nullable(),
        underway: count,
        delivered: count,
        failed: count,
        deliveredLastMinute: count.default(0),
        deliveredLastDay: count.default(0),
        callMsP99: count.nullable().default(null),
        lastError: z.object({ at: instant, error: z.string() }).nullable(),
      }),
    )
    .max(LIMITS.destinationsMax),
});

export type PublishedState = Readonly<z.infer<typeof schema>>;

/** `fresh`: a server wrote it a moment ago. `stale`: it has not for a while. `none`: no server runs, or none has ended badly. */
export type FoundState =
  | { readonly outcome: 'fresh' | 'stale'; readonly state: PublishedState }
  | { readonly outcome: 'none' };

export interface PublishStateDeps {
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly read: () => Omit<PublishedState, 'v' | 'at' | 'startedAt' | 'processId'>;
}

export interface StatePublisher {
  /** Takes the file away: a server that has stopped says nothing. */
  stop(): Promise<void>;
}

/** A disk that takes no file is told once, and stops nobody: the server goes on without. */
export const startPublishingState = ({ path, clock, logger, read }: PublishStateDeps): StatePublisher => {
  const startedAt = clock.now();
  let underway: Promise<void> | undefined;
  let isTold = false;

  const write = async (): Promise<void> => {
    const state: PublishedState = { v: 1, at: clock.now(), startedAt, processId: process.pid, ...read() };
    try {
      await writeFile(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
      await rename(`${path}.new`, path);
      isTold = false;
    } catch (thrown) {
      if (!isTold) logger.warn('state.not_published', { code: 'store_unavailable', message: messageOf(thrown) });
      isTold = true;
    }
  };
  const publish = (): void => {
    underway ??= write().finally(() => {
      underway = undefined;
    });
  };
  publish();
  const timer = setInterval(publish, LIMITS.stateEveryMs);
  return {
    async stop() {
      clearInterval(timer);
      await underway;
      await Promise.all([path, `${path}.new`].map((file) => rm(file, { force: true })));
    },
  };
};

/** Throws `store_damaged` when something else than a server wrote the file. */
export const readPublishedState = async (path: string, now: EpochMs): Promise<FoundState> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { outcome: 'none' };
    throw new PayhookError('store_unavailable', `cannot read ${path}: check its permissions`, { cause: error });
  }
  const read = schema.safeParse(parse(text));
  if (!read.success) {
    throw new PayhookError(
      'store_damaged',
      `${path} does not hold the state of a server: remove it, it is written anew`,
    );
  }
  const ageMs = Math.abs(now - read.data.at);
  return { outcome: ageMs <= LIMITS.stateFreshMs ? 'fresh' : 'stale', state: read.data };
};

/** What the file system says: `ENOSPC: no space left on device, write`. */
const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Reported like JSON of another shape.
    return undefined;
  }
};
