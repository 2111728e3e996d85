/** Writes what became of claims: what ends while it is writing is written together after that, one commit for many. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Settlement } from '../../destinations/destination-queue.ts';

export interface SettlerDeps {
  /** All or none. */
  readonly write: (settlements: readonly Settlement[]) => Promise<void>;
  /** Called for each failure. */
  readonly onFailed: (thrown: unknown) => void;
  readonly onWritten: () => void;
}

export interface Settler {
  add(settlements: readonly Settlement[]): void;
  /** How many are not written yet. */
  waiting(): number;
  /** Resolves when what was added before is written or given up. */
  written(): Promise<void>;
}

/** After that their leases bring them back: delivered twice then, under the same ids. */
const TRIES = 3;
const FAILURE_PAUSE_MS = 1000;

export const createSettler = ({ write, onFailed, onWritten }: SettlerDeps): Settler => {
  let unsettled: Settlement[] = [];
  let writing: Settlement[] = [];
  let done: Promise<void> | null = null;

  const writeOne = async (): Promise<void> => {
    for (let tried = 1; tried <= TRIES; tried += 1) {
      try {
        return await write(writing);
      } catch (thrown) {
        onFailed(thrown);
        if (tried < TRIES) await pause(FAILURE_PAUSE_MS);
      }
    }
  };

  const writeAll = async (): Promise<void> => {
    while (unsettled.length > 0) {
      writing = unsettled;
      unsettled = [];
      await writeOne();
      writing = [];
      onWritten();
    }
    done = null;
  };

  return {
    add(settlements) {
      if (settlements.length === 0) return;
      unsettled.push(...settlements);
      done ??= writeAll();
    },
    waiting: () => unsettled.length + writing.length,
    written: async () => {
      await done;
    },
  };
};
