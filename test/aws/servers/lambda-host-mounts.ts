/** Whether this machine lets us give a process file systems of its own, which `/opt` and `/var/task` need. */
import { spawnSync } from 'node:child_process';

let reason: string | null | undefined;

/** Null when it does; otherwise why not, as a reason to skip a test with. Looked up once. */
export const whyNoMounts = (): string | null => {
  if (reason === undefined) {
    const { status, stderr, error } = spawnSync(
      'unshare',
      ['--mount', '--propagation', 'private', 'mount', '-t', 'tmpfs', 'none', '/mnt'],
      { encoding: 'utf8', timeout: 10_000 },
    );
    const why = error?.message ?? stderr.trim().split('\n')[0];
    reason = status === 0 ? null : `mounting /opt and /var/task needs root and mount namespaces (${why})`;
  }
  return reason;
};
