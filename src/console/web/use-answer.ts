/** What the server answers to an address, for a screen; asked again when the address changes. */
import { useLayoutEffect, useState } from 'preact/hooks';
import { hinted } from './hints.ts';
import { afterInSight } from './in-sight.ts';
import { tick } from './now.ts';
import { ask, ServerError } from './server.ts';

export interface Asked<Answer> {
  /** The last answer, also while the next is on its way. */
  readonly answer: Answer | null;
  readonly problem: ServerError | null;
  readonly isLoading: boolean;
  /** When the last answer came, and the newest hint by then; null before the first. */
  readonly answeredAt: string | null;
  readonly hint: number;
  readonly reload: () => void;
}

interface State<Answer> extends Omit<Asked<Answer>, 'reload'> {
  readonly path: string;
}

const UNANSWERED = { answer: null, problem: null, answeredAt: null, hint: 0 } as const;

/** What is down is asked for again by itself. */
const AGAIN_MS = 10_000;

export const useAnswer = <Answer>(path: string): Asked<Answer> => {
  const [round, setRound] = useState({ isByItself: false });
  const [state, setState] = useState<State<Answer>>({ path, ...UNANSWERED, isLoading: true });
  // Before what is there is drawn: nothing of that decides what is asked.
  useLayoutEffect(() => {
    const abort = new AbortController();
    let stopAgain = (): void => undefined;
    setState((before) => (before.isLoading ? before : { ...before, isLoading: true }));
    const hint = hinted.peek();
    ask<Answer>(path, { signal: abort.signal, isBackground: round.isByItself })
      .then((answer) => {
        if (abort.signal.aborted) return;
        const answeredAt = new Date(tick()).toISOString();
        setState({ path, answer, problem: null, isLoading: false, answeredAt, hint });
      })
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        if (!(error instanceof ServerError)) throw error;
        setState({ path, ...UNANSWERED, problem: error, isLoading: false });
        if (error.isPassing) stopAgain = afterInSight(AGAIN_MS, () => setRound({ isByItself: true }));
      });
    return () => {
      abort.abort();
      stopAgain();
    };
  }, [path, round]);
  return { ...state, reload: () => setRound({ isByItself: false }) };
};
