/** Loggers, two of which write to the output of a process of their own, as they do in the home that has them. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createMemoryLogger } from '../../src/adapters/memory/memory-recorders.ts';
import { NOW } from '../support/clock.ts';
import type { Adapter } from './contract-tests.ts';
import { type LogCall, type WriteLog, type WrittenLine, writeAll } from './logger-contract.ts';

/** Makes the logger that `module` creates, and the calls that come in as JSON; `end` is what the process does then. */
const scriptOf = (create: string, end: string): string => `
  const [loggerUrl, options] = process.argv.slice(1);
  const module = await import(loggerUrl);
  const logger = ${create};
  let input = '';
  for await (const chunk of process.stdin) input += chunk;
  for (const { level, event, fields } of JSON.parse(input)) logger[level](event, fields);
  ${end}
`;

const FLUSH = 'logger.flush?.();';
/** The process goes on, and is killed once it has written so many lines. */
export const STAYS = 'setInterval(() => {}, 1000);';

const untilWritten = async (child: ChildProcessByStdio<Writable, Readable, null>, lines: number): Promise<string> => {
  let output = '';
  for await (const chunk of child.stdout) {
    output += chunk;
    if (linesOf(output).length >= lines) child.kill('SIGKILL');
  }
  return output;
};

const outputOf = (
  module: string,
  create: string,
  options: object,
  calls: readonly LogCall[],
  end = FLUSH,
): Promise<string> => {
  const url = new URL(`../../src/adapters/${module}`, import.meta.url).href;
  const args = ['--input-type=module', '-e', scriptOf(create, end), url, JSON.stringify(options)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(calls));
  return end === STAYS ? untilWritten(child, calls.length) : text(child.stdout);
};

export const outputOfPino = (
  calls: readonly LogCall[],
  options: { format: 'json' | 'text'; level: string },
  end?: string,
): Promise<string> =>
  outputOf('pino/pino-logger.ts', 'module.createPinoLogger(JSON.parse(options))', options, calls, end);

/** At `NOW`. */
export const outputOfStdoutLogger = (calls: readonly LogCall[]): Promise<string> =>
  outputOf(
    'aws/telemetry/stdout-logger.ts',
    'module.createStdoutLogger({ clock: { now: () => JSON.parse(options).now } })',
    { now: NOW },
    calls,
  );

export const linesOf = (output: string): readonly string[] => output.split('\n').slice(0, -1);

const readJson = (output: string): readonly WrittenLine[] =>
  linesOf(output).map((line) => {
    const { level, event, time: _, ...fields } = JSON.parse(line);
    return { level, event, fields };
  });

export const LOGGERS: readonly Adapter<WriteLog>[] = [
  {
    name: 'memory',
    open: async (calls) => {
      const logger = createMemoryLogger();
      writeAll(logger, calls);
      return logger.lines.map((line) => ({ ...line, fields: { ...line.fields } }));
    },
  },
  {
    name: 'pino, JSON',
    open: async (calls) => readJson(await outputOfPino(calls, { format: 'json', level: 'info' })),
  },
  { name: 'standard output', open: async (calls) => readJson(await outputOfStdoutLogger(calls)) },
];
