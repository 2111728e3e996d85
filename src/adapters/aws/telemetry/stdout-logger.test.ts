import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { describeLogger, type LogCall } from '../../../../test/contract/logger-contract.ts';
import { NOW } from '../../../../test/support/clock.ts';

const SCRIPT = `
  const [loggerUrl, now] = process.argv.slice(1);
  const { createStdoutLogger } = await import(loggerUrl);
  const logger = createStdoutLogger({ clock: { now: () => Number(now) } });
  let input = '';
  for await (const chunk of process.stdin) input += chunk;
  for (const { level, event, fields } of JSON.parse(input)) logger[level](event, fields);
`;

/** What the logger writes to the output of a process of its own. */
const outputOf = async (calls: readonly LogCall[]): Promise<string> => {
  const loggerUrl = new URL('./stdout-logger.ts', import.meta.url).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT, loggerUrl, String(NOW)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(calls));
  return text(child.stdout);
};

describeLogger('standard output', async (calls) => {
  const lines = (await outputOf(calls)).split('\n').slice(0, -1);
  return lines.map((line) => {
    const { level, event, time: _, ...fields } = JSON.parse(line);
    return { level, event, fields };
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

    expect(await outputOf(calls)).toBe(
      `{"level":"warn","time":${NOW},"provider":"stripe","http_status":401,"reason":"a \\"quoted\\" ä\\n","event":"delivery.refused"}\n`,
    );
  });
});
