/** The console without a mouse: the palette, and what each key does. */
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeUnless } from '../../support/describe-unless.ts';
import { type ConsoleHome, openConsoleHome } from '../console-home.ts';
import { type BrowserConsole, closeBrowser, noBrowser, openBrowserConsole } from './browser-console.ts';
import { isFocused, type Keyboard, keyboardOf } from './keyboard.ts';

const fill = async (home: ConsoleHome): Promise<void> => {
  for (const id of ['evt_1', 'evt_bad_1', 'evt_bad_2', 'evt_bad_3']) await home.deliver(id);
};

describeUnless(noBrowser, 'the console by keyboard alone', () => {
  let console: BrowserConsole;
  let press: Keyboard['press'];
  let type: Keyboard['type'];
  const heading = (name: string) => console.page.getByRole('heading', { level: 1, name }).waitFor();
  const pathHere = () => {
    const { pathname, search } = new URL(console.page.url());
    return pathname + search;
  };

  beforeAll(async () => {
    const home = openConsoleHome();
    await fill(home);
    console = await openBrowserConsole({ home });
    ({ press, type } = keyboardOf(console));
  });
  beforeEach(() => console.open('/'));
  afterAll(async () => {
    await console?.[Symbol.asyncDispose]();
    await closeBrowser();
  });

  test('the palette goes to screens and views, does what is here, finds ids, and gives the focus back', async () => {
    const { page } = console;
    const palette = page.getByRole('dialog', { name: 'Commands' });
    await press('/', 'Control+k');
    await palette.waitFor();
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    await press('Escape');
    await palette.waitFor({ state: 'detached' });
    expect(await isFocused(page.getByLabel('Find anything by its id'))).toBe(true);

    await press('Control+k');
    await type('one by');
    await press('Enter');
    await page.waitForURL('**/webhooks?status=dead_lettered');
    await press('Control+k');
    await type('pi_evt_1');
    await press('Enter');
    await page.waitForURL('**/payments/stripe/pi_evt_1');
    await press('Control+k', 'ArrowUp');
    expect(await page.locator('[role=option][aria-selected=true]').count()).toBe(1);
    await press('Escape');
  });

  test('a link that is copied says the moment that an age is now', async () => {
    const { page } = console;
    await console.open('/webhooks?since=2h');
    await press('Control+k');
    await type('copy link');
    await press('Enter');

    const copied = () => page.evaluate<string>('navigator.clipboard.readText()');
    await expect.poll(copied).toMatch(/\/webhooks\?since=20\d\d-/);
  });

  test('rows are picked one by one and as a range, and forgotten with the list', async () => {
    const { page } = console;
    await console.open('/webhooks');
    await press('j', 'x', 'j', 'j', 'X');
    await page.getByText('3 picked').waitFor();
    expect(await page.locator('tr.picked').count()).toBe(3);
    await press('x');
    await page.getByText('2 picked').waitFor();
    await console.open('/payments');
    expect(await page.locator('tr.picked').count()).toBe(0);
  });

  test('what is open goes to its neighbours of the list, and Escape to the list', async () => {
    const { page } = console;
    await console.open('/webhooks');
    const hrefs = await page
      .locator('.row-link')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    await press('j', 'j', 'Enter');
    await expect.poll(pathHere).toBe(hrefs[1]);
    await press(']');
    await expect.poll(pathHere).toBe(hrefs[2]);
    await press('[', '[');
    await expect.poll(pathHere).toBe(hrefs[0]);
    await press('[');
    expect(pathHere()).toBe(hrefs[0]);
    await press('Escape', 'Escape', 'Escape', 'Escape');
    await expect.poll(pathHere).toBe('/webhooks');
  });

  test('a row says what can be done with it', async () => {
    const { page } = console;
    await console.open('/payments');
    await press('j', '.');
    await page.getByRole('option', { name: 'Open in a new tab' }).waitFor();
    await type('copy id');
    await press('Enter');

    await expect.poll(() => page.evaluate<string>('navigator.clipboard.readText()')).toMatch(/^pi_evt_/);
  });

  test('what hangs open is closed by whoever goes elsewhere, by mouse or by key', async () => {
    const { page } = console;
    await console.open('/payments');
    const open = page.locator('details.command[open]');
    const settings = page.locator('.settings summary');
    await settings.click();
    await page.getByLabel('Theme').selectOption('dark');
    expect(await open.count()).toBe(1);
    await page.getByRole('heading', { level: 1 }).click();
    expect(await open.count()).toBe(0);
    await page.getByText('Export', { exact: true }).click();
    await settings.click();
    expect(await open.count()).toBe(1);
    await press('3');
    await heading('Webhooks');
    expect(await open.count()).toBe(0);
    await page.evaluate("localStorage.removeItem('payhook.theme')");
  });

  test('hints are paused, and lists stand still until they go on', async () => {
    const { page, home } = console;
    await console.open('/webhooks');
    await page.getByRole('button', { name: /live/ }).waitFor();
    await press('p');
    await page.getByRole('button', { name: /paused/, pressed: true }).waitFor();
    await home.deliver('evt_while_paused');
    await press('p');

    await page.getByRole('button', { name: '1 new ↑' }).waitFor();
  });

  test('single keys do nothing when they are switched off, and the palette still opens', async () => {
    const { page } = console;
    await page.evaluate("localStorage.setItem('payhook.keys', 'off')");
    await page.reload();
    await heading('Overview');
    await press('3', '?', '.');
    expect(await page.locator('dialog[open]').count()).toBe(0);
    expect(pathHere()).toBe('/');
    await press('Control+k');
    await page.getByRole('dialog', { name: 'Commands' }).waitFor();
    await press('Escape');
    await page.evaluate("localStorage.removeItem('payhook.keys')");
  });
});
