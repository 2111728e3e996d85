/** Starts the processes of a run and makes sure that none of them outlives it. */
import { type ChildProcess, fork, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const running = new Set<ChildProcess>();

/** Kills what is left; safe in an exit handler. */
export const killChildren = (): void => {
  for (const child of running) child.kill('SIGKILL');
};

const keep = (child: ChildProcess): ChildProcess => {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
};

/** A module of this folder as a process that talks over IPC; its standard output is thrown away. */
export const forkModule = (name: string, args: readonly string[] = []): ChildProcess =>
  keep(
    fork(fileURLToPath(new URL(name, import.meta.url)), [...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
  );

export const spawnNode = (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  stdio: StdioOptions,
): ChildProcess => keep(spawn(process.execPath, [...args], { env, stdio }));

/** Asks the process to stop and waits until it has. */
export const stopChild = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
};

/** The next message of the child; rejects when it ends instead. */
export const nextMessage = async <Message>(child: ChildProcess): Promise<Message> => {
  const stop = new AbortController();
  const { signal } = stop;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as Message),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`a process of the benchmark ended with ${code}`);
      }),
    ]);
  } finally {
    stop.abort();
  }
};
