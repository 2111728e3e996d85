/**
 * A destination that is a file, one line of JSON for each event: `{"id","type","timestamp","data"}`, which is the
 * message's id and the fields of its body. An event may stand there twice, and a line that a crash cut off is not JSON:
 * who reads passes over ids that it has seen, and over such lines.
 */
import { stat } from 'node:fs/promises';
import { LIMITS } from '../../core/limits.ts';
import type { Destination, DestinationMessage, SendOutcome } from '../../destinations/destination.ts';
import { appendLines } from './append-lines.ts';
import { rotateFile } from './rotate-file.ts';

export interface NdjsonDestinationDeps {
  readonly name: string;
  /** Its folder has to be there. */
  readonly path: string;
  /** A file that would grow beyond this is rotated first. One call's lines stay together, however long they are. */
  readonly fileBytesMax: number;
  /** Files kept, the current one included. */
  readonly filesMax: number;
}

const MESSAGES_MAX = 200;

const lineOf = ({ id, body }: DestinationMessage): string => `{"id":${JSON.stringify(id)},${body.slice('{'.length)}\n`;

const codeOf = (error: unknown): string =>
  error instanceof Error ? ('code' in error ? String(error.code) : error.name) : 'unknown';

const sizeOf = async (path: string): Promise<number> => {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
};

const STOPPED = 'we stopped before the file was written';

const notWritten = (detail: string, isDestinationDown: boolean): SendOutcome => ({
  outcome: 'failed',
  reason: 'not_written',
  detail: detail.slice(0, LIMITS.lastErrorCharsMax),
  retryAfterMs: null,
  isDestinationDown,
});

/** For a disk that hangs (a network's): the call ends when `signal` does, and whatever hangs is on its own. */
const unlessStopped = async (work: Promise<SendOutcome>, signal: AbortSignal): Promise<SendOutcome> => {
  const { promise: stopped, resolve } = Promise.withResolvers<SendOutcome>();
  const stop = (): void => resolve(notWritten(STOPPED, false));
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    return await Promise.race([stopped, work]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
};

export const createNdjsonDestination = (deps: NdjsonDestinationDeps): Destination => {
  const { name, path, fileBytesMax, filesMax } = deps;
  /** Calls take turns: each appends at the end that the one before left. */
  let turn: Promise<unknown> = Promise.resolve();

  const write = async (text: string, signal: AbortSignal): Promise<SendOutcome> => {
    // Nobody waits for the answer any more: what comes to its turn this late will be sent again.
    if (signal.aborted) return notWritten(STOPPED, false);
    try {
      const size = await sizeOf(path);
      if (size > 0 && size + Buffer.byteLength(text) > fileBytesMax) await rotateFile(path, filesMax);
      await appendLines(path, text);
      return { outcome: 'delivered' };
    } catch (error) {
      return notWritten(`cannot write the file: ${codeOf(error)} at ${path}`, true);
    }
  };

  return {
    name,
    kind: 'ndjson',
    messagesMax: MESSAGES_MAX,
    async send(messages, signal) {
      const text = messages.map(lineOf).join('');
      const mine = turn.then(() => write(text, signal));
      turn = mine;
      const result = await unlessStopped(mine, signal);
      return messages.map(() => result);
    },
  };
};
