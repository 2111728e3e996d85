/** A bar on the terminal, on standard error, beside what the command answers: how much is behind, and what was found. */
import { SingleBar } from 'cli-progress';

export interface ProgressBar<Counts> {
  /** `name`: of what is gone through, a bar of its own each; `share` from 0 to 1. */
  show(name: string, share: number, counts: Counts): void;
  stop(): void;
}

const PERCENT = 100;

/** `counts` names them where they are to stand: `{listed} listed`. */
export const createProgressBar = <Counts extends object>(isShown: boolean, counts: string): ProgressBar<Counts> => {
  let shown: { readonly name: string; readonly bar: SingleBar } | undefined;

  const stop = (): void => {
    shown?.bar.stop();
    shown = undefined;
  };
  const barOf = (name: string, first: Counts): SingleBar => {
    if (shown?.name === name) return shown.bar;
    stop();
    const format = `${name} {bar} {percentage}%  ${counts}`;
    const bar = new SingleBar({ format, hideCursor: true, barsize: 20, fps: 5 });
    bar.start(PERCENT, 0, first);
    shown = { name, bar };
    return bar;
  };

  return {
    show(name, share, now) {
      if (isShown) barOf(name, now).update(Math.round(Math.min(1, share) * PERCENT), now);
    },
    stop,
  };
};
