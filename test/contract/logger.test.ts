import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createMemoryLogger } from '../../src/adapters/memory/memory-recorders.ts';
import { describeLogger, type LogCall, writeAll } from './logger-contract.ts';

const SCRIPT = `
  const [loggerUrl, options] = process.argv.slice(1);
  const { createPinoLogger } = await import(loggerUrl);
  const logger = createPinoLogger(JSON.parse(options));
  let input = '';
  for await (const chunk of process.stdin) input += chunk;
  for (const { level, event, fields } of JSON.parse(input)) logger[level](event, fields);
  logger.flush();
`;

/** What the logger writes to the output of a process of its own. */
const outputOf = async (
  calls: readonly LogCall[],
  options: { format: 'json' | 'text'; level: string },
): Promise<string> => {
  const loggerUrl = new URL('../../src/adapters/pino/pino-logger.ts', import.meta.url).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT, loggerUrl, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(calls));
  return text(child.stdout);
};

const linesOf = (output: string): readonly string[] => output.split('\n').slice(0, -1);

describeLogger('memory', async (calls) => {
  const logger = createMemoryLogger();
  writeAll(logger, calls);
  return logger.lines.map((line) => ({ ...line, fields: { ...line.fields } }));
});

describeLogger('pino, JSON', async (calls) => {
  const output = await outputOf(calls, { format: 'json', level: 'info' });
  return linesOf(output).map((line) => {
    const { level, event, time: _, ...fields } = JSON.parse(line);
    return { level, event, fields };
  });
});

const CALLS: readonly LogCall[] = (['info', 'warn', 'error'] as const).map((level) => ({
  level,
  event: `${level}.event`,
  fields: { provider: 'stripe', trace_id: 'trace-1' },
}));

describe('createPinoLogger', () => {
  it('begins a JSON line with level and time, and adds nothing about the machine', async () => {
    const [line = '{}'] = linesOf(await outputOf(CALLS, { format: 'json', level: 'info' }));

    expect(Object.keys(JSON.parse(line))).toEqual(['level', 'time', 'provider', 'trace_id', 'event']);
    expect(JSON.parse(line).time).toEqual(expect.any(Number));
  });

  it.each([
    { format: 'json', level: 'warn', lines: 2 },
    { format: 'json', level: 'silent', lines: 0 },
    { format: 'text', level: 'info', lines: 3 },
    { format: 'text', level: 'error', lines: 1 },
    { format: 'text', level: 'silent', lines: 0 },
  ] as const)('writes $lines of three lines as $format from level $level', async ({ format, level, lines }) => {
    expect(linesOf(await outputOf(CALLS, { format, level }))).toHaveLength(lines);
  });

  it('writes one short line for a person, marked when it is more than information', async () => {
    const lines = linesOf(await outputOf(CALLS, { format: 'text', level: 'info' }));

    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d {3}info\.event {2}provider=stripe$/);
    expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d ! warn\.event {2}provider=stripe$/);
  });

  it('regression: keeps to one line for a person when a field has several, and prints no escape sequence', async () => {
    const calls: readonly LogCall[] = [
      {
        level: 'info',
        event: 'delivery.received',
        fields: { event_type: 'one\n12:00:00   forged.line  status=ok\u001b[2J' },
      },
    ];

    const output = await outputOf(calls, { format: 'text', level: 'info' });

    expect(linesOf(output)).toHaveLength(1);
    expect(output).not.toContain('\u001b');
  });
});
