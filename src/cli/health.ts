/** `payhook health`: is anything wrong that a person has to look at? */
import { type Health, lookAtHealth } from '../homes/local/look-at-health.ts';
import type { PublishedState } from '../homes/local/published-state.ts';
import { openLocalDirectory } from '../homes/open-home.ts';
import { asJson } from '../operate/as-json.ts';
import { lookAtStored } from '../operate/look-at-stored.ts';
import { timeText } from '../operate/webhook-json.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import type { ExitCode } from './report-failure.ts';

/** What of it are times, of what the server says of itself too. */
const TIMES: ReadonlySet<string> = new Set([
  'at',
  'startedAt',
  'closedAt',
  'oldestEnqueuedAt',
  'nextProbeAt',
  'lastFailedAt',
]);

interface HealthOptions {
  readonly json?: boolean;
}

/** Exit 1 when something is wrong. */
export const showHealth = (context: CommandContext, options: HealthOptions): Promise<ExitCode> =>
  context.home().kind === 'aws' ? showStoredHealth(context, options) : showLocalHealth(context, options);

/** On AWS: what can be said out of what is stored. */
const showStoredHealth = async (context: CommandContext, { json }: HealthOptions): Promise<ExitCode> => {
  const names = (await loadSettings(context)).destinations.map(({ name }) => name);
  const health = await withHome(context, (home) => lookAtStored(home, names));
  const { problems, lastDigest } = health;
  if (json === true) context.print(JSON.stringify(asJson(health, TIMES)));
  else {
    for (const problem of problems) context.print(problem);
    if (problems.length === 0) context.print('nothing is wrong with what is stored');
    context.print(digestLine(lastDigest));
    context.print('alarms say the rest: aws cloudwatch describe-alarms --state-value ALARM');
  }
  return problems.length === 0 ? 0 : 1;
};

const showLocalHealth = async (context: CommandContext, { json }: HealthOptions): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  const health = await openLocalDirectory({ settings, clock: context.clock }, (local) =>
    lookAtHealth(
      local,
      settings.destinations.map(({ name }) => name),
    ),
  );
  if (json === true) context.print(JSON.stringify(asJson(health, TIMES)));
  else for (const line of healthLines(health)) context.print(line);
  return health.problems.length === 0 ? 0 : 1;
};

const digestLine = (digest: Health['lastDigest']): string =>
  `audit: ${digest === null ? 'no digest yet' : `digest ${digest.number} of ${timeText(digest.closedAt)}`}`;

const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

const healthLines = ({ server, queue, lastDigest, disk, problems }: Health): readonly string[] => [
  ...(problems.length === 0 ? ['nothing is wrong'] : problems),
  ...(server.outcome === 'fresh' ? serverLines(server.state) : []),
  `queue: ${queue.ready} ready, ${queue.waiting} wait for their time or are worked on`,
  digestLine(lastDigest),
  `disk: database ${mib(disk.databaseBytes)}, its log ${mib(disk.logBytes)}, ${mib(disk.freeBytes)} free`,
  ...growthLines(disk),
];

/** Beyond that nobody plans, and what one day says of it is worth nothing. */
const DAYS_SHOWN_MAX = 3650;

/** Pages that retention has freed are used first: until then the file does not grow. */
const growthLines = ({ grownBytes, unusedBytes, freeBytes }: Health['disk']): readonly string[] => {
  if (grownBytes === null) return [];
  const days = grownBytes === 0 ? null : Math.floor((freeBytes + unusedBytes) / grownBytes);
  const room = days !== null && days > DAYS_SHOWN_MAX ? 'more than ten years' : `${days} days`;
  const until = days === null ? '' : `; at this rate there is room for ${room}`;
  return [`growth: ${mib(grownBytes)} in the last 24 hours, ${mib(unusedBytes)} freed and used again first${until}`];
};

const serverLines = ({
  receiving,
  processing,
  handlers,
  handlerProcess,
  destinations,
}: PublishedState): readonly string[] => [
  `receiving: ${receiving.accepted} accepted, ${receiving.duplicates} duplicates, ${receiving.turnedAway} turned away in the last minute${receiving.isBusy ? '; busy' : ''}`,
  `processing: ${processing.underway} of ${processing.concurrency} at work`,
  ...(handlerProcess === null || handlerProcess.ended === 0
    ? []
    : [
        `handlers: their process ended ${handlerProcess.ended} times since the start, the last time: ${handlerProcess.lastEnd}`,
      ]),
  ...handlers.map(
    ({ name, circuit, underway, answered, failed }) =>
      `handler ${name}: ${circuit}, ${underway} under way, ${answered} answered and ${failed} failed since the start`,
  ),
  ...destinations.map(
    ({ name, circuit, underway, deliveredLastMinute, delivered, failed }) =>
      `destination ${name}: ${circuit}, ${underway} under way, ${deliveredLastMinute} delivered in the last minute, ${delivered} delivered and ${failed} failed since the start`,
  ),
];
