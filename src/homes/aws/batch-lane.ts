/**
 * How the messages of one batch share an execution: together, but for those that have to run alone. They wait until
 * nothing else is under way, and are let in one after the other as long as there is time for one more.
 */
import type { Randomness } from '../../core/ports/randomness.ts';
import type { AloneLane } from '../../process/alone.ts';

export interface BatchLane extends AloneLane {
  /** Works on one message of the batch. All are begun before any of them is let in to run alone. */
  run(work: () => Promise<void>): Promise<void>;
}

export interface BatchLaneDeps {
  /** Whether what is begun now can still come to its end. */
  readonly hasTimeLeft: () => boolean;
  /** Before each that runs alone: it may be the last that this execution does. Never rejects. */
  readonly beforeEach: () => Promise<void>;
  readonly randomness: Pick<Randomness, 'fraction'>;
}

export const createBatchLane = ({ hasTimeLeft, beforeEach, randomness }: BatchLaneDeps): BatchLane => {
  /** Messages that are worked on; those that wait for their turn are not counted. */
  let underway = 0;
  const waiting: ((mayRun: boolean) => void)[] = [];

  /** Any of them and not the first: the one that takes the execution down must not go before the others each time. */
  const letNextIn = (): void => {
    if (underway > 0 || waiting.length === 0) return;
    const isTime = hasTimeLeft();
    const next = isTime ? waiting.splice(Math.floor(randomness.fraction() * waiting.length), 1) : waiting.splice(0);
    underway += next.length;
    if (isTime) void beforeEach().then(() => next[0]?.(true));
    else for (const tell of next) tell(false);
  };
  const isNoLongerUnderway = (): void => {
    underway -= 1;
    letNextIn();
  };

  return {
    async run(work) {
      underway += 1;
      try {
        await work();
      } finally {
        isNoLongerUnderway();
      }
    },
    enter() {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      waiting.push(resolve);
      isNoLongerUnderway();
      return promise;
    },
    /** The next one is let in when all of this one's work is done, the report of it included. */
    leave: () => undefined,
  };
};
