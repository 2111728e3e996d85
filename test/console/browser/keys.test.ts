/** The console without a mouse: three jobs from the question to the answer, the palette, and what each key does. */
import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createCarryJob } from '../../../src/jobs/carry-job.ts';
import { describeUnless } from '../../support/describe-unless.ts';
import type { ConsoleHome } from '../console-home.ts';
import { type BrowserConsole, closeBrowser, noBrowser, openBrowserConsole } from './browser-console.ts';

const fill = async (home: ConsoleHome): Promise<void> => {
  for (const id of ['evt_1', 'evt_bad_1', 'evt_bad_2', 'evt_bad_3']) await home.deliver(id);
};

/** Stops on the way to anything, wherever it stands. */
const TABS_MAX = 60;

describeUnless(noBrowser, 'the console by keyboard alone', () => {
  let console: BrowserConsole;
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await console.page.keyboard.press(key);
  };
  const type = (text: string) => console.page.keyboard.type(text);
  const heading = (name: string) => console.page.getByRole('heading', { level: 1, name }).waitFor();
  const isFocused = (locator: Locator) =>
    locator.evaluate((element) => element.ownerDocument.activeElement === element);
  const tabTo = async (locator: Locator): Promise<void> => {
    await locator.waitFor();
    for (let tabs = 0; !(await isFocused(locator)); tabs += 1) {
      expect(tabs).toBeLessThan(TABS_MAX);
      await press('Tab');
    }
  };
  const focusedText = () => console.page.evaluate<string>('document.activeElement.textContent');
  const pathHere = () => {
    const { pathname, search } = new URL(console.page.url());
    return pathname + search;
  };

  beforeAll(async () => {
    console = await openBrowserConsole(fill);
  });
  beforeEach(() => console.open('/'));
  afterAll(async () => {
    await console?.[Symbol.asyncDispose]();
    await closeBrowser();
  });

  test('on-call: from the alarm to the cause, the preview, the redrive of all of it, and its report', async () => {
    const { page, home } = console;
    await press('5');
    await heading('Dead letters');
    await page.getByRole('link', { name: 'handle: the warehouse is down' }).waitFor();
    await press('j', 'Enter');
    await page.waitForURL('**/webhooks?cause=**');
    await page.getByRole('link', { name: 'Redrive all of these…' }).waitFor();
    await press('r', 'Enter');
    await page.getByText('called for').first().waitFor();
    await tabTo(page.getByLabel('Reason, for the audit trail'));
    await type('the warehouse is back');
    await press('Enter');
    await page.waitForURL('**/jobs/*');
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    expect((await home.operatorHome.jobs.get(id))?.preview.webhooks).toBe(3);
    const carry = createCarryJob({ ...home.operatorHome, carrierId: 'test' });
    for (let carried = await carry(id); carried.outcome !== 'rests'; carried = await carry(id)) {
      await home.work();
      home.clock.advance(1000);
    }

    await page
      .getByText(/failed again/)
      .first()
      .waitFor();
    await page.getByText('stopped').first().waitFor();
  });

  test('on-call: one dead letter is redriven from its page', async () => {
    const { page, home } = console;
    await console.open('/webhooks?status=dead_lettered');
    await press('j', 'Enter');
    await page.getByRole('button', { name: 'Redrive' }).waitFor();
    await press('r');
    expect(await focusedText()).toBe('Redrive');
    await press('Shift+Tab');
    await type('once more');
    await press('Enter');
    await page.getByText('It queued again (was dead_lettered).').waitFor();

    const { items } = await home.store.list({ limit: 10, status: 'received' });
    expect(items).toHaveLength(1);
  });

  test('support: whatever id was pasted opens its payment', async () => {
    const { page } = console;
    await press('/');
    await type('pi_evt_1');
    await press('Enter');

    await page.waitForURL('**/payments/stripe/pi_evt_1');
    await page.getByText('payment.succeeded').waitFor();
    await page.getByText('20.00 USD').first().waitFor();
  });

  test('assessor: the trail is whole, and goes along as a file', async () => {
    const { page, home } = console;
    await press('g', 'a');
    await heading('Audit');
    await tabTo(page.getByRole('button', { name: 'Verify now' }));
    await press('Enter');
    await page.getByText('The trail is whole.').waitFor();
    await press('Control+k');
    await type('export');
    await press('Enter');
    await tabTo(page.getByRole('link', { name: 'All pages as NDJSON' }));
    const download = page.waitForEvent('download');
    await press('Enter');

    const file = await (await download).path();
    const entries = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const kept = await home.auditLog.read(0, 1000);
    expect(entries.map(({ hash }) => hash)).toEqual(kept.slice(0, entries.length).map(({ hash }) => hash));
    expect(entries.length).toBeGreaterThan(5);
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
