/** `payhook destinations`: how each one is doing, and sending a message to try it. */
import { createSystemRandomness } from '../adapters/system/system-randomness.ts';
import type { NamedDestination } from '../config/destinations-of.ts';
import type { Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-name.ts';
import type { DestinationReader } from '../destinations/destination-queue.ts';
import { type DestinationRow, listDestinationRows } from '../homes/list-destinations.ts';
import { withDestinationSecrets } from '../homes/local/destination-secrets.ts';
import { openDestination } from '../homes/local/open-destinations.ts';
import { openLocalDirectory } from '../homes/open-home.ts';
import { timeText } from '../operate/webhook-json.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { DOCS } from './command-name.ts';
import type { ExitCode } from './report-failure.ts';
import { tableLines } from './table.ts';

const HEADER = ['NAME', 'KIND', 'WAITING', 'OLDEST', 'GIVEN UP', 'EVENTS', 'WHERE'];

export const listDestinations = async (
  context: CommandContext,
  options: { readonly json?: boolean },
): Promise<ExitCode> => {
  const { config } = await loadSettings(context);
  const { kind } = context.home();
  const depthsOf: DestinationReader['depth'] = (names) =>
    withHome(context, ({ destinations }) => destinations.depth(names));
  const rows = await listDestinationRows(config, kind, depthsOf);
  if (options.json === true) for (const row of rows) context.print(JSON.stringify(row));
  else if (rows.length === 0) context.print(`no destinations are configured: see ${DOCS}/destinations.md`);
  else for (const line of tableLines(HEADER, rows.map(cells), context.columns)) context.print(line);
  return 0;
};

const cells = (row: DestinationRow): string[] => [
  row.name,
  row.kind,
  row.isInHome ? String(row.waiting) : 'not in this home',
  row.oldestEnqueuedAt ?? '',
  row.isInHome ? String(row.givenUp) : '',
  row.events.join(' '),
  row.where,
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
