/** Every screen with texts of strangers in every field: reachable for everybody, and silent about what is in a payload. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeUnless } from '../../support/describe-unless.ts';
import { noBrowser } from './browser-console.ts';
import { notTextIn } from './look-at-page.ts';
import { ALL_RULES, look, openScreens, SCREENS, type Screens } from './screens.ts';

describeUnless(noBrowser, 'a full console in a browser', () => {
  let screens: Screens;

  beforeAll(async () => {
    screens = await openScreens();
  });
  afterAll(() => screens?.[Symbol.asyncDispose]());

  test.each(SCREENS)('%s is for everybody, cuts nothing, and shows texts of strangers as text', async (path) => {
    const { full: console, here, dialogs } = screens;
    const before = console.complaints.length;
    await look(console, () => console.open(here(path)), ALL_RULES);

    expect(await notTextIn(console.page)).toEqual([]);
    expect(dialogs()).toBe(0);
    expect(console.complaints.slice(before).filter((text) => !/status of 4\d\d/.test(text))).toEqual([]);
  });
});
