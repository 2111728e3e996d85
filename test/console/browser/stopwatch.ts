/**
 * How long a person takes for a journey: what the machine took, and the keystroke-level model for the rest (Card, Moran and
 * Newell 1980): a moment to think before each step, and a key at the pace of somebody who does not type for a living.
 */
import type { Locator } from 'playwright-core';
import type { Keyboard } from './keyboard.ts';

const THINK_MS = 1350;
const KEY_MS = 280;

export interface Journey {
  readonly person: string;
  readonly task: string;
  /** What it may take. */
  readonly secondsMax: number;
  readonly steps: number;
  readonly keys: number;
  /** Waited for. */
  readonly machineMs: number;
  /** In all. */
  readonly seconds: number;
}

export interface Stopwatch {
  /** With what a person would decide on before doing it: a key, a text, a way to something. */
  readonly keyboard: Keyboard;
  /** Looks at something and understands it: a step without a key. */
  read(locator: Locator): Promise<void>;
  end(): Journey;
}

export const startStopwatch = (
  plain: Keyboard,
  { person, task, secondsMax }: Pick<Journey, 'person' | 'task' | 'secondsMax'>,
): Stopwatch => {
  const startedAt = performance.now();
  let steps = 0;
  let keys = 0;
  const count = (more: number): void => {
    steps += 1;
    keys += more;
  };
  return {
    keyboard: {
      press: (...pressed) => {
        count(pressed.length);
        return plain.press(...pressed);
      },
      type: (text) => {
        count(text.length);
        return plain.type(text);
      },
      paste: (text) => {
        count(2);
        return plain.paste(text);
      },
      tabTo: async (locator) => {
        const tabs = await plain.tabTo(locator);
        count(tabs);
        return tabs;
      },
    },
    async read(locator) {
      await locator.waitFor();
      steps += 1;
    },
    end: () => {
      const machineMs = performance.now() - startedAt;
      const seconds = (machineMs + steps * THINK_MS + keys * KEY_MS) / 1000;
      return { person, task, secondsMax, steps, keys, machineMs, seconds };
    },
  };
};

/** As a table, for whoever reads the run. */
export const journeyTable = (journeys: readonly Journey[]): string =>
  [
    '| person | task | steps | keys | machine, s | person, s | at most, s |',
    '| --- | --- | --: | --: | --: | --: | --: |',
    ...journeys.map(
      ({ person, task, steps, keys, machineMs, seconds, secondsMax }) =>
        `| ${person} | ${task} | ${steps} | ${keys} | ${(machineMs / 1000).toFixed(1)} | ${seconds.toFixed(1)} | ${secondsMax} |`,
    ),
  ].join('\n');
