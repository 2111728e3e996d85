/** Single keys. None of the browser's is taken, none works while somebody writes, and they can be switched off. */
import { isHelpOpen } from './help.ts';
import { pauseHints } from './hints.ts';
import { go, goBack, nearby } from './location.ts';
import { openPalette, palette } from './parts/palette.tsx';
import { keys } from './preferences.ts';
import { ENTRIES } from './screens.tsx';
import { select, selection } from './selection.ts';

const WRITES = 'input, textarea, select, [contenteditable]';

/** How long `g` waits for its letter. */
const LETTER_MS_MAX = 1500;

let isGoing = false;

const focusOn = (selector: string): void => document.querySelector<HTMLElement>(selector)?.focus();

const rowsHere = (): readonly HTMLAnchorElement[] => [...document.querySelectorAll<HTMLAnchorElement>('.row-link')];

/** The row that has the focus. */
const rowHere = (): HTMLAnchorElement | undefined => rowsHere().find((row) => row === document.activeElement);

const moveRow = (by: 1 | -1): void => {
  const rows = rowsHere();
  const at = rows.indexOf(document.activeElement as HTMLAnchorElement);
  const next = rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
};

const goByLetter = (key: string): void => {
  const entry = ENTRIES.find(({ letter }) => letter === key);
  if (entry !== undefined) go(entry.path);
};

const pick = (isRange: boolean): void => {
  const row = rowHere();
  if (row !== undefined) {
    select(
      row.pathname,
      rowsHere().map(({ pathname }) => pathname),
      isRange,
    );
  }
};

/** The one before or after, of the list that what is open was opened from. */
const goNearby = (by: 1 | -1): void => {
  const href = nearby(by);
  if (href !== null) go(href);
};

/** What a key does; a key that is not here is the browser's. */
const ACTIONS: Readonly<Record<string, () => void>> = {
  '/': () => focusOn('#find'),
  f: () => focusOn('.filters select, .filters input'),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  c: () => document.querySelector<HTMLElement>('[data-key="c"]')?.click(),
  r: () => focusOn(selection.value.size > 0 ? '.picked-rows a' : '[data-key="r"]'),
  x: () => pick(false),
  X: () => pick(true),
  o: () => {
    const row = rowHere();
    if (row !== undefined) open(row.href, '_blank', 'noopener');
  },
  '.': () => openPalette(rowHere()),
  '[': () => goNearby(-1),
  ']': () => goNearby(1),
  p: pauseHints,
  '?': () => {
    isHelpOpen.value = true;
  },
  g: () => {
    isGoing = true;
    setTimeout(() => {
      isGoing = false;
    }, LETTER_MS_MAX);
  },
};

const press = (key: string): boolean => {
  if (isGoing) {
    isGoing = false;
    goByLetter(key);
    return true;
  }
  const entry = ENTRIES[Number(key) - 1];
  if (entry !== undefined) {
    go(entry.path);
    return true;
  }
  const action = Object.hasOwn(ACTIONS, key) ? ACTIONS[key] : undefined;
  action?.();
  return action !== undefined;
};

/** Closes what is open, and gives the focus back to what opened it; where nothing is, goes back to where this was opened from. */
const leave = (): void => {
  const open = document.querySelector<HTMLDetailsElement>('details.command[open]');
  if (open !== null) {
    open.open = false;
    open.querySelector('summary')?.focus();
  } else if (document.activeElement instanceof HTMLElement && document.activeElement.matches(WRITES)) {
    document.activeElement.blur();
  } else if (!ENTRIES.some(({ path }) => path === location.pathname + location.search)) goBack();
};

export const listenToKeys = (): void =>
  addEventListener('keydown', (event) => {
    // A dialog has its own keys, and closes by itself.
    if (document.querySelector('dialog[open]') !== null) return undefined;
    if (event.key === 'Escape') return leave();
    if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      if (palette.value === null) openPalette();
      return event.preventDefault();
    }
    if (keys.value === 'off' || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented)
      return undefined;
    if (event.target instanceof Element && event.target.matches(WRITES)) return undefined;
    if (press(event.key)) event.preventDefault();
    return undefined;
  });
