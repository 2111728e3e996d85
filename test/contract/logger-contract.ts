/** What every logger keeps: the sentences of the port, as tests. */
import { describe, expect } from 'vitest';
import type { LogFields, Logger } from '../../src/core/ports/logger.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';

export interface WrittenLine {
  readonly level: string;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Calls of a logger as data, because a logger that writes to its process's output is run in one of its own. */
export interface LogCall {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: LogFields;
}

/** Makes the calls on a fresh logger and returns what it wrote. */
export type WriteLog = (calls: readonly LogCall[]) => Promise<readonly WrittenLine[]>;

export const writeAll = (logger: Logger, calls: readonly LogCall[]): void => {
  for (const { level, event, fields } of calls) logger[level](event, fields);
};

const EVERY_FIELD: Required<LogFields> = {
  webhook_id: 'stripe:evt_1',
  provider: 'stripe',
  event_type: 'payment_intent.succeeded',
  status: 'processed',
  outcome: 'rejected',
  reason: 'signature_mismatch',
  code: 'store_busy',
  message: 'a "quoted" message\nof two lines, with ä and 🧾',
  http_status: 401,
  attempt: 1,
  attempts_max: 10,
  retry_in_ms: 1500,
  duration_ms: 0.25,
  request_id: 'request-1',
  trace_id: 'trace-1',
  source_address: '2001:db8::1',
  secret_id: 'stripe#1',
  body_bytes: 0,
  count: 3,
  digest_number: 4,
  digest_hash: 'a'.repeat(64),
  signal: 'SIGTERM',
  path: '/webhook/stripe',
  port: 8080,
  operations_port: 8082,
  kind: 'dead_letter',
  event_id: 'stripe:evt_1#2',
  handler: 'shipOrder',
  destination: 'ledger',
  job_id: '0193-job',
};

const defineTests = (test: ContractTest, write: WriteLog): void => {
  test('writes every field as it was given, on one line', async () => {
    const lines = await write([{ level: 'info', event: 'delivery.received', fields: EVERY_FIELD }]);

    expect(lines).toEqual([{ level: 'info', event: 'delivery.received', fields: EVERY_FIELD }]);
  });

  test('writes a line without fields', async () => {
    const lines = await write([{ level: 'info', event: 'home.started', fields: {} }]);

    expect(lines).toEqual([{ level: 'info', event: 'home.started', fields: {} }]);
  });

  test('writes lines of all levels in the order of the calls', async () => {
    const calls = (['info', 'error', 'warn', 'info'] as const).map((level, count) => ({
      level,
      event: 'attempt.finished',
      fields: { count },
    }));

    expect(await write(calls)).toEqual(calls);
  });

  test('loses no line of many', async () => {
    const calls = Array.from({ length: 2000 }, (_, count) => ({
      level: 'info' as const,
      event: 'attempt.finished',
      fields: { count, message: 'x'.repeat(100) },
    }));

    expect((await write(calls)).map((line) => line.fields.count)).toEqual(calls.map((_, count) => count));
  });
};

/** Runs the suite against loggers that `write` makes. */
export const describeLogger = (name: string, write: WriteLog, options: ContractOptions = {}): void => {
  describe(`Logger: ${name}`, () => {
    defineContract(options, (test) => defineTests(test, write));
  });
};
