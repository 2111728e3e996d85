/** How a command that failed says so: one sentence on standard error, and the exit code of its kind. */

import { maskCardData } from '../core/card-data/card-data.ts';
import { PayhookError } from '../core/errors.ts';
import { printableLines } from '../core/printable.ts';
import { screenText } from '../core/screen-text.ts';
import { isPackageMissing, problemOfPeers } from './peers.ts';

/** 0 done, 1 the thing asked about is not so, 2 wrong usage. */
export type ExitCode = 0 | 1 | 2;

/** Returns the exit code. A bug shows its stack: there is nothing better to report it with. */
export const reportFailure = (error: unknown): number => {
  if (error instanceof PayhookError) {
    say(maskCardData(error.message));
    return error.exitCode;
  }
  const problem = isPackageMissing(error) ? problemOfPeers() : undefined;
  if (problem !== undefined) return reportFailure(problem);
  say(screenText(`this is a bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`));
  return 1;
};

/** Errors quote what they stumbled over: a file, an answer, an id. */
const say = (message: string): void => {
  process.stderr.write(`payhook: ${printableLines(message)}\n`);
};
