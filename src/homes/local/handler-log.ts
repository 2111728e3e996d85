/** What reaches the server's log from the process of the handlers: bounded in number and size, with the fields of the log only. */
import { LIMITS } from '../../core/limits.ts';
import type { LogFields, Logger } from '../../core/ports/logger.ts';
import { MINUTE_MS } from '../../core/time.ts';
import type { EscapedError } from '../../handlers/escaped-errors.ts';
import { type FromHandlers, monotonicMs } from './handler-messages.ts';

type Send = (message: FromHandlers) => void;
type Level = 'info' | 'warn' | 'error';

/** The fields are a closed list for those too who write JavaScript. */
const FIELDS: Readonly<Record<keyof LogFields, true>> = {
  webhook_id: true,
  provider: true,
  event_type: true,
  status: true,
  outcome: true,
  reason: true,
  code: true,
  message: true,
  http_status: true,
  attempt: true,
  attempts_max: true,
  retry_in_ms: true,
  duration_ms: true,
  request_id: true,
  trace_id: true,
  source_address: true,
  secret_id: true,
  body_bytes: true,
  count: true,
  digest_number: true,
  digest_hash: true,
  signal: true,
  path: true,
  port: true,
  operations_port: true,
  kind: true,
  event_id: true,
  handler: true,
  destination: true,
  job_id: true,
};

const textOf = (value: unknown): string => String(value).slice(0, LIMITS.lastErrorCharsMax);

const fieldsOf = (given: unknown): LogFields => {
  const fields: Record<string, string | number> = {};
  if (typeof given !== 'object' || given === null) return fields;
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(FIELDS, name) || value === undefined) continue;
    fields[name] = Number.isFinite(value) ? Number(value) : textOf(value);
  }
  return fields;
};

/** The `context.logger` of one call. It never throws, whatever it is given. `end` says how many lines were too many. */
export const createCallLogger = (send: Send, webhookId: string): { readonly logger: Logger; end(): void } => {
  let lines = 0;
  const write =
    (level: Level) =>
    (event: string, fields: LogFields): void => {
      lines += 1;
      if (lines > LIMITS.handlerLogLinesMax) return;
      try {
        send({ kind: 'log', level, event: textOf(event), fields: fieldsOf(fields) });
      } catch {
        send({ kind: 'log', level, event: 'handler.line_unreadable', fields: { webhook_id: webhookId } });
      }
    };
  return {
    logger: { info: write('info'), warn: write('warn'), error: write('error') },
    end() {
      const count = lines - LIMITS.handlerLogLinesMax;
      const fields = { webhook_id: webhookId, count };
      if (count > 0) send({ kind: 'log', level: 'warn', event: 'handler.lines_left_out', fields });
    },
  };
};

/** Tells of errors that are of no call under way: one by one up to so many a minute, and then how many more there were. */
export const createEscapedTeller = (send: Send, nowMs = monotonicMs) => {
  let minuteBegan = nowMs();
  let told = 0;
  let untold = 0;
  return (escaped: EscapedError): void => {
    if (nowMs() - minuteBegan >= MINUTE_MS) {
      minuteBegan = nowMs();
      told = 0;
    }
    if (told >= LIMITS.escapedErrorsToldPerMinuteMax) {
      untold += 1;
      return;
    }
    told += 1;
    send({ kind: 'escaped', count: untold, ...escaped });
    untold = 0;
  };
};
