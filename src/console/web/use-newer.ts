/** How many rows came since a list was shown. They shift nothing: a person asks for them. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageJson } from '../api-types.ts';
import { hinted, hints } from './hints.ts';
import { afterInSight } from './in-sight.ts';
import { ask, ServerError } from './server.ts';

/** Where nothing says that there is news: as often as a person expects some, less often where none comes. */
const ASK_MS = 5_000;
const ASK_MS_MAX = 60_000;

/** More are not counted: each open page asks again at each hint, beside a server that has others to answer. */
export const NEWER_MAX = 10;

/** The newest rows of a list alone: those that are counted and one more, and no more than are shown. */
const newestOf = (path: string): string => {
  const [at = '', query = ''] = path.split('?', 2);
  const params = new URLSearchParams(query);
  params.set('limit', String(Math.min(Number(params.get('limit') ?? Infinity), NEWER_MAX + 1)));
  return `${at}?${params}`;
};

/**
 * Up to `NEWER_MAX`, and one more where there are more. `path` is what was asked for `shown`; null for a page that nothing new
 * can be on. `hint`: the newest when it was asked, for one that came while the answer was on its way may be of what is not in it.
 */
export const useNewer = <Item>(
  path: string | null,
  { shown, hint }: { readonly shown: readonly Item[] | null; readonly hint: number },
  keyOf: (item: Item) => string | number,
): number => {
  const [newer, setNewer] = useState(0);
  /** Up to which hint was looked. */
  const seen = useRef(0);
  const state = hints();

  useEffect(() => {
    setNewer(0);
    seen.current = hint;
  }, [path, shown]);

  useEffect(() => {
    if (path === null || shown === null || state === 'paused' || state === 'away') return undefined;
    const known = new Set(shown.map(keyOf));
    const abort = new AbortController();
    const look = async (): Promise<number> => {
      try {
        const { items } = await ask<PageJson<Item>>(newestOf(path), { signal: abort.signal, isBackground: true });
        const count = items.filter((item) => !known.has(keyOf(item))).length;
        setNewer(count);
        return count;
      } catch (error) {
        // What is down is told to whoever asks for something.
        if (!(error instanceof ServerError)) throw error;
        return 0;
      }
    };
    const stop = state === 'live' ? lookWhenHinted(look, seen) : lookNowAndThen(look);
    return () => {
      stop();
      abort.abort();
    };
  }, [path, shown, keyOf, state]);
  return newer;
};

/** One look at a time; nobody is asked while the page is hidden, and once when it is not any more. */
const lookWhenHinted = (look: () => Promise<unknown>, seen: { current: number }): (() => void) => {
  let isLooking = false;
  let isStopped = false;
  const catchUp = async (): Promise<void> => {
    if (isLooking || document.hidden) return;
    isLooking = true;
    while (!isStopped && seen.current !== hinted.peek()) {
      seen.current = hinted.peek();
      await look();
    }
    isLooking = false;
  };
  const leave = hinted.subscribe(() => void catchUp());
  const onVisible = (): void => void catchUp();
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    isStopped = true;
    leave();
    document.removeEventListener('visibilitychange', onVisible);
  };
};

const lookNowAndThen = (look: () => Promise<number>): (() => void) => {
  let stop = (): void => undefined;
  let isStopped = false;
  const lookAfter = (ms: number): void => {
    const lookOnce = async (): Promise<void> => {
      const count = await look();
      if (!isStopped) lookAfter(count > 0 ? ASK_MS : Math.min(ms * 2, ASK_MS_MAX));
    };
    stop = afterInSight(ms, () => void lookOnce());
  };
  lookAfter(ASK_MS);
  return () => {
    isStopped = true;
    stop();
  };
};
