/** `payhook health`: is anything wrong that a person has to look at? */
import { bytesText } from '../core/bytes-text.ts';
import { type Health, lookAtHealth } from '../homes/local/look-at-health.ts';
import type { PublishedState } from '../homes/local/published-state.ts';
import { openLocalDirectory } from '../homes/open-home.ts';
import { asJson } from '../operate/as-json.ts';
import { lookAtStored } from '../operate/look-at-stored.ts';
import { timeText } from '../operate/webhook-json.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { counted } from './counted.ts';
import type { ExitCode } from './report-failure.ts';
import { fieldLines } from './table.ts';

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
    for (const problem of problems) context.print(`! ${problem}`);
    if (problems.length === 0) context.print('nothing is wrong with what is stored');
    context.print(`audit: ${digestText(lastDigest)}`);
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

const digestText = (digest: Health['lastDigest']): string =>
  digest === null ? 'no digest yet' : `digest ${digest.number} of ${timeText(digest.closedAt)}`;

/** What is wrong stands first; the rest is there to be looked up. */
const healthLines = ({ server, queue, lastDigest, disk, problems }: Health): readonly string[] => [
  ...(problems.length === 0 ? ['nothing is wrong'] : problems.map((problem) => `! ${problem}`)),
  '',
  ...fieldLines([
    ...(server.outcome === 'fresh' ? serverFields(server.state) : []),
    ['queue', `${queue.ready} ready, ${queue.waiting} wait for their time or are worked on`],
    ['audit', digestText(lastDigest)],
    [
      'disk',
      `database ${bytesText(disk.databaseBytes)}, its log ${bytesText(disk.logBytes)}, ${bytesText(disk.freeBytes)} free`,
    ],
    ...growthFields(disk),
  ]),
];

/** Beyond that nobody plans, and what one day says of it is worth nothing. */
const DAYS_SHOWN_MAX = 3650;

type Field = readonly [string, string];

/** Pages that retention has freed are used first: until then the file does not grow. */
const growthFields = ({ grownBytes, unusedBytes, freeBytes }: Health['disk']): readonly Field[] => {
  if (grownBytes === null) return [];
  const days = grownBytes === 0 ? null : Math.floor((freeBytes + unusedBytes) / grownBytes);
  const room = days !== null && days > DAYS_SHOWN_MAX ? 'more than ten years' : counted(days ?? 0, 'day');
  const until = days === null ? '' : `; at this rate there is room for ${room}`;
  return [
    [
      'growth',
      `${bytesText(grownBytes)} in the last 24 hours, ${bytesText(unusedBytes)} freed and used again first${until}`,
    ],
  ];
};

const serverFields = ({
  receiving,
  processing,
  handlers,
  handlerProcess,
  destinations,
}: PublishedState): readonly Field[] => [
  [
    'receiving',
    `${receiving.accepted} accepted, ${counted(receiving.duplicates, 'duplicate')}, ${receiving.turnedAway} turned away in the last minute${receiving.isBusy ? '; busy' : ''}`,
  ],
  ['processing', `${processing.underway} of ${processing.concurrency} at work`],
  ...(handlerProcess === null || handlerProcess.ended === 0
    ? []
    : [
        [
          'handlers',
          `their process ended ${counted(handlerProcess.ended, 'time')} since the start, the last time: ${handlerProcess.lastEnd}`,
        ] as const,
      ]),
  ...handlers.map(
    ({ name, circuit, underway, answered, failed }): Field => [
      `handler ${name}`,
      `${CIRCUITS[circuit]}, ${underway} under way, ${answered} answered and ${failed} failed since the start`,
    ],
  ),
  ...destinations.map(
    ({ name, circuit, underway, deliveredLastMinute, delivered, failed }): Field => [
      `destination ${name}`,
      `${CIRCUITS[circuit]}, ${underway} under way, ${deliveredLastMinute} delivered in the last minute, ${delivered} delivered and ${failed} failed since the start`,
    ],
  ),
];

/** As `destinations list` says it. */
const CIRCUITS = { closed: 'up', half_open: 'down, tried now', open: 'down' } as const;
