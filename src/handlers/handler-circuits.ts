/**
 * A circuit for each handler: one that hangs or fails is left alone but for a probe now and then, and its webhooks rest
 * without holding a place that others could use.
 */
import { type Circuit, createCircuit } from '../core/circuit.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Randomness } from '../core/ports/randomness.ts';

export interface HandlerCircuits {
  /** Null: it may be called, and `ended` is told how it went. Otherwise it rests, and may be asked again after so long. */
  begin(handler: string): number | null;
  ended(handler: string, how: 'answered' | 'failed' | 'cut_off'): void;
}

/** While somebody else's probe is under way. */
const PROBE_WAIT_MS = 1000;

export const createHandlerCircuits = (deps: {
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'fraction'>;
}): HandlerCircuits => {
  const circuits = new Map<string, Circuit>();
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
      return null;
    },
    ended(handler, how) {
      const circuit = circuitOf(handler);
      if (how === 'answered') circuit.answered();
      else if (how === 'failed') circuit.failed(null);
      else circuit.abandoned();
    },
  };
};
