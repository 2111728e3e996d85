/** What the server answers to an address, for a screen; asked again when the address changes. */
import { useEffect, useState } from 'preact/hooks';
import { ask, ServerError } from './server.ts';

export interface Asked<Answer> {
  /** The last answer, also while the next is on its way. */
  readonly answer: Answer | null;
  readonly problem: ServerError | null;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

interface State<Answer> extends Omit<Asked<Answer>, 'reload'> {
  readonly path: string;
}

/** What is down is asked for again by itself. */
const AGAIN_MS = 10_000;

export const useAnswer = <Answer>(path: string): Asked<Answer> => {
  const [round, setRound] = useState({ isByItself: false });
  const [state, setState] = useState<State<Answer>>({ path, answer: null, problem: null, isLoading: true });
  useEffect(() => {
    const abort = new AbortController();
    let again: ReturnType<typeof setTimeout> | undefined;
    setState((before) => ({ ...before, isLoading: true }));
    ask<Answer>(path, { signal: abort.signal, isBackground: round.isByItself })
      .then((answer) => setState({ path, answer, problem: null, isLoading: false }))
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        if (!(error instanceof ServerError)) throw error;
        setState({ path, answer: null, problem: error, isLoading: false });
        if (error.isPassing) again = setTimeout(() => setRound({ isByItself: true }), AGAIN_MS);
      });
    return () => {
      abort.abort();
      clearTimeout(again);
    };
  }, [path, round]);
  return { ...state, reload: () => setRound({ isByItself: false }) };
};
