/** What every destination promises, whatever it is: the contract of `src/destinations/destination.ts`. */
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import type { Destination, DestinationMessage } from '../../src/destinations/destination.ts';

export interface DestinationSetup extends AsyncDisposable {
  readonly destination: Destination;
  /** Ids of the messages that arrived, in the order of their arrival. */
  readonly arrivedIds: () => readonly string[] | Promise<readonly string[]>;
  /** From now on nothing can be delivered, or can be again. */
  readonly setDown: (isDown: boolean) => void | Promise<void>;
}

export const messageNumber = (number: number, text = ''): DestinationMessage => ({
  id: `stripe:evt_${number}`,
  type: 'payment.succeeded',
  occurredAt: null,
  body: JSON.stringify({ type: 'payment.succeeded', timestamp: '2026-03-01T12:00:00.000Z', data: { number, text } }),
});

export const messagesUpTo = (count: number): readonly DestinationMessage[] =>
  Array.from({ length: count }, (_, index) => messageNumber(index + 1));

const DELIVERED = { outcome: 'delivered' };

export const describeDestination = (name: string, open: () => Promise<DestinationSetup>): void => {
  describe(`${name} as a destination`, () => {
    let setup: DestinationSetup;

    beforeEach(async () => {
      setup = await open();
    });

    afterEach(() => setup[Symbol.asyncDispose]());

    test('delivers as many messages as it takes at a time, in their order, with one result for each', async () => {
      const messages = messagesUpTo(setup.destination.messagesMax);

      const results = await setup.destination.send(messages, new AbortController().signal);

      expect(results).toEqual(messages.map(() => DELIVERED));
      expect(await setup.arrivedIds()).toEqual(messages.map(({ id }) => id));
    });

    test('says of a destination that is down that it is, in one sentence for each message, and delivers when it is back', async () => {
      const messages = messagesUpTo(setup.destination.messagesMax);
      await setup.setDown(true);

      const results = await setup.destination.send(messages, new AbortController().signal);

      expect(results).toHaveLength(messages.length);
      for (const result of results) {
        expect(result).toMatchObject({ outcome: 'failed', isDestinationDown: true });
        if (result.outcome !== 'failed') continue;
        expect(result.detail.length).toBeLessThanOrEqual(LIMITS.lastErrorCharsMax);
        expect(result.detail).toMatch(/^\S.*\S$/);
      }
      await setup.setDown(false);
      expect(await setup.destination.send(messages, new AbortController().signal)).toEqual(
        messages.map(() => DELIVERED),
      );
    });

    test('sends nothing once its caller has stopped, and does not blame the destination', async () => {
      const results = await setup.destination.send([messageNumber(1)], AbortSignal.abort());

      expect(results).toEqual([expect.objectContaining({ outcome: 'failed', isDestinationDown: false })]);
      expect(await setup.arrivedIds()).toEqual([]);
    });

    test('leaves nothing behind at the signal of its caller, which lives long', async () => {
      const { signal } = new AbortController();

      for (const message of messagesUpTo(3)) await setup.destination.send([message], signal);

      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });
  });
};
