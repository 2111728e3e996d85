/** What it costs to send insertions to another thread and to get the results back. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Insertion } from '../src/core/ports/webhook-store.ts';

export interface MessageCosts {
  readonly mainMicros: number;
  readonly threadMicros: number;
}

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
  const exchange = async (calls: number): Promise<void> => {
    for (let sent = 0; sent < calls; sent += batch) {
      await ask(
        Array.from({ length: batch }, (_, index) => ({
          id: sent + index,
          name: 'webhookInsert',
          input: insertions[(sent + index) % insertions.length],
        })),
      );
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
