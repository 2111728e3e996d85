/** What a person has set for this browser. A browser that keeps nothing starts anew each time. */
import { effect, type Signal, signal } from '@preact/signals';

const kept = <Value extends string>(name: string, values: readonly [Value, ...Value[]]): Signal<Value> => {
  const key = `payhook.${name}`;
  const stored = readStored(key);
  const value = signal<Value>(values.find((one) => one === stored) ?? values[0]);
  effect(() => keep(key, value.value));
  return value;
};

const readStored = (key: string): string | null => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};

const keep = (key: string, value: string): void => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is switched off: the setting holds for as long as the page.
  }
};

export const THEMES = ['system', 'light', 'dark'] as const;
export const theme = kept('theme', THEMES);

/** For lists, details, titles and filters alike. */
export const ZONES = ['UTC', 'local'] as const;
export const zone = kept('zone', ZONES);

/** How much stands on a screen. */
export const DENSITIES = ['comfortable', 'compact'] as const;
export const density = kept('density', DENSITIES);

/** Single keys can be switched off: WCAG 2.1.4. */
export const keys = kept('keys', ['on', 'off']);

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  document.documentElement.dataset.density = density.value;
});
