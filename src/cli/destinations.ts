/** `payhook destinations`: how each one is doing, and sending a message to try it. */
import { existsSync } from 'node:fs';
import { createSystemRandomness } from '../adapters/system/system-randomness.ts';
import type { NamedDestination } from '../config/destinations-of.ts';
import type { Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-name.ts';
import type { DestinationReader } from '../destinations/destination-queue.ts';
import { type DestinationRow, listDestinationRows } from '../homes/list-destinations.ts';
import { openDataDirectory } from '../homes/local/data-directory.ts';
import { withDestinationSecrets } from '../homes/local/destination-secrets.ts';
import { openDestination } from '../homes/local/open-destinations.ts';
import { type PublishedState, readPublishedState } from '../homes/local/published-state.ts';
import { openLocalDirectory } from '../homes/open-home.ts';
import {
  createListDestinationEntries,
  type EntriesQuery,
  type ListedEntry,
} from '../operate/list-destination-entries.ts';
import { timeText } from '../operate/webhook-json.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { DOCS } from './command-name.ts';
import { type PrintOptions, printList, printPage, type Shown } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';
import { configuredDestination } from './webhooks.ts';

/** With what the server of this machine says; null where none runs, or it says nothing any more. */
interface ShownDestination extends DestinationRow {
  readonly circuit: 'closed' | 'open' | 'half_open' | null;
  readonly nextProbeAt: string | null;
  readonly lastError: { readonly at: string; readonly error: string } | null;
}

const HEADER = ['NAME', 'KIND', 'STATE', 'WAITING', 'OLDEST', 'GIVEN UP', 'EVENTS', 'WHERE', 'LAST ERROR'];

export const listDestinations = async (context: CommandContext, options: PrintOptions): Promise<ExitCode> => {
  const { config, dataDirectory } = await loadSettings(context);
  const { kind } = context.home();
  const depthsOf: DestinationReader['depth'] = (names) =>
    withHome(context, ({ destinations }) => destinations.depth(names));
  const live = kind === 'local' ? await liveDestinations(context, dataDirectory) : [];
  const rows = (await listDestinationRows(config, kind, depthsOf)).map(
    (row): ShownDestination => ({ ...row, ...liveOf(live.find(({ name }) => name === row.name)) }),
  );
  const shown = { header: HEADER, row: cells, json: (row: ShownDestination) => ({ ...row }) };
  printList(context, rows, shown, options, `no destinations are configured: see ${DOCS}/destinations.md`);
  return 0;
};

export type ListEntriesOptions = Omit<EntriesQuery, 'destination'> & PrintOptions;

/** What was put into the queue of one destination, and what became of it. */
export const listDestinationEntries = async (
  context: CommandContext,
  name: string,
  options: ListEntriesOptions,
): Promise<ExitCode> => {
  const destination = await configuredDestination(context, name);
  return withHome<ExitCode>(context, async (home) => {
    const page = await createListDestinationEntries(home)({ ...options, destination });
    printPage(context, page, SHOWN_ENTRY, options);
    return 0;
  });
};

const SHOWN_ENTRY: Shown<ListedEntry> = {
  header: ['PUT', 'STATE', 'SINCE', 'FAILURES', 'EVENT TYPE', 'EVENT', 'LAST ERROR'],
  row: ({ enqueuedAt, state, changedAt, failures, eventType, eventId, lastError }) => [
    timeText(enqueuedAt),
    state,
    timeText(changedAt),
    String(failures),
    eventType,
    eventId,
    lastError ?? '',
  ],
  json: ({ timestamp: _, ...entry }) => ({
    ...entry,
    enqueuedAt: timeText(entry.enqueuedAt),
    changedAt: timeText(entry.changedAt),
    receivedAt: timeText(entry.receivedAt),
  }),
};

type LiveDestination = PublishedState['destinations'][number];

const liveDestinations = async (context: CommandContext, path: string): Promise<readonly LiveDestination[]> => {
  if (!existsSync(path)) return [];
  const found = await readPublishedState(openDataDirectory(path).stateFile, context.clock.now());
  return found.outcome === 'fresh' ? found.state.destinations : [];
};

const liveOf = (
  live: LiveDestination | undefined,
): Pick<ShownDestination, 'circuit' | 'nextProbeAt' | 'lastError'> => ({
  circuit: live?.circuit ?? null,
  nextProbeAt: typeof live?.nextProbeAt === 'number' ? timeText(live.nextProbeAt) : null,
  lastError: live?.lastError == null ? null : { at: timeText(live.lastError.at), error: live.lastError.error },
});

const stateText = ({ circuit, nextProbeAt }: ShownDestination): string => {
  switch (circuit) {
    case null:
      return '';
    case 'closed':
      return 'up';
    case 'half_open':
      return 'down, tried now';
    case 'open':
      return `down until ${nextProbeAt}`;
    default:
      return circuit satisfies never;
  }
};

const cells = (row: ShownDestination): string[] => [
  row.name,
  row.kind,
  stateText(row),
  row.isInHome ? String(row.waiting) : 'not in this home',
  row.oldestEnqueuedAt ?? '',
  row.isInHome ? String(row.givenUp) : '',
  row.events.join(' '),
  row.where,
  row.lastError === null ? '' : `${row.lastError.at} ${row.lastError.error}`,
];

/** The data directory is needed only for a secret that is not configured. */
const withSecretOf = async (context: CommandContext, settings: Settings, one: NamedDestination): Promise<Settings> => {
  if (one.kind !== 'http' || settings.destinationSecrets.has(one.name)) return settings;
  const { clock } = context;
  return openLocalDirectory({ settings, clock }, ({ directory, home: { executor } }) =>
    withDestinationSecrets({ directory, executor, clock }, { ...settings, destinations: [one] }),
  );
};

/** Sends one message of type `payhook.test` from this machine, signed as all others, and says what came of it. */
export const testDestination = async (
  context: CommandContext,
  name: string,
  options: { readonly json?: boolean },
): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  const configured = settings.destinations.find((destination) => destination.name === name);
  if (configured === undefined) {
    const known = settings.destinations.map((destination) => destination.name);
    const hint = didYouMean(name, known) || known.join(', ') || 'none is configured';
    throw new PayhookError('not_found', `there is no destination ${name} in this home: ${hint}`);
  }
  const { clock } = context;
  const randomness = createSystemRandomness(clock);
  const destination = openDestination(
    { settings: await withSecretOf(context, settings, configured), clock },
    configured,
  );
  const occurredAt = timeText(clock.now());
  const message = {
    id: `payhook:test-${randomness.id()}`,
    type: 'payhook.test',
    occurredAt,
    body: JSON.stringify({ type: 'payhook.test', timestamp: occurredAt, data: {} }),
  };
  const [result] = await destination.send([message], AbortSignal.timeout(SEND_MS_MAX));
  const isDelivered = result?.outcome === 'delivered';
  if (options.json === true) context.print(JSON.stringify({ destination: name, messageId: message.id, ...result }));
  else if (isDelivered) context.print(`delivered  ${message.id} (payhook.test) to ${name}`);
  else context.print(`failed     ${result?.outcome === 'failed' ? result.detail : 'the destination gave no result'}`);
  return isDelivered ? 0 : 1;
};

/** Longer than any configured time-out. */
const SEND_MS_MAX = 70_000;
