/** The load generator as the sections see it. */
import { forkModule, nextMessage, stopChild } from './child-processes.ts';
import type { BodySize } from './deliveries.ts';
import type { LoadReply, LoadRequest, LoadResult, LoadRun } from './load-messages.ts';

export interface LoadGenerator extends AsyncDisposable {
  /** Makes deliveries for the runs that follow; each is good for 300 seconds. Returns the mean size of a body. */
  prepare(count: number, size?: BodySize): Promise<number>;
  run(run: LoadRun): Promise<LoadResult>;
}

export const startLoadGenerator = (): LoadGenerator => {
  const child = forkModule('./load-process.ts');
  const ask = async (request: LoadRequest): Promise<LoadReply> => {
    child.send(request);
    const reply = await nextMessage<LoadReply>(child);
    if (reply.kind === 'failed') throw new Error(`load generator: ${reply.message}`);
    return reply;
  };
  return {
    async prepare(count, size = 'usual') {
      const reply = await ask({ kind: 'prepare', count, size });
      return reply.kind === 'prepared' ? reply.bodyBytesMean : Number.NaN;
    },
    async run(run) {
      const reply = await ask({ kind: 'run', ...run });
      if (reply.kind !== 'ran') throw new Error(`load generator: answered ${reply.kind} to a run`);
      return reply.result;
    },
    [Symbol.asyncDispose]: () => stopChild(child),
  };
};

export const ratePerSecond = ({ sent, elapsedMs }: LoadResult): number => (sent / elapsedMs) * 1000;
