/** What a server does beside receiving and processing: jobs, reconciling, retention, listening for silence, and telling how it is doing. */
import { readRecord } from '../../audit/audit.ts';
import { MINUTE_MS } from '../../core/time.ts';
import type { EpochMs } from '../../core/webhook.ts';
import type { SilenceWatch } from '../../operate/watch-silence.ts';
import type { CountedReceiving } from './counted-receiving.ts';
import type { DataDirectory } from './data-directory.ts';
import type { HandlerProcess } from './handler-process.ts';
import type { LocalHome } from './home.ts';
import { startJobLoop } from './job-loop.ts';
import { startPublishingState } from './published-state.ts';
import type { ReceivingLoad } from './receiving-load.ts';
import { type ReconcileLoopDeps, startReconcileLoop } from './reconcile-loop.ts';
import { startRetention } from './retention.ts';
import type { Processing } from './start-processing.ts';

type Shared = 'settings' | 'metrics' | 'providers' | 'mappings' | 'alerts' | 'logger' | 'clock' | 'stopping';

export interface BackgroundDeps extends Pick<ReconcileLoopDeps, Shared> {
  readonly directory: DataDirectory;
  readonly home: LocalHome;
  readonly load: ReceivingLoad;
  readonly counted: CountedReceiving;
  readonly processing: Processing;
  readonly handlers: Pick<HandlerProcess, 'states'>;
  readonly silence: SilenceWatch;
}

export interface Background {
  stop(): Promise<void>;
}

/** Of the server before this one, for this one has written nothing yet. */
const lastEntryAt = async ({ auditLog }: LocalHome): Promise<EpochMs | null> => {
  const [last] = await auditLog.latest(1);
  return last === undefined ? null : Date.parse(readRecord(last).ts);
};

export const startBackground = (deps: BackgroundDeps): Background => {
  const { settings, directory, home, clock, logger, load, counted, processing, silence } = deps;
  const jobs = startJobLoop({ home, clock, logger });
  const reconciling = startReconcileLoop({ ...home, ...deps, wake: processing.wake });
  const retention = startRetention({
    ...home,
    logger,
    keptMs: settings.retentionMs,
    load,
    lastKnownAt: lastEntryAt(home),
  });
  const looking = setInterval(() => void silence.look(), MINUTE_MS);
  const { concurrency } = settings.config.processing;
  const published = startPublishingState({
    path: directory.stateFile,
    clock,
    logger,
    read: () => {
      const { handlers, process } = deps.handlers.states();
      return {
        receiving: {
          ...counted.lastMinute(),
          isBusy: load.isBusy(),
          lastHour: counted.lastHour(),
          hourBefore: counted.hourBefore(),
        },
        processing: { underway: processing.underway(), concurrency },
        handlers: [...handlers],
        handlerProcess: process,
        destinations: [...processing.destinations()],
      };
    },
  });
  return {
    async stop() {
      clearInterval(looking);
      await silence.end();
      await jobs.stop();
      await reconciling.stop();
      await retention.stop();
      await published.stop();
    },
  };
};
