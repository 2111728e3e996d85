/** A destination that answers as a test says, and notes what it was sent and how much at a time. */
import type { Destination, DestinationMessage, SendOutcome } from '../../src/destinations/destination.ts';

export const DELIVERED: SendOutcome = { outcome: 'delivered' };

export const failedWith = (
  reason: (SendOutcome & { outcome: 'failed' })['reason'],
  overrides: Partial<SendOutcome & { outcome: 'failed' }> = {},
): SendOutcome => ({
  outcome: 'failed',
  reason,
  detail: `the destination said ${reason}`,
  retryAfterMs: null,
  isDestinationDown: true,
  ...overrides,
});

export type Answer = (message: DestinationMessage, signal: AbortSignal) => SendOutcome | Promise<SendOutcome>;

export interface ScriptedDestination extends Destination {
  /** What it does from now on. */
  answer: Answer;
  /** Ids in the order in which they were sent, repeats included. */
  readonly sent: string[];
  /** Ids in the order in which they were delivered. */
  readonly delivered: string[];
  /** How many calls were under way when each call began, itself included. */
  readonly underwayAt: number[];
}

export const createScriptedDestination = (name: string, answer: Answer = () => DELIVERED): ScriptedDestination => {
  let underway = 0;
  const destination: ScriptedDestination = {
    name,
    kind: 'http',
    messagesMax: 1,
    answer,
    sent: [],
    delivered: [],
    underwayAt: [],
    async send(messages, signal) {
      underway += 1;
      destination.underwayAt.push(underway);
      destination.sent.push(...messages.map(({ id }) => id));
      const results = await Promise.all(messages.map((message) => destination.answer(message, signal)));
      for (const [index, { id }] of messages.entries()) {
        if (results[index]?.outcome === 'delivered') destination.delivered.push(id);
      }
      underway -= 1;
      return results;
    },
  };
  return destination;
};
