/** `payhook console` as somebody starts it who sits at this machine: in a terminal, with a browser that opens an address. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CONSOLE_LINK } from '../../support/console-session.ts';
import { cleanEnvironment, MAIN, type TestFolder, waitUntil } from '../../support/running-server.ts';

/** Of util-linux: gives a program a terminal. */
const TERMINAL = '/usr/bin/script';

/** Why there is none here; null where there is. */
export const noTerminal: string | null =
  process.platform === 'linux' && existsSync(TERMINAL) ? null : `there is no ${TERMINAL} of util-linux`;

export interface ConsoleAtTerminal extends AsyncDisposable {
  /** What its browser was told to open. */
  readonly opened: string;
  /** All that stands in the terminal. */
  output(): string;
  /** A line, with Enter. */
  type(line: string): void;
  /** As Enter makes it. */
  newLink(): Promise<string>;
}

export const startAtTerminal = async (
  folder: TestFolder,
  env: Readonly<Record<string, string>>,
): Promise<ConsoleAtTerminal> => {
  const programs = join(folder.path, 'programs');
  const told = join(folder.path, 'opened');
  mkdirSync(programs);
  writeFileSync(join(programs, 'xdg-open'), `#!/bin/sh\nprintf %s "$*" > ${told}\n`);
  chmodSync(join(programs, 'xdg-open'), 0o755);
  const { PAYHOOK_LOG_FORMAT: _, ...rest } = env;
  const own = { ...rest, DISPLAY: ':0', PATH: `${programs}${delimiter}${process.env.PATH}`, PAYHOOK_CONSOLE_PORT: '0' };
  const { SSH_CONNECTION: __, ...here } = cleanEnvironment(own);
  const child = spawn(TERMINAL, ['-qefc', `"${process.execPath}" "${MAIN}" console`, '/dev/null'], {
    cwd: folder.path,
    env: here,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const links = (): readonly string[] => output.match(new RegExp(CONSOLE_LINK, 'g')) ?? [];
  const type = (line: string): void => void child.stdin.write(`${line}\n`);
  await waitUntil('a browser is told to open it', () => existsSync(told) && readFileSync(told, 'utf8') !== '');
  await waitUntil('the terminal says what to do', () => output.includes('Ctrl-C stops'));
  return {
    opened: readFileSync(told, 'utf8'),
    output: () => output,
    type,
    async newLink() {
      const before = links().length;
      type('');
      await waitUntil('there is another link', () => links().length > before);
      return links().at(-1) ?? '';
    },
    async [Symbol.asyncDispose]() {
      child.stdin.write('\u0003');
      await ended;
    },
  };
};
