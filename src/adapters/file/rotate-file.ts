/** Keeps the files of a log: `events.ndjson`, the one before it `events.ndjson.1`, and so on, the oldest removed. */
import { rename, rm } from 'node:fs/promises';

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

const renameIfThere = async (from: string, to: string): Promise<void> => {
  try {
    await rename(from, to);
  } catch (error) {
    // A crash in the middle of a rotation leaves a gap, which the next one closes.
    if (!isMissing(error)) throw error;
  }
};

/** Moves the file and its predecessors one on, so that `path` is free; `filesMax` counts it too. */
export const rotateFile = async (path: string, filesMax: number): Promise<void> => {
  if (filesMax === 1) return rm(path, { force: true });
  for (let number = filesMax - 1; number > 1; number -= 1)
    await renameIfThere(`${path}.${number - 1}`, `${path}.${number}`);
  await renameIfThere(path, `${path}.1`);
};
