/** Plays one run of a scenario to its end, and says whether what is promised held. */

import { COST_USD } from './assumptions.ts';
import { AwsHome, type SecondSeen } from './aws-home.ts';
import type { Run, Scenario } from './scenarios.ts';
import { seededDraws } from './seeded-draws.ts';

/** So long after a change it is simulated call by call; by then the receivers are warm or full. */
const CALL_BY_CALL_SECONDS = 15;
/** Later than any provider's last attempt and any webhook's last: what is not done by then hangs. */
const SECONDS_MAX = 8 * 24 * 3600;
const POINTS = 240;

/** Averages over one step of the drawing. */
export interface Point {
  readonly second: number;
  readonly received: number;
  readonly throttled: number;
  readonly processed: number;
  /** Processing attempts that failed and rest. */
  readonly rested: number;
  readonly atProviders: number;
  readonly queued: number;
  readonly resting: number;
  /** Null where nothing was received or processed in this step. */
  readonly secondsUntilReceived: number | null;
  readonly secondsUntilProcessed: number | null;
  readonly auditSeconds: number;
  readonly usd: number;
}

export interface RunResult {
  readonly run: Run;
  readonly points: readonly Point[];
  readonly totals: AwsHome['totals'];
  readonly lost: number;
  readonly onTime: number;
  readonly receivedP99Seconds: number;
  readonly receivedMaxSeconds: number;
  readonly processedP99Seconds: number;
  readonly waitingMax: number;
  readonly auditMaxSeconds: number;
  readonly finishedAt: number;
  readonly firstSecondThrottled: number;
  /** What was promised and did not hold. */
  readonly broken: readonly string[];
}

export const runScenario = (scenario: Scenario, run: Run): RunResult => {
  const home = new AwsHome(run.settings, seededDraws(scenario.seed));
  const points: Point[] = [];
  const step = Math.max(1, Math.round(scenario.drawnSeconds / POINTS));
  let seen: SecondSeen[] = [];
  let [now, waitingMax, auditMaxSeconds, firstSecondThrottled, lastAt] = [0, 0, 0, 0, 0];
  for (; now < scenario.arrivalsEnd || !home.isDone; now += 1) {
    if (now > SECONDS_MAX) break;
    const isCallByCall = scenario.changes.some((change) => now >= change && now < change + CALL_BY_CALL_SECONDS);
    const second = home.second(now, scenario.weatherAt(now), isCallByCall);
    if (now === 0) firstSecondThrottled = throttledOf(second);
    if (second.processed > 0) lastAt = now;
    waitingMax = Math.max(waitingMax, home.work.ready + home.work.resting);
    auditMaxSeconds = Math.max(auditMaxSeconds, home.auditSeconds);
    if (now >= scenario.drawnSeconds) continue;
    seen.push(second);
    if (seen.length === step) {
      points.push(pointOf(now + 1 - step, seen, home));
      seen = [];
    }
  }
  const { totals } = home;
  totals.usd +=
    (run.settings.provisioned * COST_USD.provisionedHour * scenario.arrivalsEnd) / 3600 + run.settings.warmUsd;
  const result = {
    run,
    points,
    totals,
    lost: home.retries.givenUp,
    onTime: home.untilReceived.partWithin(0),
    receivedP99Seconds: home.untilReceived.quantile(0.99),
    receivedMaxSeconds: home.untilReceived.max,
    processedP99Seconds: home.untilProcessed.quantile(0.99),
    waitingMax,
    auditMaxSeconds,
    finishedAt: lastAt + 1,
    firstSecondThrottled,
  };
  return { ...result, broken: brokenPromises(result) };
};

/** The stream forgets what is older. */
const AUDIT_SECONDS_MAX = 24 * 3600;

const brokenPromises = ({ run, totals, lost, ...result }: Omit<RunResult, 'broken'>): string[] => [
  ...(lost > 0 ? [`${lost} lost: their providers gave up`] : []),
  ...(totals.processed + lost === totals.arrived
    ? []
    : [`${totals.arrived} arrived, ${totals.processed} processed and ${lost} lost: not the same`]),
  ...(result.finishedAt <= run.processedWithin
    ? []
    : [`done after ${result.finishedAt} s, not ${run.processedWithin}`]),
  ...(result.processedP99Seconds <= run.processingP99Within
    ? []
    : [`p99 of processing ${result.processedP99Seconds} s, not ${run.processingP99Within}`]),
  ...(result.auditMaxSeconds <= AUDIT_SECONDS_MAX ? [] : [`the trail was ${result.auditMaxSeconds} s behind`]),
];

const throttledOf = (second: SecondSeen): number =>
  second.throttledByFirewall + second.throttledByStage + second.throttledByLambda + second.throttledByTable;

const pointOf = (second: number, seen: readonly SecondSeen[], home: AwsHome): Point => {
  const sum = (of: (each: SecondSeen) => number): number => seen.reduce((total, each) => total + of(each), 0);
  const [received, processed] = [sum((each) => each.received), sum((each) => each.processed)];
  return {
    second,
    received: received / seen.length,
    throttled: sum(throttledOf) / seen.length,
    processed: processed / seen.length,
    rested: sum((each) => each.rested) / seen.length,
    atProviders: home.retries.waiting,
    queued: home.work.ready,
    resting: home.work.resting,
    secondsUntilReceived: received === 0 ? null : sum((each) => each.secondsUntilReceived) / received,
    secondsUntilProcessed: processed === 0 ? null : sum((each) => each.secondsUntilProcessed) / processed,
    auditSeconds: home.auditSeconds,
    usd: home.totals.usd,
  };
};
