/**
 * A thread beside the handlers that sees what they cannot be asked about while they compute: the process ends with its
 * server, and when it uses more memory than it may, native memory included.
 */
import assert from 'node:assert/strict';
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { TOO_MUCH_MEMORY } from './handler-messages.ts';

export interface WatchData {
  readonly serverPid: number;
  readonly residentBytesMax: number;
}

const LOOK_MS = 200;
const STDERR = 2;

const { serverPid, residentBytesMax }: WatchData = workerData;
assert(residentBytesMax > 0, 'runs as a thread of the process of the handlers');

const end = (): void => void process.kill(process.pid, 'SIGKILL');

setInterval(() => {
  // A process whose parent has died gets another one.
  if (process.ppid !== serverPid) end();
  if (process.memoryUsage.rss() <= residentBytesMax) return;
  try {
    writeSync(STDERR, `${TOO_MUCH_MEMORY}\n`);
  } finally {
    end();
  }
}, LOOK_MS);
