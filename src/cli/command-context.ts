/** What every command is given: arguments are commander's business, the world comes from here. */
import { text } from 'node:stream/consumers';
import { systemClock } from '../adapters/system/system-clock.ts';
import { describeProblems, loadConfig, type Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import { openHome } from '../homes/open-home.ts';
import type { HomeChoice, OperatorHome } from '../homes/operator-home.ts';
import { createAskSecret } from './ask-secret.ts';

export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  /** One line to standard output. */
  readonly print: (line: string) => void;
  /** One line to standard error. */
  readonly warn: (line: string) => void;
  readonly isTerminal: boolean;
  /** How wide the terminal is; undefined where no person reads. @default undefined */
  readonly columns?: number | undefined;
  /** Colours for a line that is safe to print. @default none */
  readonly paint?: (line: string) => string;
  /** Everything on standard input, as text. */
  readonly readInput: () => Promise<string>;
  /** The answer to a question that is not shown, nor kept. */
  readonly askSecret: (question: string) => Promise<string>;
  /** Who is said to act, by `--operator` or the variable PAYHOOK_OPERATOR. */
  readonly operatorName: () => string | undefined;
  /** What `--home` says. Throws `usage_wrong` when it cannot be meant. */
  readonly home: () => HomeChoice;
}

const readInput = (): Promise<string> => text(process.stdin);

export const processContext = (): CommandContext => ({
  // The composition root of the command line: the one place here that reads the environment.
  // biome-ignore lint/style/noProcessEnv: read once, handed on.
  env: process.env,
  cwd: process.cwd(),
  clock: systemClock,
  print: (line) => void process.stdout.write(`${line}\n`),
  warn: (line) => void process.stderr.write(`${line}\n`),
  isTerminal: process.stdout.isTTY === true,
  columns: process.stdout.isTTY === true ? process.stdout.columns : undefined,
  readInput,
  askSecret: createAskSecret({ isTerminal: process.stdin.isTTY === true, readInput }),
  operatorName: () => undefined,
  home: () => ({ kind: 'local' }),
});

/** The settings, for the home that is chosen; throws one report of everything that is wrong with them. */
export const loadSettings = async (context: CommandContext): Promise<Settings> => {
  const loaded = await loadConfig({ env: context.env, cwd: context.cwd, home: context.home().kind });
  if (loaded.outcome === 'loaded') return loaded.settings;
  throw new PayhookError('configuration_invalid', describeProblems(loaded.problems));
};

/** Opens the home that the command is pointed at, for as long as `work` runs. */
export const withHome = async <Result>(
  context: CommandContext,
  work: (home: OperatorHome) => Promise<Result>,
): Promise<Result> => openHome(context.home(), { settings: await loadSettings(context), clock: context.clock }, work);

/** Throws `usage_wrong` when the command is asked to work on a stack. */
export const refuseAws = (context: CommandContext, why: string): void => {
  if (context.home().kind === 'aws') throw new PayhookError('usage_wrong', why);
};
