/** The address is the state: what is on the screen can be sent to somebody, gone back to, and loaded again. */
import { signal } from '@preact/signals';

export interface Place {
  readonly path: string;
  readonly params: ReadonlyMap<string, string>;
}

const readPlace = (): Place => ({
  path: location.pathname,
  params: new Map(new URLSearchParams(location.search)),
});

export const place = signal<Place>(readPlace());

export const hrefOf = (path: string, params: Iterable<readonly [string, string]>): string => {
  const query = new URLSearchParams(
    [...params].filter(([, value]) => value !== '').map(([name, value]) => [name, value]),
  );
  return query.size === 0 ? path : `${path}?${query}`;
};

/** The rows of the list that something was opened from, in their order. */
let listed: readonly string[] = [];

const rememberList = (): void => {
  const rows = [...document.querySelectorAll<HTMLAnchorElement>('.row-link')];
  if (rows.length > 0) listed = rows.map(({ pathname, search }) => pathname + search);
};

/** The one before or after what is open, in the list that it was opened from; null where there is none. */
export const nearby = (by: 1 | -1): string | null => {
  const at = listed.indexOf(location.pathname + location.search);
  return at < 0 ? null : (listed[at + by] ?? null);
};

/** Never out of the console: an address that was opened as it is has nothing of ours behind it. */
export const goBack = (): void => {
  if (history.state === OURS) history.back();
};

const OURS = 'ours';

/** What hangs open over the screen. */
const closePopups = (but: Node | null = null): void => {
  for (const popup of document.querySelectorAll<HTMLDetailsElement>('details.command[open]'))
    if (!popup.contains(but)) popup.open = false;
};

export const go = (href: string): void => {
  closePopups();
  history.pushState(OURS, '', href);
  place.value = readPlace();
  scrollTo(0, 0);
};

/** In the place of the present address: going back does not come here again. */
export const replaceWith = (href: string): void => {
  history.replaceState(history.state, '', href);
  place.value = readPlace();
};

/** The same screen with other filters: from the first page on. */
export const goWith = (changes: Readonly<Record<string, string>>): void => {
  const { path, params } = place.value;
  const { after: _, ...others } = Object.fromEntries(params);
  go(hrefOf(path, Object.entries({ ...others, ...changes })));
};

const isPlain = (event: MouseEvent): boolean =>
  event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

/** Links of ours change the screen; what a browser does with a link stays as it is. */
export const followLinks = (): void => {
  addEventListener('popstate', () => {
    closePopups();
    place.value = readPlace();
  });
  addEventListener('click', (event) => {
    closePopups(event.target instanceof Node ? event.target : null);
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || event.defaultPrevented || !isPlain(event) || link.target !== '') return;
    if (link.origin !== location.origin || link.hasAttribute('download')) return;
    event.preventDefault();
    if (link.classList.contains('row-link')) rememberList();
    go(link.pathname + link.search);
  });
};

export const webhookHref = (webhookId: string): string => `/webhooks/${encodeURIComponent(webhookId)}`;
export const paymentHref = (provider: string, paymentId: string): string =>
  `/payments/${encodeURIComponent(provider)}/${encodeURIComponent(paymentId)}`;
