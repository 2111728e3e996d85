/**
 * A backlog of a million, as after a day on which nothing was processed: how fast it drains against a small one on an empty
 * database, and how fast its last ones do, when a million payments with their names are stored.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openDataDirectory } from '../src/homes/local/data-directory.ts';
import { fillBacklog } from './fill-backlog.ts';
import { startPayhook } from './payhook-server.ts';
import { atLeast, atMost, type SectionReport } from './report.ts';
import type { SectionContext } from './section.ts';
import { median } from './statistics.ts';
import { countWaiting } from './stored-rows.ts';

const COUNTS = { quick: { small: 5000, large: 20_000 }, full: { small: 50_000, large: 1_000_000 } } as const;
/** Of the rate of a small backlog. */
const RATE_AIM = 0.8;
const SLOWER_AIM = 1.2;
/** V8 has compiled what is hot by then. */
const WARM_SHARE = 0.2;
const STANDSTILL_MS_MAX = 60_000;
const LOOK_EVERY_MS = 500;

interface Look {
  readonly at: number;
  readonly left: number;
}

/** Starts a server on a backlog and looks how many are left until none is. */
const drain = async ({ newDirectory, progress }: SectionContext, count: number): Promise<readonly Look[]> => {
  progress(`a backlog of ${count} webhooks is made`);
  const dataDirectory = newDirectory(`backlog-${count}`);
  await fillBacklog(dataDirectory, count);
  progress(`a backlog of ${count} webhooks drains`);
  await using _server = await startPayhook({ dataDirectory });
  const { database } = openDataDirectory(dataDirectory);
  const looks: Look[] = [];
  let movedAt = performance.now();
  for (let left = count; left > 0; await sleep(LOOK_EVERY_MS)) {
    const before = left;
    left = countWaiting(database);
    const at = performance.now();
    if (left < before) movedAt = at;
    if (at - movedAt > STANDSTILL_MS_MAX)
      throw new Error(`${left} of ${count} wait, and none was processed for a minute`);
    looks.push({ at, left });
  }
  return looks;
};

/** Webhooks a second between the first look that finds at most `from` left and the last one. */
const rateFrom = (looks: readonly Look[], from: number): number => {
  const first = looks.find(({ left }) => left <= from);
  const last = looks.at(-1);
  return first === undefined || last === undefined ? Number.NaN : (first.left / (last.at - first.at)) * 1000;
};

export const backlogSection = async (context: SectionContext): Promise<SectionReport> => {
  const { small, large } = context.isQuick ? COUNTS.quick : COUNTS.full;
  const smallRate = async (): Promise<number> => rateFrom(await drain(context, small), small * (1 - WARM_SHARE));
  const before = await smallRate();
  const looks = await drain(context, large);
  const after = await smallRate();
  const alone = median([before, after]);
  const whole = rateFrom(looks, large - small * WARM_SHARE);
  const end = rateFrom(looks, small);
  const note = `${Math.round(before)} before and ${Math.round(after)} after the large one`;
  return {
    section: 'A backlog: payments, no handler',
    rows: [
      { label: `${small} that wait, on an empty database`, value: alone, unit: '/s', note },
      { label: `${large} that wait`, value: whole, unit: '/s' },
      { label: '  to the small one', value: whole / alone, unit: 'times', aim: atLeast(whole / alone, RATE_AIM) },
      { label: `the last ${small} of ${large}`, value: end, unit: '/s' },
      { label: '  the small one to them', value: alone / end, unit: 'times', aim: atMost(alone / end, SLOWER_AIM) },
    ],
    errors: [],
  };
};
