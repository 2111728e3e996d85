/** What became of a replay or redrive, in words. */
import type { ReplayOutcome } from '../process/replay.ts';

/** What follows the id of the webhook in a sentence; for dead letters too. */
export const describeReplay = (outcome: ReplayOutcome): { readonly isDone: boolean; readonly text: string } => {
  switch (outcome.outcome) {
    case 'queued':
      return { isDone: true, text: `queued again (was ${outcome.from})` };
    case 'waiting_already':
      return { isDone: true, text: `waits on the queue already (${outcome.status})` };
    case 'not_dead_lettered':
      return { isDone: false, text: `is ${outcome.status}, not dead-lettered: use payhook webhooks replay` };
    case 'unparsable':
      return { isDone: false, text: 'cannot be processed: its signed body was not understood; see its payload' };
    case 'missing':
      return { isDone: false, text: 'is gone' };
    case 'changed_meanwhile':
      return { isDone: false, text: 'was changed at the same moment: look at it and try again' };
    default:
      return outcome satisfies never;
  }
};
