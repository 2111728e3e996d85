/** Screens where there is nothing yet, when the store is away, and as some people have to have them: for everybody too. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeUnless } from '../../support/describe-unless.ts';
import { noBrowser } from './browser-console.ts';
import { axeFinds } from './look-at-page.ts';
import { ASKING, LISTS, look, openScreens, type Screens } from './screens.ts';

describeUnless(noBrowser, 'an empty console, and one whose store is away, in a browser', () => {
  let screens: Screens;

  beforeAll(async () => {
    screens = await openScreens();
    // It opens on the overview, and what is open already is not asked again.
    await screens.full.open('/no/screen');
  });
  afterAll(() => screens?.[Symbol.asyncDispose]());

  test.each(LISTS)('%s is for everybody where there is nothing yet, and says so', async (path) => {
    const { empty } = screens;
    await look(empty, () => empty.open(path));

    expect(await empty.page.locator('.row-link').count()).toBe(0);
  });

  test.each(ASKING)('%s is for everybody when the store is away, and says what to do', async (path) => {
    const { full: console, here, isAway } = screens;
    isAway.now = true;
    try {
      await look(console, () => console.open(here(path)));
      await console.page.getByText('the store is away').first().waitFor();
    } finally {
      isAway.now = false;
    }
  });

  test.each(ASKING)('%s is for everybody in forced colours, and without motion', async (path) => {
    const { full: console, here } = screens;
    const { page } = console;
    await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active', reducedMotion: 'reduce' });
    await console.open(here(path));
    expect(await axeFinds(page)).toEqual([]);
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
    await page.emulateMedia({ forcedColors: 'none', reducedMotion: null });
  });
});
