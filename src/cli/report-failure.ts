/** How a command that failed says so: one sentence on standard error, and the exit code of its kind. */
import { PayhookError } from '../core/errors.ts';

/** 0 done, 1 the thing asked about is not so, 2 wrong usage. */
export type ExitCode = 0 | 1 | 2;

/** Returns the exit code. A bug shows its stack: there is nothing better to report it with. */
export const reportFailure = (error: unknown): number => {
  if (error instanceof PayhookError) {
    process.stderr.write(`payhook: ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(
    `payhook: this is a bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
};
