/** `payhook console` as a process of its own, and sessions in it. */
import { createInterface } from 'node:readline';
import bootstrap from '../bootstrap.cjs';
import { beginConsoleSession, CONSOLE_LINK, type ConsoleSession } from '../test/support/console-session.ts';
import { spawnNode, stopChild } from './child-processes.ts';
import { COMMAND_LINE, payhookEnvironment } from './payhook-server.ts';

const START_MS_MAX = 30_000;

export interface ConsoleProcess extends AsyncDisposable {
  readonly pid: number;
  newLink(): Promise<string>;
  logIn(): Promise<ConsoleSession>;
}

export const startConsoleProcess = async (dataDirectory: string): Promise<ConsoleProcess> => {
  const env = { ...payhookEnvironment(dataDirectory, 0), PAYHOOK_CONSOLE_PORT: '0' };
  const child = spawnNode([...bootstrap.CONSOLE_FLAGS, COMMAND_LINE, 'console'], env, ['pipe', 'ignore', 'pipe']);
  if (child.stderr === null || child.stdin === null) throw new TypeError('the console has no pipes');
  const { stdin } = child;
  const said: string[] = [];
  let take: ((link: string) => void) | undefined;
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    const link = CONSOLE_LINK.exec(line)?.[0];
    if (link !== undefined) take?.(link);
  });
  const nextLink = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const tooLate = setTimeout(
        () => reject(new Error(`the console gave no link:\n${said.join('\n')}`)),
        START_MS_MAX,
      );
      take = (link) => {
        clearTimeout(tooLate);
        resolve(link);
      };
    });
  let first: Promise<string> | undefined = nextLink();
  await first;
  const newLink = (): Promise<string> => {
    const given = first ?? nextLink();
    // Enter makes another one; the first is there without it.
    if (first === undefined) stdin.write('\n');
    first = undefined;
    return given;
  };
  return {
    pid: child.pid ?? 0,
    newLink,
    logIn: async () => beginConsoleSession(await newLink()),
    [Symbol.asyncDispose]: () => stopChild(child),
  };
};
