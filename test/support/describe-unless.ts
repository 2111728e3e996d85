/** Tests that this machine cannot run: one skipped test stands for them, with the reason, which the run prints. */
import { describe, test } from 'vitest';

/** A `describe`, or where there is a reason against it, one skipped test with that reason. */
export const describeUnless = (reason: string | null, title: string, define: () => void): void => {
  if (reason === null) describe(title, define);
  else test(title, ({ skip }) => skip(reason));
};
