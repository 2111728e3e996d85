/** The days that the AWS home has to survive, and within which time everything has to be processed. */
import type { Weather } from './aws-home.ts';
import { AS_DEPLOYED, plannedFor, type StackSettings } from './stack-settings.ts';

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly seed: number;
  readonly weatherAt: (second: number) => Weather;
  /** Nothing new arrives from here on. */
  readonly arrivalsEnd: number;
  /** Seconds in which something changes: from each on it is simulated call by call for a while. */
  readonly changes: readonly number[];
  readonly drawnSeconds: number;
  readonly runs: readonly Run[];
}

export interface Run {
  readonly settings: StackSettings;
  /** After the first arrival, everything has been processed. */
  readonly processedWithin: number;
  /** After it was acknowledged, 99 of 100 have been processed. */
  readonly processingP99Within: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const CLEAR: Weather = { arrivals: 1000, isDownstreamOut: false, isDynamodbBrown: false };
const during = (second: number, from: number, seconds: number): boolean => second >= from && second < from + seconds;
const load = (perSecond: number): Weather => ({ ...CLEAR, arrivals: perSecond });

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'first-second',
    title: 'From nothing to 1,000/s in one second, for ten minutes',
    seed: 1,
    weatherAt: (second) => load(second < 10 * MINUTE ? 1000 : 0),
    arrivalsEnd: 10 * MINUTE,
    changes: [0],
    drawnSeconds: 20 * MINUTE,
    runs: [
      { settings: AS_DEPLOYED, processedWithin: 2 * HOUR, processingP99Within: 30 * MINUTE },
      { settings: plannedFor(1000), processedWithin: 11 * MINUTE, processingP99Within: 10 },
    ],
  },
  {
    name: 'ten-hours',
    title: 'Ten hours at 1,000/s',
    seed: 2,
    weatherAt: (second) => load(second < 10 * HOUR ? 1000 : 0),
    arrivalsEnd: 10 * HOUR,
    changes: [0],
    drawnSeconds: 20 * HOUR,
    runs: [
      { settings: AS_DEPLOYED, processedWithin: 72 * HOUR, processingP99Within: 30 * MINUTE },
      { settings: plannedFor(1000), processedWithin: 11 * HOUR, processingP99Within: 10 },
    ],
  },
  {
    name: 'ten-times',
    title: 'Ten times 1,000/s for ten minutes, between hours at 300/s',
    seed: 3,
    weatherAt: (second) => load(during(second, HOUR, 10 * MINUTE) ? 10_000 : second < 6 * HOUR ? 300 : 0),
    arrivalsEnd: 6 * HOUR,
    changes: [0, HOUR, HOUR + 10 * MINUTE],
    drawnSeconds: 12 * HOUR,
    runs: [
      { settings: AS_DEPLOYED, processedWithin: 72 * HOUR, processingP99Within: HOUR },
      { settings: plannedFor(10_000), processedWithin: 7 * HOUR, processingP99Within: MINUTE },
    ],
  },
  {
    name: 'downstream-outage',
    title: 'What the handlers call is out for an hour, at 500/s',
    seed: 4,
    weatherAt: (second) => ({ ...load(second < 4 * HOUR ? 500 : 0), isDownstreamOut: during(second, HOUR, HOUR) }),
    arrivalsEnd: 4 * HOUR,
    changes: [0, HOUR, 2 * HOUR],
    drawnSeconds: 4 * HOUR,
    runs: [
      { settings: AS_DEPLOYED, processedWithin: 5 * HOUR, processingP99Within: 80 * MINUTE },
      { settings: plannedFor(1000), processedWithin: 5 * HOUR, processingP99Within: 80 * MINUTE },
    ],
  },
  {
    name: 'dynamodb-brown-out',
    title: 'DynamoDB answers nothing in time for twenty minutes, at 500/s',
    seed: 5,
    weatherAt: (second) => ({
      ...load(second < 4 * HOUR ? 500 : 0),
      isDynamodbBrown: during(second, HOUR, 20 * MINUTE),
    }),
    arrivalsEnd: 4 * HOUR,
    changes: [0, HOUR, HOUR + 20 * MINUTE],
    drawnSeconds: 8 * HOUR,
    runs: [
      { settings: AS_DEPLOYED, processedWithin: 24 * HOUR, processingP99Within: 30 * MINUTE },
      { settings: plannedFor(1000), processedWithin: 24 * HOUR, processingP99Within: 30 * MINUTE },
    ],
  },
  {
    name: 'firewall-default',
    title: 'An hour at 1,000/s, with the firewall’s default of 10/s for each of PayPal’s addresses',
    seed: 6,
    weatherAt: (second) => load(second < HOUR ? 1000 : 0),
    arrivalsEnd: HOUR,
    changes: [0],
    drawnSeconds: 56 * HOUR,
    runs: [
      {
        settings: { ...plannedFor(1000), label: 'planned, 10/s for other addresses', perOtherAddress: 10 },
        processedWithin: 72 * HOUR,
        processingP99Within: 10,
      },
      { settings: plannedFor(1000), processedWithin: 2 * HOUR, processingP99Within: 10 },
    ],
  },
];
