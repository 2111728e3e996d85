/**
 * The database on a thread of its own: the HTTP thread never waits for a disk. Calls of one turn of the event loop are
 * sent together, and the thread makes everything that has arrived meanwhile durable with one commit (group commit).
 */
import type { KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, PayhookError } from '../../core/errors.ts';
import type { Insertion } from '../../core/ports/webhook-store.ts';
import { unsealedOf } from '../../core/seal-later.ts';
import { startedModule } from '../../core/started-module.ts';
import type { SqliteExecutor } from './sqlite-executor.ts';
import type { OperationInput, OperationName, OperationOutput } from './sqlite-statements.ts';
import { packInput, unpackOutput } from './sqlite-wire.ts';

export interface SqliteThreadOptions {
  readonly path: string;
  /** Calls that may wait for the thread; more are refused with `store_busy`. A bound on memory. @default 20000 */
  readonly waitingCallsMax?: number;
  /** Told after each commit: how many operations it made durable, and how long it took. */
  readonly onCommit?: (operations: number, seconds: number) => void;
  /** Told when the thread ended without being asked to: nothing can be stored any more. */
  readonly onDeath?: (error: PayhookError) => void;
}

/** A key that payloads are sealed under from now on. It is sent once, before the first of them. */
export interface SealKey {
  readonly keyId: string;
  readonly key: KeyObject;
}

/** To the thread: calls as id, name and packed input, one after the other in one flat list. */
export type ThreadRequest = readonly unknown[] | SealKey | 'close';

export const isSealKey = (request: readonly unknown[] | SealKey): request is SealKey => 'key' in request;

/** Numbers in the list for each call, and for each result. */
export const CALL_WIDTH = 3;
export const RESULT_WIDTH = 3;

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
      /** Id, whether it worked, and packed output or `SentError`, one after the other in one flat list. */
      readonly results: readonly unknown[];
      /** From the main thread that are answered by it. */
      readonly messages: number;
      /** Operations that the commit made durable; 0 for a batch of reads. */
      readonly committed: number;
      readonly seconds: number;
    };

interface Waiting {
  readonly name: OperationName;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What a batch leaves behind is garbage at once: a small young generation collects it as well, in a fraction of the memory. */
const YOUNG_GENERATION_MB_MAX = 12;

/** Sent at once when there are so many: waiting for all of a crowd would make them wait for each other at every stage. */
const CALLS_TOGETHER_MIN = 16;
/**
 * What arrives while the thread commits is ready when it is done, and shares the next commit: the slower the disk, the more
 * of it. More than this gather, for a large message is cheaper than many small ones.
 */
const MESSAGES_UNDERWAY_MAX = 16;

const asError = (sent: SentError): PayhookError => new PayhookError(sent.code, sent.message);

const tooBusy = (path: string, waitingCallsMax: number): PayhookError =>
  new PayhookError(
    'store_busy',
    `${waitingCallsMax} operations wait for database ${path}: it is slower than what arrives`,
  );

const startWorker = (path: string): Worker =>
  new Worker(startedModule('sqlite-worker', import.meta.url), {
    workerData: { path },
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB_MAX },
  });

/** Sends the key of what is to be sealed on the thread, once: messages keep their order. */
const createSendSealKey = (worker: Worker) => {
  let sentKeyId: string | undefined;
  return ({ webhook }: Insertion): void => {
    const unsealed = unsealedOf(webhook.payload);
    if (unsealed === undefined || unsealed.keyId === sentKeyId) return;
    const { keyId, key } = unsealed;
    sentKeyId = keyId;
    worker.postMessage({ keyId, key } satisfies ThreadRequest);
  };
};

/** Calls on their way. */
const createOutgoing = (worker: Worker) => {
  const sendSealKey = createSendSealKey(worker);
  let unsent: unknown[] = [];
  let messagesUnderway = 0;

  const send = (): void => {
    if (unsent.length === 0 || messagesUnderway >= MESSAGES_UNDERWAY_MAX) return;
    const batch: ThreadRequest = unsent;
    unsent = [];
    messagesUnderway += 1;
    worker.postMessage(batch);
  };

  return {
    add(id: number, name: OperationName, input: unknown): void {
      if (name === 'webhookInsert') sendSealKey(input as Insertion);
      if (name === 'webhookInsertAndEnd') sendSealKey((input as OperationInput<'webhookInsertAndEnd'>).insertion);
      if (unsent.length === 0) setImmediate(send);
      unsent.push(id, name, packInput(name, input));
      if (unsent.length >= CALLS_TOGETHER_MIN * CALL_WIDTH) send();
    },
    answered(messages: number): void {
      messagesUnderway -= messages;
      send();
    },
    /** What was asked goes first, however much is under way: the thread takes messages in order. */
    close(): void {
      if (unsent.length > 0) worker.postMessage(unsent);
      unsent = [];
      worker.postMessage('close' satisfies ThreadRequest);
    },
  };
};

/** Starts the thread and opens the database there. Rejects with what `openDatabase` throws. */
export const openSqliteThread = async (options: SqliteThreadOptions): Promise<SqliteExecutor> => {
  const { path, waitingCallsMax = 20_000, onCommit, onDeath } = options;
  const worker = startWorker(path);
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  const outgoing = createOutgoing(worker);
  let isClosed = false;
  const opened = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();

  const failAll = (error: PayhookError): void => {
    isClosed = true;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    opened.reject(error);
  };

  const settle = ({ results, committed, seconds }: ThreadReply & { kind: 'results' }): void => {
    for (let at = 0; at < results.length; at += RESULT_WIDTH) {
      const id = results[at] as number;
      const caller = waiting.get(id);
      waiting.delete(id);
      if (results[at + 1] === true) caller?.resolve(unpackOutput(caller.name, results[at + 2]));
      else caller?.reject(asError(results[at + 2] as SentError));
    }
    if (committed > 0) onCommit?.(committed, seconds);
  };

  worker.on('message', (reply: ThreadReply) => {
    if (reply.kind === 'results') {
      outgoing.answered(reply.messages);
      settle(reply);
    }
    if (reply.kind === 'opened') opened.resolve();
    if (reply.kind === 'failed') opened.reject(asError(reply.error));
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
        return Promise.reject(tooBusy(path, waitingCallsMax));
      }
      const id = nextId;
      nextId += 1;
      outgoing.add(id, name, input);
      return new Promise((resolve, reject) => {
        waiting.set(id, { name, resolve: resolve as (value: unknown) => void, reject });
      });
    },
    async close() {
      if (isClosed) return ended.promise;
      isClosed = true;
      outgoing.close();
      await ended.promise;
    },
  };
};
