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

/** Lines are gathered until there are this many bytes or `FLUSH_MS` have passed: one write instead of hundreds. */
const BUFFER_BYTES = 32 * 1024;
const FLUSH_MS = 100;

export const createPinoLogger = ({ format, level, paint }: PinoLoggerOptions): PinoLogger => {
  if (format === 'text') return createTextLogger(level, paint);
  const destination = pino.destination({
    dest: 1,
    sync: false,
    minLength: BUFFER_BYTES,
    maxWrite: BUFFER_BYTES * 2,
    periodicFlush: FLUSH_MS,
  });
  // The closed list of fields has no place for a secret or a payload, and words that may quote one are screened.
  const log = pino(
    { level, base: null, messageKey: 'event', formatters: { level: (label) => ({ level: label }) } },
    destination,
  );
  return {
    info: (event, fields) => log.info(screenedFields(fields), event),
    warn: (event, fields) => log.warn(screenedFields(fields), event),
    error: (event, fields) => log.error(screenedFields(fields), event),
    flush: () => destination.flushSync(),
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
