/** Single keys. None of the browser's is taken, none works while somebody writes, and they can be switched off. */
import { go } from './location.ts';
import { isHelpOpen } from './parts/keys-help.tsx';
import { keys } from './preferences.ts';
import { ENTRIES } from './screens.tsx';

const WRITES = 'input, textarea, select, [contenteditable]';

/** How long `g` waits for its letter. */
const LETTER_MS_MAX = 1500;

let isGoing = false;

const focusOn = (selector: string): void => document.querySelector<HTMLElement>(selector)?.focus();

const moveRow = (by: 1 | -1): void => {
  const rows = [...document.querySelectorAll<HTMLElement>('.row-link')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
};

const goByLetter = (key: string): void => {
  const entry = ENTRIES.find(({ letter }) => letter === key);
  if (entry !== undefined) go(entry.path);
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
  switch (key) {
    case '/':
      focusOn('#find');
      return true;
    case 'f':
      focusOn('.filters select, .filters input');
      return true;
    case 'j':
    case 'k':
      moveRow(key === 'j' ? 1 : -1);
      return true;
    case 'c':
      document.querySelector<HTMLElement>('[data-key="c"]')?.click();
      return true;
    case 'g':
      isGoing = true;
      setTimeout(() => {
        isGoing = false;
      }, LETTER_MS_MAX);
      return true;
    case '?':
      isHelpOpen.value = true;
      return true;
    default:
      return false;
  }
};

/** Closes what is open, and gives the focus back to what opened it. */
const leave = (): void => {
  const open = document.querySelector<HTMLDetailsElement>('details.command[open]');
  if (open !== null) {
    open.open = false;
    open.querySelector('summary')?.focus();
  } else if (document.activeElement instanceof HTMLElement && document.activeElement.matches(WRITES)) {
    document.activeElement.blur();
  }
};

export const listenToKeys = (): void =>
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') return leave();
    if (keys.value === 'off' || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented)
      return undefined;
    if (event.target instanceof Element && event.target.matches(WRITES)) return undefined;
    if (press(event.key)) event.preventDefault();
    return undefined;
  });
