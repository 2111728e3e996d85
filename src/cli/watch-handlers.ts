/** Has the handlers' module read again when a file beside or below it changes, but for what the server itself writes. */
import { basename, dirname, relative, sep } from 'node:path';
import { watch } from 'chokidar';
import type { Settings } from '../config/load-config.ts';
import type { CommandContext } from './command-context.ts';
import { clockText } from './delivery-log.ts';

const CODE = /\.(?:[cm]?[jt]s|json)$/;
/** An editor writes a file in several steps, and several files at once. */
const SETTLE_MS = 100;
/** A module in a home directory must not have all of it watched. */
const DEPTH_MAX = 6;

const isLeftOut = (part: string): boolean => part === 'node_modules' || (part.startsWith('.') && part !== '..');

export interface Watching {
  close(): Promise<void>;
}

/** Undefined when there are no handlers. `reload` resolves with why the module cannot be used, or null. */
export const watchHandlers = (
  context: CommandContext,
  { handlersPath, configPath, dataDirectory }: Pick<Settings, 'handlersPath' | 'configPath' | 'dataDirectory'>,
  reload: () => Promise<string | null>,
): Watching | undefined => {
  if (handlersPath === null) return undefined;
  const directory = dirname(handlersPath);
  const tell = (text: string): void => context.print(`${clockText(context.clock.now())}  ${text}`);
  let settling: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();

  const reloadNow = async (changed: string): Promise<void> => {
    const problem = await reload();
    if (problem === null) tell(`reloaded       ${changed}`);
    else tell(`not_reloaded   ${problem}: the handlers of before go on`);
  };
  const onChange = (path: string): void => {
    if (path === configPath) {
      tell(`changed        ${basename(path)}: end with Ctrl-C and start again to use it`);
      return;
    }
    clearTimeout(settling);
    settling = setTimeout(() => {
      last = last.then(() => reloadNow(relative(directory, path)));
    }, SETTLE_MS);
  };
  const watcher = watch(directory, {
    ignoreInitial: true,
    depth: DEPTH_MAX,
    ignored: (path) => path === dataDirectory || relative(directory, path).split(sep).some(isLeftOut),
  });
  watcher.on('all', (_event, path) => {
    if (CODE.test(path)) onChange(path);
  });
  return {
    async close() {
      clearTimeout(settling);
      await watcher.close();
      await last;
    },
  };
};
