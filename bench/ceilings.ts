/** Runs load against the servers of `ceiling-server.ts`. */
import { forkModule, nextMessage, stopChild } from './child-processes.ts';
import type { LoadGenerator } from './load-generator.ts';
import type { LoadResult } from './load-messages.ts';
import { startCountingCpu } from './process-usage.ts';

export type CeilingName = 'bare' | 'verified' | 'edge';

export interface CeilingServer extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
}

export const startCeiling = async (name: CeilingName): Promise<CeilingServer> => {
  const child = forkModule('./ceiling-server.ts', [name]);
  const port = await nextMessage<number>(child);
  return { port, pid: child.pid ?? 0, [Symbol.asyncDispose]: () => stopChild(child) };
};

export interface CeilingRun {
  readonly result: LoadResult;
  /** CPU of the server's main thread. */
  readonly mainMicrosPerRequest: number;
}

/** At full speed with the deliveries from the first one on: nothing is stored, so they may come again. */
export const runCeiling = async (
  load: LoadGenerator,
  server: CeilingServer,
  { connections, durationMs }: { connections: number; durationMs: number },
): Promise<CeilingRun> => {
  const used = startCountingCpu(server.pid);
  const result = await load.run({ port: server.port, connections, from: 0, durationMs, ratePerSecond: null });
  if (result.byStatus[200] !== result.sent) throw new Error('a ceiling server did not answer 200 to every request');
  return { result, mainMicrosPerRequest: used().main / result.sent };
};
