/**
 * A line for CloudWatch Logs. Not by `console`, before whose lines Lambda puts words of its own. Lines of one moment are
 * written together, because each write of a pipe is a call of the kernel: before anything is answered, and long before a freeze.
 */
let waiting = '';

/** Takes a line without its end. */
export const writeLine = (line: string): void => {
  if (waiting === '') queueMicrotask(flush);
  waiting += `${line}\n`;
};

const flush = (): void => {
  const lines = waiting;
  waiting = '';
  process.stdout.write(lines);
};
