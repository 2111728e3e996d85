/** Answers every batch of calls as the database thread would, without a database: what is left is the messages. */
import { parentPort } from 'node:worker_threads';
import type { OperationName } from '../src/adapters/sqlite/sqlite-statements.ts';
import { CALL_WIDTH, isSealKey, type ThreadReply, type ThreadRequest } from '../src/adapters/sqlite/sqlite-thread.ts';
import { packOutput, type SealHere, unpackInput } from '../src/adapters/sqlite/sqlite-wire.ts';

const INSERTED = { outcome: 'inserted', isQueued: true };

const nothingToSeal: SealHere = () => {
  throw new Error('what is sent here was sealed before');
};

const answer = (request: readonly unknown[]): ThreadReply => {
  const results: unknown[] = [];
  for (let at = 0; at < request.length; at += CALL_WIDTH) {
    const name = request[at + 1] as OperationName;
    unpackInput(name, request[at + 2], nothingToSeal);
    results.push(request[at], true, packOutput(name, INSERTED));
  }
  return { kind: 'results', results, messages: 1, committed: results.length, seconds: 0 };
};

parentPort?.on('message', (request: ThreadRequest | 'usage') => {
  if (request === 'usage') {
    const { user, system } = process.threadCpuUsage();
    parentPort?.postMessage(user + system);
  } else if (request !== 'close' && !isSealKey(request)) parentPort?.postMessage(answer(request));
});
