/** How many rows came since a list was shown. They shift nothing: a person asks for them. */
import { useEffect, useState } from 'preact/hooks';
import type { PageJson } from '../api-types.ts';
import { ask, ServerError } from './server.ts';

/** As often as a person expects news; nobody is asked while the page is hidden. */
const ASK_EVERY_MS = 5_000;

/** `path` is what was asked for `shown`; null for a page that nothing new can be on. */
export const useNewer = <Item>(
  path: string | null,
  shown: readonly Item[] | null,
  keyOf: (item: Item) => string | number,
): number => {
  const [newer, setNewer] = useState(0);
  useEffect(() => {
    setNewer(0);
    if (path === null || shown === null) return undefined;
    const known = new Set(shown.map(keyOf));
    const abort = new AbortController();
    const look = async (): Promise<void> => {
      if (document.hidden) return;
      try {
        const { items } = await ask<PageJson<Item>>(path, { signal: abort.signal, isBackground: true });
        setNewer(items.filter((item) => !known.has(keyOf(item))).length);
      } catch (error) {
        // What is down is told to whoever asks for something.
        if (!(error instanceof ServerError)) throw error;
      }
    };
    const timer = setInterval(() => void look(), ASK_EVERY_MS);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [path, shown, keyOf]);
  return newer;
};
