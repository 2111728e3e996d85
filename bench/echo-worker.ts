/** Answers every batch of calls as the database thread would, without a database: what is left is the messages. */
import { parentPort } from 'node:worker_threads';
import type { ThreadReply, ThreadRequest } from '../src/adapters/sqlite/sqlite-thread.ts';

parentPort?.on('message', (request: ThreadRequest | 'usage') => {
  if (request === 'usage') {
    const { user, system } = process.threadCpuUsage();
    parentPort?.postMessage(user + system);
  } else if (request !== 'close') {
    const reply: ThreadReply = {
      kind: 'results',
      results: request.map(({ id }) => ({
        id,
        result: { ok: true, value: { outcome: 'inserted', isQueued: true } },
      })),
      committed: request.length,
      seconds: 0,
    };
    parentPort?.postMessage(reply);
  }
});
