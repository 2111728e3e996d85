/** The present moment for relative times, and for when a session ends: the one clock of the page. */
import { signal } from '@preact/signals';

const TICK_MS = 5_000;

export const readNow = (): number => Date.now();

export const now = signal(readNow());

/** What was answered just now is not in the future of the page. */
export const tick = (): number => {
  now.value = readNow();
  return now.value;
};

setInterval(tick, TICK_MS);
