/** What it costs to send insertions to another thread and to get the results back. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { RESULT_WIDTH, type ThreadReply } from '../src/adapters/sqlite/sqlite-thread.ts';
import { packInput, unpackOutput } from '../src/adapters/sqlite/sqlite-wire.ts';
import type { Insertion } from '../src/core/ports/webhook-store.ts';

export interface MessageCosts {
  readonly mainMicros: number;
  readonly threadMicros: number;
}

const NAME = 'webhookInsert';

const cpuOfThisThread = (): number => {
  const { user, system } = process.threadCpuUsage();
  return user + system;
};

/** CPU of both threads for each insertion, sent `batch` at a time. */
export const measureMessages = async (
  insertions: readonly Insertion[],
  batch: number,
  count: number,
): Promise<MessageCosts> => {
  const worker = new Worker(new URL('./echo-worker.ts', import.meta.url));
  const ask = async (message: unknown): Promise<unknown> => {
    const answered = once(worker, 'message');
    worker.postMessage(message);
    return (await answered)[0];
  };
  const exchange = async (total: number): Promise<void> => {
    for (let sent = 0; sent < total; sent += batch) {
      const calls: unknown[] = [];
      for (let index = sent; index < sent + batch; index += 1) {
        calls.push(index, NAME, packInput(NAME, insertions[index % insertions.length]));
      }
      const reply = (await ask(calls)) as ThreadReply;
      if (reply.kind !== 'results') throw new Error('the thread did not answer with results');
      for (let at = 2; at < reply.results.length; at += RESULT_WIDTH) unpackOutput(NAME, reply.results[at]);
    }
  };
  await exchange(count / 2);
  const threadBefore = Number(await ask('usage'));
  const mainBefore = cpuOfThisThread();
  await exchange(count);
  const mainMicros = (cpuOfThisThread() - mainBefore) / count;
  const threadMicros = (Number(await ask('usage')) - threadBefore) / count;
  await worker.terminate();
  return { mainMicros, threadMicros };
};
