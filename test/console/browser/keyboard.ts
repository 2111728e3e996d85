/** Somebody without a mouse in front of a console. */
import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import type { BrowserConsole } from './browser-console.ts';

/** Stops on the way to anything, wherever it stands. */
const TABS_MAX = 60;

export interface Keyboard {
  /** One key after the other. */
  press(...keys: readonly string[]): Promise<void>;
  type(text: string): Promise<void>;
  /** As a person does who has it from somewhere. */
  paste(text: string): Promise<void>;
  /** Resolves to how many stops it took. */
  tabTo(locator: Locator): Promise<number>;
}

export const isFocused = (locator: Locator): Promise<boolean> =>
  locator.evaluate((element) => element.ownerDocument.activeElement === element);

export const keyboardOf = ({ page }: Pick<BrowserConsole, 'page'>): Keyboard => {
  const press: Keyboard['press'] = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  return {
    press,
    type: (text) => page.keyboard.type(text),
    paste: (text) => page.keyboard.insertText(text),
    async tabTo(locator) {
      await locator.waitFor();
      let tabs = 0;
      for (; !(await isFocused(locator)); tabs += 1) {
        expect(tabs).toBeLessThan(TABS_MAX);
        await press('Tab');
      }
      return tabs;
    },
  };
};
