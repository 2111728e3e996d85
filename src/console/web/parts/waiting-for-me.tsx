/** How many jobs wait for whoever is there, and not for somebody else: behind the name of the screen. */
import { useEffect, useState } from 'preact/hooks';
import type { JobsJson } from '../../api-types.ts';
import { everyInSight } from '../in-sight.ts';
import { place } from '../location.ts';
import { ask, ServerError, session } from '../server.ts';

/** One that is asked for meanwhile is seen after as long. */
const LOOK_EVERY_MS = 30_000;

export const WaitingForMe = () => {
  const [count, setCount] = useState(0);
  const [turn, setTurn] = useState(0);
  useEffect(() => everyInSight(LOOK_EVERY_MS, () => setTurn((before) => before + 1)), []);
  useEffect(() => {
    const abort = new AbortController();
    ask<JobsJson>('/api/approvals', { signal: abort.signal, isBackground: true })
      .then(({ items }) =>
        setCount(items.filter(({ requestedBy }) => requestedBy.id !== session.value?.operator).length),
      )
      .catch((error: unknown) => {
        // What is down is told to whoever asks for something.
        if (!abort.signal.aborted && !(error instanceof ServerError)) throw error;
      });
    return () => abort.abort();
  }, [turn, place.value.path]);
  return count === 0 ? null : (
    <>
      {' '}
      <span class="mark">
        {count}
        <span class="unseen"> {count === 1 ? 'waits' : 'wait'} for you</span>
      </span>
    </>
  );
};
