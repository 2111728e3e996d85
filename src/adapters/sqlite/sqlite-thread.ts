/**
 * The database on a thread of its own: the HTTP thread never waits for a disk. Calls of one turn of the event loop are
 * sent together, and the thread makes everything that has arrived meanwhile durable with one commit (group commit).
 */
import { Worker } from 'node:worker_threads';
import { type ErrorCode, PayhookError } from '../../core/errors.ts';
import type { CallResult, SqliteExecutor } from './sqlite-executor.ts';
import type { OperationInput, OperationName, OperationOutput } from './sqlite-operations.ts';

export interface SqliteThreadOptions {
  readonly path: string;
  /** Calls that may wait for the thread; more are refused with `store_busy`. A bound on memory. @default 20000 */
  readonly waitingCallsMax?: number;
  /** Told after each commit: how many operations it made durable, and how long it took. */
  readonly onCommit?: (operations: number, seconds: number) => void;
  /** Told when the thread ended without being asked to: nothing can be stored any more. */
  readonly onDeath?: (error: PayhookError) => void;
}

/** To the thread. */
export type ThreadRequest =
  | readonly { readonly id: number; readonly name: OperationName; readonly input: unknown }[]
  | 'close';

/** An error that survives being sent between threads. */
export interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
}

/** From the thread. */
export type ThreadReply =
  | { readonly kind: 'opened' }
  | { readonly kind: 'failed'; readonly error: SentError }
  | {
      readonly kind: 'results';
      readonly results: readonly {
        readonly id: number;
        readonly result: CallResult | { ok: false; error: SentError };
      }[];
      /** Operations that the commit made durable; 0 for a batch of reads. */
      readonly committed: number;
      readonly seconds: number;
    };

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const asError = (sent: SentError): PayhookError => new PayhookError(sent.code, sent.message);

/** Starts the thread and opens the database there. Rejects with what `openDatabase` throws. */
export const openSqliteThread = async (options: SqliteThreadOptions): Promise<SqliteExecutor> => {
  const { path, waitingCallsMax = 20_000, onCommit, onDeath } = options;
  const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData: { path } });
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let unsent: { id: number; name: OperationName; input: unknown }[] = [];
  let isClosed = false;
  const opened = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();

  const failAll = (error: PayhookError): void => {
    isClosed = true;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    opened.reject(error);
  };

  const settle = (reply: ThreadReply & { kind: 'results' }): void => {
    for (const { id, result } of reply.results) {
      const caller = waiting.get(id);
      waiting.delete(id);
      if (result.ok) caller?.resolve(result.value);
      else caller?.reject(asError(result.error as SentError));
    }
    if (reply.committed > 0) onCommit?.(reply.committed, reply.seconds);
  };

  worker.on('message', (reply: ThreadReply) => {
    if (reply.kind === 'results') settle(reply);
    else if (reply.kind === 'opened') opened.resolve();
    else opened.reject(asError(reply.error));
  });
  let death: unknown;
  worker.on('error', (error) => {
    death = error;
  });
  worker.on('exit', () => {
    const wasAsked = isClosed;
    const cause = death === undefined ? undefined : { cause: death };
    const error = new PayhookError('store_unavailable', `the thread of database ${path} ended: restart Payhook`, cause);
    failAll(error);
    ended.resolve();
    if (!wasAsked) onDeath?.(error);
  });

  const send = (): void => {
    if (unsent.length === 0) return;
    const batch: ThreadRequest = unsent;
    unsent = [];
    worker.postMessage(batch);
  };

  try {
    await opened.promise;
  } catch (error) {
    isClosed = true;
    await worker.terminate();
    throw error;
  }

  return {
    run<Name extends OperationName>(name: Name, input: OperationInput<Name>): Promise<OperationOutput<Name>> {
      if (isClosed) return Promise.reject(new PayhookError('store_closed', `database ${path} is closed`));
      if (waiting.size >= waitingCallsMax) {
        return Promise.reject(
          new PayhookError(
            'store_busy',
            `${waitingCallsMax} operations wait for database ${path}: it is slower than what arrives`,
          ),
        );
      }
      const id = nextId;
      nextId += 1;
      if (unsent.length === 0) setImmediate(send);
      unsent.push({ id, name, input });
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      });
    },
    async close() {
      if (isClosed) return ended.promise;
      isClosed = true;
      send();
      worker.postMessage('close' satisfies ThreadRequest);
      await ended.promise;
    },
  };
};
