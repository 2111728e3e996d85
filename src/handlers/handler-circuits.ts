/**
 * A circuit for each handler: one that hangs or fails is left alone but for a probe now and then, and its webhooks rest
 * without holding a place that others could use.
 */
import { type Circuit, createCircuit } from '../core/circuit.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Randomness } from '../core/ports/randomness.ts';
import type { EpochMs } from '../core/webhook.ts';

export interface HandlerCircuits {
  /** Null: it may be called, and `ended` is told how it went. Otherwise it rests, and may be asked again after so long. */
  begin(handler: string): number | null;
  ended(handler: string, how: 'answered' | 'failed' | 'cut_off'): void;
  /** Of those that were called since the start. */
  states(): readonly HandlerState[];
}

export interface HandlerState {
  readonly name: string;
  readonly circuit: ReturnType<Circuit['state']>;
  /** While it is open. */
  readonly nextProbeAt: EpochMs | null;
  /** Calls that have not ended. */
  readonly underway: number;
  /** Calls since the start. */
  readonly answered: number;
  readonly failed: number;
  readonly lastFailedAt: EpochMs | null;
}

type Calls = Pick<HandlerState, 'underway' | 'answered' | 'failed' | 'lastFailedAt'>;
const NO_CALLS: Calls = { underway: 0, answered: 0, failed: 0, lastFailedAt: null };

/** While somebody else's probe is under way. */
const PROBE_WAIT_MS = 1000;

export const createHandlerCircuits = (deps: {
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'fraction'>;
}): HandlerCircuits => {
  const circuits = new Map<string, Circuit>();
  const callsOf = new Map<string, Calls>();
  const count = (handler: string, change: (calls: Calls) => Partial<Calls>): void => {
    const calls = callsOf.get(handler) ?? NO_CALLS;
    callsOf.set(handler, { ...calls, ...change(calls) });
  };
  /** How many calls are made at a time is the processor's affair: only whether it is down is asked here. */
  const circuitOf = (handler: string): Circuit => {
    let circuit = circuits.get(handler);
    if (circuit === undefined) {
      circuit = createCircuit({ ...deps, concurrencyMax: 1, requestsPerSecondMax: null });
      circuits.set(handler, circuit);
    }
    return circuit;
  };
  return {
    begin(handler) {
      const circuit = circuitOf(handler);
      const permit = circuit.permit(0);
      // In whole milliseconds: it becomes an instant that is stored.
      if (circuit.state() !== 'closed' && permit.count === 0) return Math.ceil(permit.waitMs ?? PROBE_WAIT_MS);
      circuit.started();
      count(handler, ({ underway }) => ({ underway: underway + 1 }));
      return null;
    },
    ended(handler, how) {
      const circuit = circuitOf(handler);
      count(handler, (calls) => ({ underway: calls.underway - 1, ...countedAs(how, calls, deps.clock.now()) }));
      if (how === 'answered') circuit.answered();
      else if (how === 'failed') circuit.failed(null);
      else circuit.abandoned();
    },
    states: () =>
      [...circuits].map(([name, circuit]) => ({
        name,
        circuit: circuit.state(),
        nextProbeAt: circuit.opensAt(),
        ...(callsOf.get(name) ?? NO_CALLS),
      })),
  };
};

const countedAs = (
  how: 'answered' | 'failed' | 'cut_off',
  { answered, failed }: Calls,
  now: EpochMs,
): Partial<Calls> => {
  switch (how) {
    case 'answered':
      return { answered: answered + 1 };
    case 'failed':
      return { failed: failed + 1, lastFailedAt: now };
    case 'cut_off':
      return {};
    default:
      return how satisfies never;
  }
};
