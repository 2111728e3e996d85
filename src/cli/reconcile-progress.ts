/** A bar on the terminal, beside what the command answers: how much of a list is behind, and what was found. */
import { SingleBar } from 'cli-progress';
import type { EventSource } from '../core/ports/provider-events.ts';
import type { Tally } from '../reconcile/tally.ts';

export interface ReconcileProgress {
  /** After each page; `share` from 0 to 1. */
  show(source: Pick<EventSource, 'id'>, tally: Tally, share: number): void;
  stop(): void;
}

const PERCENT = 100;

export const createReconcileProgress = (isShown: boolean): ReconcileProgress => {
  let shown: { readonly id: string; readonly bar: SingleBar } | undefined;

  const stop = (): void => {
    shown?.bar.stop();
    shown = undefined;
  };
  const barOf = (id: string): SingleBar => {
    if (shown?.id === id) return shown.bar;
    stop();
    const bar = new SingleBar({
      format: `${id} {bar} {percentage}%  {listed} listed, {missing} missing`,
      hideCursor: true,
      barsize: 20,
      fps: 5,
    });
    bar.start(PERCENT, 0, { listed: 0, missing: 0 });
    shown = { id, bar };
    return bar;
  };

  return {
    show({ id }, { listed, missing }, share) {
      if (isShown) barOf(id).update(Math.round(share * PERCENT), { listed, missing });
    },
    stop,
  };
};
