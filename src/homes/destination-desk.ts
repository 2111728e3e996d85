/** Destinations as operators look at them and try them, from the command line and in the console alike. */
import { createSystemRandomness } from '../adapters/system/system-randomness.ts';
import type { NamedDestination } from '../config/destinations-of.ts';
import type { Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-name.ts';
import { DAY_MS } from '../core/time.ts';
import type { EpochMs } from '../core/webhook.ts';
import type { DestinationReader } from '../destinations/destination-queue.ts';
import { timeText } from '../operate/webhook-json.ts';
import { type DestinationRow, listDestinationRows } from './list-destinations.ts';
import { withDestinationSecrets } from './local/destination-secrets.ts';
import { openDestination } from './local/open-destinations.ts';
import type { PublishedState } from './local/published-state.ts';
import { readRunningState } from './local/running-state.ts';
import { type OpenHomeDeps, openLocalDirectory } from './open-home.ts';
import type { HomeChoice } from './operator-home.ts';

/** With what the server of this machine says; null where none runs, or it says nothing any more. */
export interface ShownDestination extends DestinationRow {
  readonly circuit: 'closed' | 'open' | 'half_open' | null;
  readonly nextProbeAt: string | null;
  readonly underway: number | null;
  readonly deliveredLastMinute: number | null;
  /** Of the last 24 hours, and since when that is counted: a server that was started later counts since then. */
  readonly deliveredLastDay: number | null;
  readonly deliveredSince: string | null;
  /** Of its newest calls 99 in 100 took no longer. */
  readonly callMsP99: number | null;
  readonly lastError: { readonly at: string; readonly error: string } | null;
}

export type TestResult =
  | { readonly outcome: 'delivered'; readonly messageId: string }
  | { readonly outcome: 'failed'; readonly messageId: string; readonly detail: string };

export interface DestinationDesk {
  list(depthsOf: DestinationReader['depth']): Promise<readonly ShownDestination[]>;
  /**
   * Sends one message of type `payhook.test` from this machine, signed as all others. Throws `not_found` for a destination
   * that is not configured in this home.
   */
  test(name: string): Promise<TestResult>;
}

/** Longer than any configured time-out. */
const SEND_MS_MAX = 70_000;

export const createDestinationDesk = (deps: OpenHomeDeps, kind: HomeChoice['kind']): DestinationDesk => {
  const { settings, clock } = deps;
  return {
    async list(depthsOf) {
      const live = kind === 'local' ? await readRunningState(settings.dataDirectory, clock) : null;
      const rows = await listDestinationRows(settings.config, kind, depthsOf);
      const since = Math.max(clock.now() - DAY_MS, live?.startedAt ?? 0);
      return rows.map((row) => ({
        ...row,
        ...liveOf(
          live?.destinations.find(({ name }) => name === row.name),
          since,
        ),
      }));
    },
    async test(name) {
      const configured = settings.destinations.find((destination) => destination.name === name);
      if (configured === undefined) {
        const known = settings.destinations.map((destination) => destination.name);
        const hint = didYouMean(name, known) || known.join(', ') || 'none is configured';
        throw new PayhookError('not_found', `there is no destination ${name} in this home: ${hint}`);
      }
      const destination = openDestination({ settings: await withSecretOf(deps, configured), clock }, configured);
      const occurredAt = timeText(clock.now());
      const messageId = `payhook:test-${createSystemRandomness(clock).id()}`;
      const body = JSON.stringify({ type: 'payhook.test', timestamp: occurredAt, data: {} });
      const message = { id: messageId, type: 'payhook.test', occurredAt, body };
      const [result] = await destination.send([message], AbortSignal.timeout(SEND_MS_MAX));
      if (result?.outcome === 'delivered') return { outcome: 'delivered', messageId };
      const detail = result?.outcome === 'failed' ? result.detail : 'the destination gave no result';
      return { outcome: 'failed', messageId, detail };
    },
  };
};

type LiveDestination = PublishedState['destinations'][number];

const liveOf = (live: LiveDestination | undefined, since: EpochMs): Omit<ShownDestination, keyof DestinationRow> => ({
  circuit: live?.circuit ?? null,
  underway: live?.underway ?? null,
  deliveredLastMinute: live?.deliveredLastMinute ?? null,
  deliveredLastDay: live?.deliveredLastDay ?? null,
  deliveredSince: live === undefined ? null : timeText(since),
  callMsP99: live?.callMsP99 ?? null,
  nextProbeAt: typeof live?.nextProbeAt === 'number' ? timeText(live.nextProbeAt) : null,
  lastError: live?.lastError == null ? null : { at: timeText(live.lastError.at), error: live.lastError.error },
});

/** The data directory is needed only for a secret that is not configured. */
const withSecretOf = async ({ settings, clock }: OpenHomeDeps, one: NamedDestination): Promise<Settings> => {
  if (one.kind !== 'http' || settings.destinationSecrets.has(one.name)) return settings;
  return openLocalDirectory({ settings, clock }, ({ directory, home: { executor } }) =>
    withDestinationSecrets({ directory, executor, clock }, { ...settings, destinations: [one] }),
  );
};
