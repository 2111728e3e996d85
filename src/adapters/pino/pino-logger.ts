/** Log lines on one machine: JSON by pino, or one short line for a person at a terminal. */
import pino from 'pino';
import type { LogFields, Logger } from '../../core/ports/logger.ts';
import { printable } from '../../core/printable.ts';
import { screenedFields } from '../../core/screen-text.ts';

export interface PinoLogger extends Logger {
  /** Writes out what is buffered, synchronously: the last thing a process does. */
  flush(): void;
}

export interface PinoLoggerOptions {
  readonly format: 'json' | 'text';
  readonly level: 'info' | 'warn' | 'error' | 'silent';
  /** Colours for a line of text. @default none */
  readonly paint?: ((line: string) => string) | undefined;
}

/** Lines are gathered until there are so many characters or `GATHER_MS` have passed: one write instead of hundreds. */
const GATHERED_CHARS_MIN = 32 * 1024;
const GATHER_MS = 100;

interface Output {
  write(lines: string): void;
  flushSync(): void;
}

/**
 * Here and not by the `minLength` of `pino.destination`, which measures all that it has gathered with every line: up to 40 KB of
 * garbage for each, a third of what a webhook left behind.
 */
const gatherLines = (output: Output, outputAtEnd: Pick<Output, 'write'>): Output => {
  let gathered = '';
  let timer: NodeJS.Timeout | undefined;
  const takeLines = (): string => {
    clearTimeout(timer);
    timer = undefined;
    process.off('exit', flushSync);
    const lines = gathered;
    gathered = '';
    return lines;
  };
  const passOn = (): void => output.write(takeLines());
  /** What is only begun to be written when a process ends is cancelled with it: the last lines are written by the time this returns. */
  const flushSync = (): void => {
    const lines = takeLines();
    output.flushSync();
    if (lines !== '') outputAtEnd.write(lines);
  };
  return {
    write(line) {
      gathered += line;
      if (gathered.length >= GATHERED_CHARS_MIN) return passOn();
      if (timer !== undefined) return;
      timer = setTimeout(passOn, GATHER_MS).unref();
      // A process may end where nobody thinks of its log. Only meanwhile: whoever opens many loggers would leave a listener of each.
      process.once('exit', flushSync);
    },
    flushSync,
  };
};

export const createPinoLogger = ({ format, level, paint }: PinoLoggerOptions): PinoLogger => {
  if (format === 'text') return createTextLogger(level, paint);
  const output = gatherLines(pino.destination({ dest: 1, sync: false }), pino.destination({ dest: 1, sync: true }));
  // The closed list of fields has no place for a secret or a payload, and words that may quote one are screened.
  const log = pino(
    { level, base: null, messageKey: 'event', formatters: { level: (label) => ({ level: label }) } },
    output,
  );
  return {
    info: (event, fields) => log.info(screenedFields(fields), event),
    warn: (event, fields) => log.warn(screenedFields(fields), event),
    error: (event, fields) => log.error(screenedFields(fields), event),
    flush: () => output.flushSync(),
  };
};

const LEVELS = ['info', 'warn', 'error', 'silent'] as const;
/** Said in words already, or too long for a line that is read by a person. */
const LEFT_OUT: ReadonlySet<string> = new Set(['request_id', 'trace_id', 'digest_hash', 'http_status']);

const createTextLogger = (
  level: PinoLoggerOptions['level'],
  paint: (line: string) => string = (line) => line,
): PinoLogger => {
  const write = (of: 'info' | 'warn' | 'error') => (event: string, fields: LogFields) => {
    if (LEVELS.indexOf(of) < LEVELS.indexOf(level)) return;
    const shown = Object.entries(screenedFields(fields)).filter(
      ([name, value]) => value !== undefined && !LEFT_OUT.has(name),
    );
    const time = new Date().toISOString().slice(11, 19);
    const words = shown.map(([name, value]) => `${name}=${printable(String(value))}`);
    process.stdout.write(`${paint(`${time} ${of === 'info' ? ' ' : '!'} ${printable(event)}  ${words.join(' ')}`)}\n`);
  };
  return { info: write('info'), warn: write('warn'), error: write('error'), flush: () => undefined };
};
