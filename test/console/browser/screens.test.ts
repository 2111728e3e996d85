/** What every screen does: its address is its state, it says the command that does the same, and what comes in meanwhile. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeUnless } from '../../support/describe-unless.ts';
import { noBrowser, ZONE } from './browser-console.ts';
import { HOSTILE, NEW_SECRET } from './hostile-home.ts';
import { notTextIn } from './look-at-page.ts';
import { DETAILS, LISTS, look, openScreens, type Screens } from './screens.ts';

/** What each row begins with: the rest of it has ages, which go on. */
const rowsIn = (page: Page): Promise<readonly string[]> =>
  page
    .locator('.rows tbody tr')
    .evaluateAll((rows) => rows.map((row) => row.querySelector('td[data-name]')?.textContent ?? ''));

/** Every list that takes filters, with one that something is left of. */
const FILTERED = [
  '/webhooks?status=dead_lettered',
  '/webhooks?since=2000-01-01T00%3A00%3A00Z&provider=stripe',
  '/payments?status=succeeded',
  '/deliveries?reason=signature_mismatch',
  '/deliveries?outcome=accepted',
  '/dead-letters?provider=stripe',
  '/audit?outcome=failure',
  '/destinations/ledger?state=given_up',
  '/?mode=test',
];
/** What somebody is told who has nothing yet. */
const NEXT_STEPS: Readonly<Record<string, string>> = {
  '/': 'payhook send stripe',
  '/webhooks': 'payhook send stripe',
  '/payments': 'payhook send scenario',
  '/deliveries': 'What came and is genuine is under Webhooks',
  '/dead-letters': 'What was put back is in the trail',
  '/destinations': "destinations: { ledger: { kind: 'http'",
  '/jobs': 'redriven from Dead letters',
  '/approvals': 'approvalAboveWebhooks',
  '/audit': 'nothing has happened yet',
  '/settings': 'payhook operators add',
};
describeUnless(noBrowser, 'the console in a browser', () => {
  let screens: Screens;

  beforeAll(async () => {
    screens = await openScreens();
  });
  afterAll(() => screens?.[Symbol.asyncDispose]());

  test('a signature under another name is said by that name, as text', async () => {
    const { full: console, here } = screens;
    await console.open(here('/deliveries/{renamed}'));

    await console.page.getByText('comes under the name <Stripe\\u202e\\u0007-Signature="">').waitFor();
  });

  test.each(LISTS)('%s says which command shows the same, and can be taken along', async (path) => {
    const { full: console } = screens;
    const { page } = console;
    await console.open(path);
    const actions = page.locator('main .actions');

    expect(await actions.locator('summary', { hasText: 'CLI' }).count()).toBeGreaterThan(0);
    expect(await actions.locator('code').first().textContent()).toMatch(/^payhook /);
    // Of settings there is nothing to take along: they are the configuration.
    if (path !== '/settings') {
      for (const format of ['CSV', 'NDJSON']) {
        const file = page.getByRole('link', { name: `All pages as ${format}`, includeHidden: true }).first();
        const status = `fetch(${JSON.stringify(await file.getAttribute('href'))}).then(async (file) => (await file.text(), file.status))`;
        expect([format, await page.evaluate(status)]).toEqual([format, 200]);
      }
    }
  });

  test.each(DETAILS)('%s says which command shows the same', async (path) => {
    const { full: console, here } = screens;
    await console.open(here(path));

    expect(await console.page.locator('main .actions code').first().textContent()).toMatch(/^payhook /);
  });

  test.each(LISTS)('%s with nothing in it says what to do next', async (path) => {
    const { empty } = screens;
    await empty.open(path);

    expect(await empty.page.locator('main').textContent()).toContain(NEXT_STEPS[path] ?? 'a next step');
  });

  test('what a payload says is text when it is opened', async () => {
    const { full: console, here, dialogs } = screens;
    const { page, complaints } = console;
    const before = complaints.length;
    await console.open(here('/webhooks/{webhook}'));
    await page.getByLabel('Reason', { exact: true }).fill('looking for trouble');
    await page.getByRole('button', { name: 'Open payload' }).click();
    await page.getByText('\\u202egnirts desrever\\u2066').last().waitFor({ state: 'attached' });

    for (const text of HOSTILE.slice(0, 4)) expect(await page.getByText(text).count()).toBeGreaterThan(0);
    expect(await page.locator('.payload a').count()).toBe(0);
    expect(await notTextIn(page)).toEqual([]);
    expect(dialogs()).toBe(0);
    expect(complaints.slice(before)).toEqual([]);
  });

  test('what a destination answers to a test is text', async () => {
    const { full: console, dialogs } = screens;
    const { page } = console;
    await console.open('/destinations/ledger');
    await page.getByRole('button', { name: 'Send a test message' }).click();
    await page.getByText(/It failed: <img/).waitFor();

    expect(await notTextIn(page)).toEqual([]);
    expect(dialogs()).toBe(0);
  });

  test('a list is its address: reload, back and a new tab show the same rows', async () => {
    const { full: console } = screens;
    const { page } = console;
    const rows = () => page.locator('.row-link').allTextContents();
    await console.open('/webhooks');
    const all = await rows();
    await page.getByLabel('Status').selectOption('dead_lettered');
    await page.waitForURL('**/webhooks?status=dead_lettered');
    await expect.poll(async () => (await rows()).length).toBeLessThan(all.length);
    const dead = await rows();

    await page.reload();
    await expect.poll(rows).toEqual(dead);
    await page.goBack();
    await expect.poll(rows).toEqual(all);
    await using tab = await page.context().newPage();
    await tab.goto(`http://127.0.0.1:${console.running.port}/webhooks?status=dead_lettered`);
    await expect.poll(() => tab.locator('.row-link').allTextContents()).toEqual(dead);
  });

  test.each(FILTERED)(
    '%s shows the same rows when it is loaded again, gone back to, and opened in a tab',
    async (path) => {
      const { full: console } = screens;
      const { page } = console;
      const address = `http://127.0.0.1:${console.running.port}${path}`;
      await console.open(path);
      const rows = await rowsIn(page);
      expect(rows.length).toBeGreaterThan(0);
      expect(page.url()).toBe(address);

      await page.reload();
      await expect.poll(() => rowsIn(page)).toEqual(rows);
      await console.open('/settings');
      await page.goBack();
      await expect.poll(() => rowsIn(page)).toEqual(rows);
      expect(page.url()).toBe(address);
      await page.goBack();
      await page.goForward();
      await expect.poll(() => rowsIn(page)).toEqual(rows);
      await using tab = await page.context().newPage();
      await tab.goto(address);
      await expect.poll(() => rowsIn(tab)).toEqual(rows);
    },
  );

  test.each(FILTERED)(
    'of %s what no screen knows is said to be ignored, and never everything is shown',
    async (path) => {
      const { full: console } = screens;
      const { page } = console;
      await console.open(path);
      const rows = await rowsIn(page);
      await console.open(`${path}&foo=1`);

      await page.getByText('ignored: foo').waitFor();
      await expect.poll(() => rowsIn(page)).toEqual(rows);
    },
  );

  test('a delivery that was signed with a rolled secret is understood, and accepted once the secret is there', async () => {
    const { full: console, paths } = screens;
    const { page, home } = console;
    await console.open('/deliveries');
    await page.locator(`.row-link[href="/deliveries/${paths.delivery}"]`).click();
    await page.getByText('Nothing that was tried verifies it').waitFor();
    home.secrets.push(NEW_SECRET);
    await page.getByRole('button', { name: 'Verify again' }).click();
    await page.getByText(/It is genuine: stripe#[0-9a-f]{8} verifies it\./).waitFor();
    await page.getByLabel('Reason, for the audit trail').fill('the secret was rolled');
    await page.getByRole('button', { name: 'Accept' }).click();

    await page.getByText('It is stored as stripe:evt_rolled').waitFor();
    const leads = page.getByRole('link', { name: 'stripe:evt_rolled' });
    await expect.poll(() => leads.first().getAttribute('href')).toBe('/webhooks/stripe%3Aevt_rolled');
    await look(console, () => console.open('/deliveries'));
    await leads.click();
    await page.getByRole('heading', { name: 'stripe:evt_rolled' }).waitFor();
    expect(await home.store.list({ limit: 1, status: 'received' })).toMatchObject({
      items: [{ webhookId: 'stripe:evt_rolled' }],
    });
    await home.work();
  });

  test('a webhook is replayed for one destination: what that does is said before', async () => {
    const { full: console } = screens;
    const { page } = console;
    await console.open('/webhooks/stripe%3Aevt_1');
    await page.getByText('Replay…').click();
    await page.getByText('Done before: handle').waitFor();
    await page.getByRole('combobox').selectOption('ledger');
    await page.getByText('Its events go to ledger again. No handler is called.').waitFor();
    await page.getByLabel('Reason, for the audit trail').fill('the ledger lost it');
    await page.getByRole('button', { name: 'Replay' }).click();

    await page.getByText('It waits again for ledger: 1 event.').waitFor();
  });

  test('what arrives while somebody looks at a list is told, and moves no row until it is asked for', async () => {
    const { full: console } = screens;
    const { page, home } = console;
    await console.open('/webhooks');
    const rows = () => page.locator('.row-link').count();
    const before = await rows();
    await home.deliver('evt_new');
    const told = page.getByRole('button', { name: '1 new ↑' });
    await told.waitFor();
    expect(await rows()).toBe(before);

    await told.click();
    await expect.poll(rows).toBe(before + 1);
  });

  test('a server that went away is waited for, and lists hear again when it is back', async () => {
    const { full: console } = screens;
    const { page, home } = console;
    await console.open('/webhooks');
    await page.getByRole('button', { name: /live/ }).waitFor();
    await page.route('**/api/hints', (route) => route.abort());
    home.versions.areAway = true;
    try {
      await page.getByRole('button', { name: /away/ }).waitFor();
    } finally {
      home.versions.areAway = false;
      await page.unroute('**/api/hints');
    }

    await page.getByRole('button', { name: /live/ }).waitFor();
  });

  test('a store that was away is asked again by itself, which keeps no session going', async () => {
    const { full: console, isAway } = screens;
    const { page } = console;
    isAway.now = true;
    try {
      await console.open('/payments');
      await page.getByText('This page tries again by itself.').waitFor();
    } finally {
      isAway.now = false;
    }
    const again = await page.waitForRequest(/\/api\/payments/);

    expect(again.headers()['x-payhook-background']).toBe('1');
    await page.locator('.row-link').first().waitFor();
  });

  test('one setting of the zone holds for lists, titles, filters, the address and files', async () => {
    const { full: console } = screens;
    const { page } = console;
    await console.open('/webhooks');
    const title = () => page.locator('.rows time').first().getAttribute('title');
    expect(await title()).toMatch(/UTC$/);
    await page.locator('.settings summary').click();
    await page.getByLabel('Times in').selectOption('local');
    await page.locator('.settings summary').click();
    await expect.poll(title).toMatch(/local$/);
    await page.getByLabel('Since').fill('2020-01-01 03:30');
    await page.getByLabel('Since').press('Enter');
    await page.waitForURL('**/webhooks?since=2020-01-01T00%3A00%3A00Z');
    expect(await page.getByLabel('Since').inputValue()).toBe('2020-01-01 03:30:00');
    await page.getByText('Export', { exact: true }).click();
    const file = page.getByRole('link', { name: 'All pages as CSV' });
    expect(await file.getAttribute('href')).toContain(`timeZone=${encodeURIComponent(ZONE)}`);
    const download = page.waitForEvent('download');
    await file.click();
    expect(readFileSync(await (await download).path(), 'utf8')).toContain('+03:30');
    await page.evaluate("localStorage.removeItem('payhook.zone')");
  });

  test('a browser that was opened without a link shows a number, and is let in when it is typed', async () => {
    const { full: console } = screens;
    const { page, running } = console;
    await page.context().clearCookies();
    await page.goto(running.url);
    const number = page.locator('main strong');
    await look(console, () => number.waitFor());
    expect(running.admit('nobody')).toBe(false);
    expect(running.admit((await number.textContent()) ?? '')).toBe(true);

    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
  });

  test('who is logged out comes back to the login, and the used link lets nobody in', async () => {
    const { full: console } = screens;
    const { page, running } = console;
    const link = running.newLink();
    await page.goto(link);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(page.url()).not.toContain('#');
    await page.context().clearCookies();
    await page.goto(link);
    await page.getByText('This link was used').waitFor();
  });
});
