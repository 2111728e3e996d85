/** `payhook destinations`: how each one is doing, and sending a message to try it. */
import { createDestinationDesk, type ShownDestination } from '../homes/destination-desk.ts';
import {
  createListDestinationEntries,
  type EntriesQuery,
  entryJson,
  type ListedEntry,
} from '../operate/list-destination-entries.ts';
import { timeText } from '../operate/webhook-json.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { DOCS } from './command-name.ts';
import { type PrintOptions, printList, printPage, type Shown } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';
import { configuredDestination } from './webhooks.ts';

const HEADER = ['NAME', 'KIND', 'STATE', 'A MINUTE', 'WAITING', 'OLDEST', 'GIVEN UP', 'EVENTS', 'WHERE', 'LAST ERROR'];

const deskOf = async (context: CommandContext) =>
  createDestinationDesk({ settings: await loadSettings(context), clock: context.clock }, context.home().kind);

export const listDestinations = async (context: CommandContext, options: PrintOptions): Promise<ExitCode> => {
  const rows = await (await deskOf(context)).list((names) =>
    withHome(context, ({ destinations }) => destinations.depth(names)),
  );
  const shown = { header: HEADER, row: cells, json: (row: ShownDestination) => ({ ...row }) };
  printList(context, rows, shown, options, `no destinations are configured: see ${DOCS}/destinations.md`);
  return 0;
};

export type ListEntriesOptions = Omit<EntriesQuery, 'destination' | 'objectId'> &
  PrintOptions & { readonly object?: string };

/** What was put into the queue of one destination, and what became of it. */
export const listDestinationEntries = async (
  context: CommandContext,
  name: string,
  { object: objectId, ...options }: ListEntriesOptions,
): Promise<ExitCode> => {
  const destination = await configuredDestination(context, name);
  return withHome<ExitCode>(context, async (home) => {
    const page = await createListDestinationEntries(home)({ ...options, objectId, destination });
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
  json: entryJson,
};

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
  row.deliveredLastMinute === null ? '' : String(row.deliveredLastMinute),
  row.isInHome ? String(row.waiting) : 'not in this home',
  row.oldestEnqueuedAt ?? '',
  row.isInHome ? String(row.givenUp) : '',
  row.events.join(' '),
  row.where,
  row.lastError === null ? '' : `${row.lastError.at} ${row.lastError.error}`,
];

export const testDestination = async (
  context: CommandContext,
  name: string,
  options: { readonly json?: boolean },
): Promise<ExitCode> => {
  const result = await (await deskOf(context)).test(name);
  const isDelivered = result.outcome === 'delivered';
  if (options.json === true) context.print(JSON.stringify({ destination: name, ...result }));
  else if (isDelivered) context.print(`delivered  ${result.messageId} (payhook.test) to ${name}`);
  else context.print(`failed     ${result.detail}`);
  return isDelivered ? 0 : 1;
};
