/** One round of retention over the data of a home that no server runs on, as of any time. */
import { createMemoryLogger, type LogLine } from '../../src/adapters/memory/memory-recorders.ts';
import { openSqlite } from '../../src/adapters/sqlite/sqlite-executor.ts';
import type { Clock } from '../../src/core/ports/clock.ts';
import { DAY_MS } from '../../src/core/time.ts';
import type { EpochMs } from '../../src/core/webhook.ts';
import { openDataDirectory } from '../../src/homes/local/data-directory.ts';
import { createLocalHome } from '../../src/homes/local/home.ts';
import { createApplyRetention, type Removed } from '../../src/homes/local/retention.ts';

export const clockAt = (at: EpochMs): Clock => ({ now: () => at, stopwatch: () => () => 0 });

export interface AppliedRetention extends Removed {
  readonly lines: readonly LogLine[];
}

/** `rest` is called between batches, and ends the round with false. */
export const applyRetention = async (
  data: string,
  at: EpochMs,
  { keptDays, rest = async () => true }: { readonly keptDays: number; readonly rest?: () => Promise<boolean> },
): Promise<AppliedRetention> => {
  const directory = openDataDirectory(data);
  const executor = openSqlite({ path: directory.database });
  try {
    const home = await createLocalHome(directory, executor, { clock: clockAt(at) });
    const logger = createMemoryLogger();
    const removed = await createApplyRetention({ ...home, logger, keptMs: keptDays * DAY_MS, rest })();
    return { ...removed, lines: logger.lines };
  } finally {
    await executor.close();
  }
};
