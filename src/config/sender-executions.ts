/**
 * How much is sent to a destination at a time on AWS, where Lambda decides how many executions of the sender there are: the
 * stack caps them, and each keeps to its part of what the configuration allows.
 */
import type { NamedDestination } from './destinations-of.ts';

/** Events in one invocation of the sender: as many as EventBridge takes in one call. */
export const SENDER_BATCH_SIZE = 10;

/** The least that Lambda can be told: a destination that wants one request at a time may get two. */
const EXECUTIONS_MIN = 2;

/** A call with ten events takes some 30 ms with what is written about it: 1000 events a second and more. */
const EXECUTIONS_OF_BUS = 5;

/** Executions of the sender that work for the destination at the same time, at the most. */
export const senderExecutionsOf = (destination: NamedDestination): number =>
  destination.kind === 'http'
    ? Math.max(EXECUTIONS_MIN, Math.ceil(destination.concurrencyMax / SENDER_BATCH_SIZE))
    : EXECUTIONS_OF_BUS;

export interface SenderShare {
  readonly concurrencyMax: number;
  /** Null: no limit but `concurrencyMax`. */
  readonly requestsPerSecondMax: number | null;
}

/** What one execution may do: together they keep within the configuration, but for the one that each must have. */
export const senderShareOf = (destination: NamedDestination): SenderShare => {
  if (destination.kind !== 'http') return { concurrencyMax: 1, requestsPerSecondMax: null };
  const { concurrencyMax, requestsPerSecondMax } = destination;
  const partOf = (whole: number): number => Math.max(1, Math.floor(whole / senderExecutionsOf(destination)));
  return {
    concurrencyMax: partOf(concurrencyMax),
    requestsPerSecondMax: requestsPerSecondMax === undefined ? null : partOf(requestsPerSecondMax),
  };
};
