/** The life of one webhook in the order of time, with how long each step took. Pure. */
import type { WebhookDetailJson } from '../api-types.ts';

export interface Step {
  readonly at: string;
  /** Since the step before; null for the first. */
  readonly gapMs: number | null;
  readonly what: string;
  /** A status or an outcome; null where there is none. */
  readonly state: string | null;
  /** What others said about it; null where nothing was said. */
  readonly said: string | null;
}

type Timeless = Omit<Step, 'gapMs'>;

const OPERATORS: readonly string[] = ['REDRIVEN', 'REPLAYED'];

const attemptSteps = ({ history }: WebhookDetailJson): readonly Timeless[] =>
  history.map(({ at, outcome, durationMs, handler, error, reason }) => ({
    at,
    what: `attempt${handler === null ? '' : `: ${handler}`} (${durationMs} ms)`,
    state: outcome,
    said: error ?? reason,
  }));

/** Who put it back, and why: as the trail says it. */
const operatorSteps = ({ audit }: WebhookDetailJson): readonly Timeless[] =>
  audit
    .filter(({ event }) => OPERATORS.includes(event))
    .map(({ ts, event, actor, reason }) => ({
      at: ts,
      what: `${event === 'REDRIVEN' ? 'redriven' : 'replayed'} by ${actor.id}`,
      state: null,
      said: reason,
    }));

const destinationSteps = ({ destinations }: WebhookDetailJson): readonly Timeless[] =>
  destinations.map(({ changedAt, destination, state, failures, lastError }) => ({
    at: changedAt,
    what: `${destination}${failures === 0 ? '' : ` (${failures} failed before)`}`,
    state,
    said: lastError,
  }));

/** What the provider was asked for, and what it said. */
const presentSteps = ({ provider, present = [] }: WebhookDetailJson): readonly Timeless[] =>
  present.map(({ at, kind, id, outcome, detail, names = [] }) => ({
    at,
    what: `${provider} was asked for ${kind} ${id}`,
    state: outcome,
    said: detail ?? (names.length === 0 ? null : names.map((name) => name.id).join(' ')),
  }));

export const timelineOf = (webhook: WebhookDetailJson): readonly Step[] => {
  const { timestamp, provider, receivedAt, secretId } = webhook;
  const steps: Timeless[] = [
    ...(timestamp === null ? [] : [{ at: timestamp, what: `happened at ${provider}`, state: null, said: null }]),
    { at: receivedAt, what: `received, verified with ${secretId}, stored and queued`, state: null, said: null },
    ...attemptSteps(webhook),
    ...presentSteps(webhook),
    ...operatorSteps(webhook),
    ...destinationSteps(webhook),
  ];
  steps.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return steps.map((step, index) => {
    const before = steps[index - 1];
    return { ...step, gapMs: before === undefined ? null : Date.parse(step.at) - Date.parse(before.at) };
  });
};
