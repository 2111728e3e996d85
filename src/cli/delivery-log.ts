/** What a developer wants to see of the server's log: a line for each delivery and each attempt, and whatever is wrong. */
import { createPinoLogger, type PinoLogger } from '../adapters/pino/pino-logger.ts';
import type { LogFields } from '../core/ports/logger.ts';
import { screenedFields } from '../core/screen-text.ts';
import type { CommandContext } from './command-context.ts';
import { shortId } from './short-id.ts';

const OUTCOME_WIDTH = 13;

/** `14:03:11`, as the person at the terminal has it on the wall. */
export const clockText = (at: number): string => new Date(at).toTimeString().slice(0, 8);

/** Undefined for what is no news to a developer. */
const textOf = (event: string, fields: LogFields): string | undefined => {
  const { outcome = '', provider = '', event_type: type = '', webhook_id: id, reason, duration_ms: ms } = fields;
  const rest = [
    type,
    id === undefined || id === '' ? '' : shortId(id),
    reason ?? '',
    ms === undefined ? '' : `${ms} ms`,
  ];
  const words = (first: string): string => [first, ...rest.filter((part) => part !== '')].join('  ');
  switch (event) {
    case 'delivery.received':
      return words(`${outcome.padEnd(OUTCOME_WIDTH)}  ${provider}`);
    case 'delivery.rejected':
    case 'delivery.refused':
    case 'delivery.unavailable':
      return words(`${event.slice('delivery.'.length).padEnd(OUTCOME_WIDTH)}  ${provider}`);
    case 'attempt.finished': {
      const retry = fields.retry_in_ms === undefined ? '' : `  again in ${Math.round(fields.retry_in_ms / 1000)} s`;
      return `  ${outcome.padEnd(OUTCOME_WIDTH)}${rest.filter((part) => part !== '').join('  ')}${retry}`;
    }
    case 'destination.delivered':
      return `  delivered      ${fields.destination ?? ''}`;
    default:
      return undefined;
  }
};

export const createDeliveryLog = (context: CommandContext): PinoLogger => {
  const others = createPinoLogger({ format: 'text', level: 'warn' });
  const told =
    (level: 'info' | 'warn' | 'error'): PinoLogger['info'] =>
    (event, fields) => {
      const text = textOf(event, screenedFields(fields));
      if (text === undefined) others[level](event, fields);
      else context.print(`${clockText(context.clock.now())}  ${text}`);
    };
  return { info: told('info'), warn: told('warn'), error: told('error'), flush: others.flush };
};
