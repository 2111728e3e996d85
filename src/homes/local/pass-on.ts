/** What handlers print with `console.log` goes to standard error of the server, which keeps its log apart on standard output. */
import type { Readable } from 'node:stream';
import { LIMITS } from '../../core/limits.ts';
import { SECOND_MS } from '../../core/time.ts';

/** Above the bound nothing is read for the rest of the second: then the printing process waits, and not the server. */
export const passOn = (from: Readable, write: (chunk: Buffer) => void): void => {
  let left: number = LIMITS.handlerPrintBytesPerSecondMax;
  const timer = setInterval(() => {
    left = LIMITS.handlerPrintBytesPerSecondMax;
    from.resume();
  }, SECOND_MS);
  timer.unref();
  from.on('data', (chunk: Buffer) => {
    write(chunk);
    left -= chunk.length;
    if (left <= 0) from.pause();
  });
  from.on('error', () => from.destroy());
  from.on('close', () => clearInterval(timer));
};
