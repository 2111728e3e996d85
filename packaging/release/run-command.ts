/** Runs a program of the system in the checkout. */
import { spawnSync } from 'node:child_process';

/** Says which program it was, and what that said. */
export class CommandFailed extends Error {}

/** Its output. Throws `CommandFailed`, in one line. */
export const outputOf = (root: string, command: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) {
    const said = (error?.message ?? stderr).trim().replaceAll(/\s*\n\s*/g, '; ');
    throw new CommandFailed(`${command} ${args[0] ?? ''} failed: ${said}`);
  }
  return stdout.trimEnd();
};

/** Whether it succeeds; what it says goes to standard error, as progress. */
export const succeeds = (root: string, command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] }).status === 0;
