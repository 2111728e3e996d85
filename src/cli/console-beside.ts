/** `payhook serve --console`: a process of its own beside the server, so that what goes wrong in one is not felt in the other. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { CommandContext } from './command-context.ts';
import { COMMAND } from './command-name.ts';

/** How long it may take to end; a browser that hangs on is no reason for a server to wait. */
const STOP_MS_MAX = 5_000;

/** Behind those of the server, in whose place they take effect: as `payhook console` is started by itself. */
export const CONSOLE_FLAGS = [
  '--max-semi-space-size=1',
  '--max-old-space-size=1024',
  '--heap-growing-percent=10',
  '--no-opt',
  '--no-maglev',
  '--expose-gc',
];

/**
 * With the options, the environment and the terminal of the server. It ends with the server, even where that was killed: then
 * the channel between the two is gone. Returns what ends it.
 */
export const startConsoleBeside = (context: CommandContext, args: readonly string[]): (() => Promise<void>) => {
  const [, main = ''] = process.argv;
  const own = args.filter((word) => word !== '--console').map((word) => (word === 'serve' ? 'console' : word));
  const child = spawn(process.execPath, [...process.execArgv, ...CONSOLE_FLAGS, main, ...own], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  let isAsked = false;
  const ended = once(child, 'exit').then(
    ([code, signal]) => {
      if (!isAsked)
        context.warn(`the console has ended (${code ?? signal}); the server goes on: ${COMMAND} console starts it`);
    },
    (error: Error) => context.warn(`the console could not be started: ${error.message}`),
  );
  return async () => {
    isAsked = true;
    const tooSlow = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(tooSlow);
  };
};
