/** Runs a command inside the test's process: the same code as `bin/payhook`, without the half second that Node takes. */
import { vi } from 'vitest';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { createAskSecret } from '../../src/cli/ask-secret.ts';
import { runProgram } from '../../src/cli/program.ts';
import { reportFailure } from '../../src/cli/report-failure.ts';
import type { Clock } from '../../src/core/ports/clock.ts';
import type { Ran } from '../support/running-server.ts';

export interface RunHereOptions {
  readonly clock?: Clock;
  readonly cwd?: string;
  /** Of the terminal. @default it is none */
  readonly columns?: number;
  /** What stands on standard input. @default nothing */
  readonly input?: string;
}

/** What `src/cli/main.ts` does, with both streams kept. One at a time: the streams are the process's own. */
export const runHere = async (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  options: RunHereOptions = {},
): Promise<Ran> => {
  let stdout = '';
  let stderr = '';
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  const context = {
    env,
    cwd: options.cwd ?? '/',
    clock: options.clock ?? systemClock,
    print: (line: string) => void process.stdout.write(`${line}\n`),
    warn: (line: string) => void process.stderr.write(`${line}\n`),
    isTerminal: false,
    columns: options.columns,
    readInput: async () => options.input ?? '',
    askSecret: createAskSecret({ isTerminal: false, readInput: async () => options.input ?? '' }),
    operatorName: () => undefined,
    home: () => ({ kind: 'local' as const }),
  };
  try {
    const code = await runProgram(args, context);
    return { code, stdout, stderr };
  } catch (error) {
    const code = reportFailure(error);
    return { code, stdout, stderr };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
};

/** The lines of `--json` output; fails when one of them is no object. */
export const jsonLines = ({ stdout }: Ran): Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const value: unknown = JSON.parse(line);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`no object: ${line}`);
      return value as Record<string, unknown>;
    });
