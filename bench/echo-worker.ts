/** Answers every batch of calls as the database thread would, without a database: what is left is the messages. */
import { parentPort } from 'node:worker_threads';
import { CALL_WIDTH, type ThreadReply, type ThreadRequest } from '../src/adapters/sqlite/sqlite-thread.ts';

parentPort?.on('message', (request: ThreadRequest | 'usage') => {
  if (request === 'usage') {
    const { user, system } = process.threadCpuUsage();
    parentPort?.postMessage(user + system);
  } else if (request !== 'close') {
    const reply: ThreadReply = {
      kind: 'results',
      results: request
        .filter((_, at) => at % CALL_WIDTH === 0)
        .flatMap((id) => [id, true, { outcome: 'inserted', isQueued: true }]),
      committed: request.length / CALL_WIDTH,
      seconds: 0,
    };
    parentPort?.postMessage(reply);
  }
});
