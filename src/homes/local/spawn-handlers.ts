/** Starts the process that handlers run in, as one that gives way to the server and has none of its secrets, and says how it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { nextTick } from 'node:process';
import type { Duplex, Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { LIMITS } from '../../core/limits.ts';
import { startedModule } from '../../core/started-module.ts';
import { createFrameReader, frameOf } from './frames.ts';
import { CHANNEL_FD, type FromHandlers, TOO_MUCH_MEMORY, type ToHandlers } from './handler-messages.ts';
import { passOn } from './pass-on.ts';
import { readHandlerMessage } from './read-handler-message.ts';

export interface HandlersProcess {
  send(message: ToHandlers): void;
  /** By force. What it ended of is what was said first. */
  kill(how: string): void;
  /** Lets it end by itself. */
  end(): void;
  /** Resolves when everything that it had said is told, with words that fit into brackets: `exit code 3`. */
  readonly ended: Promise<string>;
}

const ENTRY = fileURLToPath(startedModule('handler-process-entry', import.meta.url));
/** For what it said last to arrive. */
const LAST_WORDS_MS = 200;
/** A process that ends closes its connection first; on a busy machine the end follows later. */
const CLOSED_MS = 2000;
const LAST_WORDS_CHARS = 4096;
const OUT_OF_HEAP = 'JavaScript heap out of memory';

/** Without our secrets, which no handler needs. The rest is the team's own: its databases and services. */
const environmentOfHandlers = (): NodeJS.ProcessEnv =>
  // biome-ignore lint/style/noProcessEnv: it is passed on, not read.
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.toUpperCase().startsWith('PAYHOOK_')));

/** What the server was started with holds there too, but for memory and debugger. */
const nodeArguments = (memoryMb: number): string[] => [
  ...process.execArgv.filter((argument) => !/^--(?:max-old-space-size|inspect)/.test(argument)),
  `--max-old-space-size=${memoryMb}`,
];

const spawnChild = (memoryMb: number): ChildProcess => {
  const child = spawn(process.execPath, [...nodeArguments(memoryMb), ENTRY], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: environmentOfHandlers(),
  });
  try {
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, which is told below, or the system knows no priorities.
  }
  return child;
};

export const spawnHandlers = (memoryMb: number, onMessage: (message: FromHandlers) => void): HandlersProcess => {
  const child = spawnChild(memoryMb);
  const channel = child.stdio[CHANNEL_FD] as Duplex | undefined;
  const { promise: exited, resolve: onExit } = Promise.withResolvers<string>();
  let killedFor: string | undefined;
  let lastWords = '';

  const kill = (how: string): void => {
    killedFor ??= how;
    child.kill('SIGKILL');
  };
  const print = (chunk: Buffer): void => void process.stderr.write(chunk);
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) passOn(stream, print);
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString('latin1')).slice(-LAST_WORDS_CHARS);
  });
  const read = createFrameReader({
    messageBytesMax: LIMITS.handlerMessageBytesMax,
    onMessage(bytes) {
      const message = readHandlerMessage(bytes);
      if (message === undefined) kill('something else wrote into its connection to the server');
      else onMessage(message);
    },
    onTooLarge: () => kill('something else wrote into its connection to the server'),
  });
  channel?.on('data', read);
  // It tells of the other side's end, which has its own event.
  channel?.on('error', () => undefined);
  channel?.on('close', () => setTimeout(kill, CLOSED_MS, 'its connection to the server was closed').unref());
  child.on('error', (error) => onExit(error.message));
  child.on('exit', (code, signal) => onExit(signal === null ? `exit code ${code}` : `killed by ${signal}`));

  const end = async (): Promise<string> => {
    const how = await exited;
    const streams = [child.stdout, child.stderr, channel] as (Readable | null | undefined)[];
    // A process of its own that a handler has left behind may hold the pipes open.
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    for (const stream of streams) stream?.resume();
    await Promise.race([closed, pause(LAST_WORDS_MS)]);
    for (const stream of streams) stream?.destroy();
    const isOutOfMemory = lastWords.includes(OUT_OF_HEAP) || lastWords.includes(TOO_MUCH_MEMORY);
    return isOutOfMemory ? `out of memory: ${memoryMb} MB of heap, twice that in all` : (killedFor ?? how);
  };
  /** What is said in one turn of the event loop goes out with one write. */
  const send = (message: ToHandlers): void => {
    if (channel === undefined) return;
    if (channel.writableCorked === 0) {
      channel.cork();
      nextTick(() => channel.uncork());
    }
    channel.write(frameOf(serialize(message)));
  };
  return {
    send,
    kill,
    end: () => void channel?.end(),
    ended: end(),
  };
};
