/** What every command is given: arguments are commander's business, the world comes from here. */

import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { openSqlite } from '../adapters/sqlite/sqlite-executor.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { describeProblems, loadConfig, type Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Actor } from '../core/webhook.ts';
import { openDataDirectory } from '../server/data-directory.ts';
import { createHome, type Home } from '../server/home.ts';

export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  /** One line to standard output. */
  readonly print: (line: string) => void;
  /** One line to standard error. */
  readonly warn: (line: string) => void;
  readonly isTerminal: boolean;
}

export const processContext = (): CommandContext => ({
  // The composition root of the command line: the one place here that reads the environment.
  // biome-ignore lint/style/noProcessEnv: read once, handed on.
  env: process.env,
  cwd: process.cwd(),
  clock: systemClock,
  print: (line) => void process.stdout.write(`${line}\n`),
  warn: (line) => void process.stderr.write(`${line}\n`),
  isTerminal: process.stdout.isTTY === true,
});

/** The settings; throws one report of everything that is wrong with them. */
export const loadSettings = async (context: CommandContext): Promise<Settings> => {
  const loaded = await loadConfig({ env: context.env, cwd: context.cwd });
  if (loaded.outcome === 'loaded') return loaded.settings;
  throw new PayhookError('configuration_invalid', describeProblems(loaded.problems));
};

/** Opens the local home for one command and closes it afterwards. A server may run on it at the same time. */
export const withHome = async <Result>(
  context: CommandContext,
  work: (home: Home) => Promise<Result>,
): Promise<Result> => {
  const settings = await loadSettings(context);
  const { dataDirectory } = settings;
  if (!existsSync(dataDirectory)) {
    throw new PayhookError(
      'store_unavailable',
      `there is no data directory ${dataDirectory} yet: start the server first (npm start), or set PAYHOOK_DATA_DIR to where the data is`,
    );
  }
  const directory = openDataDirectory(dataDirectory);
  const executor = openSqlite({ path: directory.database });
  try {
    return await work(createHome(directory, executor, { clock: context.clock }));
  } finally {
    await executor.close();
  }
};

/** Who runs the command, for the audit trail. */
export const operator = (): Actor => ({ type: 'operator', id: userInfo().username });
