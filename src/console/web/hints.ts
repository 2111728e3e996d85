/**
 * Whether anything has changed at the server, as it says itself. One tab of a browser listens for all that are seen: a browser
 * opens six connections to a host at the most, and a stream keeps one. Where there are no hints, lists ask now and then.
 */
import { effect, signal } from '@preact/signals';
import { session } from './server.ts';

type Hints = 'live' | 'asking' | 'away' | 'paused';

const isPaused = signal(false);
const reached = signal<Exclude<Hints, 'paused'>>('asking');

/** Grows with every hint. */
export const hinted = signal(0);
/** `live`: told of what changes. `asking`: not, and asking instead. `away`: the server does not answer. */
export const hints = (): Hints => (isPaused.value ? 'paused' : reached.value);

/** Nothing on the screen changes by itself until it is called again: WCAG 2.2.2. */
export const pauseHints = (): void => {
  isPaused.value = !isPaused.value;
};

const RETRY_MS = 2_000;
const RETRY_MS_MAX = 60_000;

type Heard = { readonly version: number | null; readonly reached: Exclude<Hints, 'paused'> };

const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('payhook.hints') : null;
let version: number | null = null;

const hear = (heard: Heard): void => {
  reached.value = heard.reached;
  if (heard.version === null || heard.version === version) return;
  version = heard.version;
  hinted.value += 1;
};

const say = (heard: Heard): void => {
  hear(heard);
  channel?.postMessage(heard);
};

const wait = (ms: number, abort: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    abort.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** `none`: there are no hints here, and there will be none. `ended`: there was a stream, or will soon be one. */
const listen = async (abort: AbortSignal): Promise<'none' | 'ended' | 'unreachable'> => {
  const response = await fetch('/api/hints', {
    signal: abort,
    cache: 'no-store',
    headers: { 'X-Payhook-Background': '1' },
  }).catch(() => null);
  if (response === null || response.status >= 500) return 'unreachable';
  // The streams of pages that were left a moment ago are still counted.
  if (response.status === 429) return 'ended';
  if (!response.ok || response.body === null || response.status === 204) return 'none';
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ''; ; ) {
    const { done, value = '' } = await reader.read().catch(() => ({ done: true, value: '' }));
    if (done) return 'ended';
    const lines = (text + value).split('\n');
    text = lines.pop() ?? '';
    const versions = lines.flatMap((line) => /^data: \{"version":(\d+)\}$/.exec(line)?.[1] ?? []);
    say({ version: versions.length === 0 ? version : Number(versions.at(-1)), reached: 'live' });
  }
};

/** For as long as somebody is logged in; each time that the server is away, the wait is twice as long. */
const follow = async (abort: AbortSignal): Promise<void> => {
  for (let retryMs = RETRY_MS; !abort.aborted; ) {
    const outcome = await listen(abort);
    if (abort.aborted || outcome === 'none') break;
    say({ version: null, reached: outcome === 'unreachable' ? 'away' : 'asking' });
    retryMs = outcome === 'ended' ? RETRY_MS : Math.min(retryMs * 2, RETRY_MS_MAX);
    await wait(retryMs, abort);
  }
  if (!abort.aborted) say({ version: null, reached: 'asking' });
};

export const followHints = (): void => {
  channel?.addEventListener('message', ({ data }: MessageEvent<Heard>) => hear(data));
  const isSeen = signal(!document.hidden);
  document.addEventListener('visibilitychange', () => {
    isSeen.value = !document.hidden;
  });
  effect(() => {
    if (session.value === null || !isSeen.value) return undefined;
    const abort = new AbortController();
    const { signal: aborted } = abort;
    // Whoever has the lock listens; when its tab is closed or hidden, the next one gets it.
    if ('locks' in navigator) {
      navigator.locks.request('payhook.hints', { signal: aborted }, () => follow(aborted)).catch(() => undefined);
    } else void follow(aborted);
    return () => abort.abort();
  });
};
