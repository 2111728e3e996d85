/** Who may get at a file of the local home: as ssh does, what others could have changed is not used. */
import type { Stats } from 'node:fs';

export interface AccessProblem {
  /** Follows the path in a sentence. */
  readonly why: string;
  readonly advice: string;
}

/** Permission bits of group and others. */
const READ_BITS = 0o077;
const WRITE_BITS = 0o022;

/**
 * What is wrong when the file or folder belongs to somebody else than this user or root, or when others may write it
 * (`'write'`), or even read it (`'read'`). Changes nothing.
 */
export const problemOfAccess = (path: string, stats: Stats, from: 'read' | 'write'): AccessProblem | undefined => {
  const user = process.geteuid?.();
  // Windows has neither owners nor such bits.
  if (user === undefined) return undefined;
  if (stats.uid !== user && stats.uid !== 0) {
    return {
      why: `belongs to the user with id ${stats.uid} and not to the one who runs Payhook, ${user}`,
      advice: `run Payhook as that user, or run chown ${user} '${path}' if you know that nobody has changed it`,
    };
  }
  if ((stats.mode & (from === 'read' ? READ_BITS : WRITE_BITS)) === 0) return undefined;
  return {
    why: from === 'read' ? 'may be read by others than its owner' : 'may be written by others than its owner',
    advice: `run chmod ${stats.isDirectory() ? '700' : '600'} '${path}' if you know that nobody has changed it`,
  };
};
