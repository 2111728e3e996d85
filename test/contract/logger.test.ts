import { describe, expect, test } from 'vitest';
import { createPinoLogger } from '../../src/adapters/pino/pino-logger.ts';
import { NOW } from '../support/clock.ts';
import { LOGGERS, linesOf, outputOfPino, outputOfStdoutLogger, STAYS } from './logger-adapters.ts';
import { describeLogger, type LogCall } from './logger-contract.ts';

for (const { name, open, ...options } of LOGGERS) describeLogger(name, open, options);

const CALLS: readonly LogCall[] = (['info', 'warn', 'error'] as const).map((level) => ({
  level,
  event: `${level}.event`,
  fields: { provider: 'stripe', trace_id: 'trace-1' },
}));

describe('createPinoLogger', () => {
  test('begins a JSON line with level and time, and adds nothing about the machine', async () => {
    const [line = '{}'] = linesOf(await outputOfPino(CALLS, { format: 'json', level: 'info' }));

    expect(Object.keys(JSON.parse(line))).toEqual(['level', 'time', 'provider', 'trace_id', 'event']);
    expect(JSON.parse(line).time).toEqual(expect.any(Number));
  });

  test('has the process listen for its end once, however many are opened in it', () => {
    const open = (): void => createPinoLogger({ format: 'json', level: 'info' }).flush();
    open();
    const listeners = process.listenerCount('exit');
    for (let opened = 0; opened < 20; opened += 1) open();

    expect(process.listenerCount('exit')).toBe(listeners);
  });

  test.each([
    { format: 'json', level: 'warn', lines: 2 },
    { format: 'json', level: 'silent', lines: 0 },
    { format: 'text', level: 'info', lines: 3 },
    { format: 'text', level: 'error', lines: 1 },
    { format: 'text', level: 'silent', lines: 0 },
  ] as const)('writes $lines of three lines as $format from level $level', async ({ format, level, lines }) => {
    expect(linesOf(await outputOfPino(CALLS, { format, level }))).toHaveLength(lines);
  });

  test.each([
    { way: 'has nothing left to do', end: '' },
    { way: 'exits where nobody thinks of its log', end: 'process.exit(0);' },
    { way: 'stays', end: STAYS },
  ])('writes every line of a burst in order when the process $way', async ({ end }) => {
    const calls = Array.from(
      { length: 2000 },
      (_, index): LogCall => ({ level: 'info', event: 'attempt.finished', fields: { count: index } }),
    );

    const lines = linesOf(await outputOfPino(calls, { format: 'json', level: 'info' }, end));

    expect(lines.map((line) => JSON.parse(line).count)).toEqual(calls.map(({ fields }) => fields.count));
  });

  test('writes one short line for a person, marked when it is more than information', async () => {
    const lines = linesOf(await outputOfPino(CALLS, { format: 'text', level: 'info' }));

    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d {3}info\.event {2}provider=stripe$/);
    expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d ! warn\.event {2}provider=stripe$/);
  });

  test('regression: keeps to one line for a person when a field has several, and prints no escape sequence', async () => {
    const calls: readonly LogCall[] = [
      {
        level: 'info',
        event: 'delivery.received',
        fields: { event_type: 'one\n12:00:00   forged.line  status=ok\u001b[2J' },
      },
    ];

    const output = await outputOfPino(calls, { format: 'text', level: 'info' });

    expect(linesOf(output)).toHaveLength(1);
    expect(output).not.toContain('\u001b');
  });
});

describe('createStdoutLogger', () => {
  test('writes the line that pino writes in the local home, byte for byte', async () => {
    const calls: readonly LogCall[] = [
      {
        level: 'warn',
        event: 'delivery.refused',
        fields: { provider: 'stripe', http_status: 401, reason: 'a "quoted" ä\n' },
      },
    ];

    expect(await outputOfStdoutLogger(calls)).toBe(
      `{"level":"warn","time":${NOW},"provider":"stripe","http_status":401,"reason":"a \\"quoted\\" ä\\n","event":"delivery.refused"}\n`,
    );
  });
});
