/** Entry of the database thread: takes all calls that have arrived, runs them as one batch, answers after the commit. */
import assert from 'node:assert/strict';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { asPayhookError } from '../../core/errors.ts';
import { openDatabase } from './sqlite-database.ts';
import { createRunBatch } from './sqlite-executor.ts';
import { READS } from './sqlite-operations.ts';
import type { SentError, ThreadReply, ThreadRequest } from './sqlite-thread.ts';

/** Calls that share one commit: bounds how long the first of them waits for the last. */
const BATCH_CALLS_MAX = 256;

assert(parentPort !== null, 'runs as a thread');
const port = parentPort;
const { path } = workerData as { path: string };

const sentError = (thrown: unknown): SentError => {
  const error = asPayhookError(thrown);
  return { code: error.code, message: error.message };
};

const reply = (message: ThreadReply): void => port.postMessage(message);

const serve = (): void => {
  const db = openDatabase({ path });
  const runBatch = createRunBatch(db, path);
  let calls: (ThreadRequest & object)[number][] = [];
  let isClosing = false;

  const take = (request: ThreadRequest): void => {
    if (request === 'close') isClosing = true;
    else calls = calls.length === 0 ? [...request] : calls.concat(request);
  };

  const runOneBatch = (): void => {
    const batch = calls.slice(0, BATCH_CALLS_MAX);
    calls = calls.slice(BATCH_CALLS_MAX);
    const startedAt = performance.now();
    const results = runBatch(batch);
    const seconds = (performance.now() - startedAt) / 1000;
    reply({
      kind: 'results',
      results: results.map((result, index) => ({
        id: batch[index]?.id ?? 0,
        result: result.ok ? result : { ok: false, error: sentError(result.error) },
      })),
      committed: batch.filter((call) => !READS.has(call.name)).length,
      seconds,
    });
  };

  port.on('message', (request: ThreadRequest) => {
    take(request);
    do {
      // What arrived while the last commit was written joins the next one.
      for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port))
        take(more.message);
      if (calls.length > 0) runOneBatch();
    } while (calls.length > 0);
    if (isClosing) {
      db.close();
      port.close();
    }
  });
  reply({ kind: 'opened' });
};

try {
  serve();
} catch (error) {
  reply({ kind: 'failed', error: sentError(error) });
}
