/** A disk that is full for real: a file system of a few megabytes, mounted for the test. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const mountSmallDisk = (path: string, megabytes: number): boolean =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', path]).status === 0;

export const unmountDisk = (path: string): void => void spawnSync('umount', ['-l', path]);

const canMount = (): boolean => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const probe = mkdtempSync(join(tmpdir(), 'payhook-mount-'));
  const isMounted = mountSmallDisk(probe, 1);
  if (isMounted) unmountDisk(probe);
  rmSync(probe, { recursive: true });
  return isMounted;
};

/** Why no file system can be mounted here; null when one can. */
export const whyNoSmallDisk = (): string | null =>
  canMount() ? null : 'a full disk is a file system that is mounted, which only root on Linux may do';
