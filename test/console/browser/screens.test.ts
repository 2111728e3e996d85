/** Every screen as a browser shows it: reachable for everybody, silent about what is in a payload, and its address its state. */
import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeUnless } from '../../support/describe-unless.ts';
import type { ConsoleHome } from '../console-home.ts';
import { type BrowserConsole, closeBrowser, noBrowser, openBrowserConsole, ZONE } from './browser-console.ts';

/** What somebody would send who wants more than a payment. */
const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  'javascript:alert(1)',
  '"><svg onload=alert(1)>',
  '\u202egnirts desrever\u2066',
  '{{constructor.constructor("alert(1)")()}}',
];

const NEW_SECRET = 'whsec_anewsecretthatisnotconfiguredyet';

const nested = (depth: number): unknown => (depth === 0 ? 'deep' : { inner: nested(depth - 1) });

const fill = async (home: ConsoleHome): Promise<void> => {
  await home.deliver('evt_1');
  await home.deliver('evt_hostile', {
    type: '<img src=x onerror=alert(1)>',
    object: { description: HOSTILE, __proto__own: '__proto__', long: 'x'.repeat(300_000), nested: nested(40) },
  });
  await home.deliver('evt_bad_1');
  await home.deliver('evt_bad_2');
  await home.reject('evt_rolled', NEW_SECRET);
};

const WEBHOOK = `/webhooks/${encodeURIComponent('stripe:evt_bad_1')}`;
const HOSTILE_WEBHOOK = `/webhooks/${encodeURIComponent('stripe:evt_hostile')}`;
const SCREENS = [
  '/',
  '/webhooks',
  '/webhooks?status=retrying',
  '/webhooks?since=nonsense',
  WEBHOOK,
  '/webhooks/stripe%3Anobody',
  '/dead-letters',
  '/dead-letters?mode=live',
  '/payments',
  '/payments/stripe/pi_evt_1',
  '/deliveries',
  '/deliveries?provider=paypal',
  '/destinations',
  '/destinations/ledger',
  '/destinations/nobody',
  '/settings',
  '/approvals',
  '/replay?payment=pi_evt_1',
  '/resend/ledger?since=1h',
  '/jobs',
  '/redrive?cause=handler_failed',
  '/?window=24h',
  '/audit',
  '/audit?event=STATUS_CHANGED&outcome=success',
  '/audit?actor=nobody',
  '/audit/review',
  '/audit/review?day=2026-11-23',
  '/audit/review?day=someday',
  '/audit/evidence',
  '/payments/stripe/pi_evt_1?clock=ours',
  '/destinations/ledger?state=delivered',
  '/redrive?ids=stripe%3Aevt_bad_1,stripe%3Anobody',
  '/find?q=nobody',
  '/no/screen',
];

describeUnless(noBrowser, 'the console in a browser', () => {
  let console: BrowserConsole;

  beforeAll(async () => {
    console = await openBrowserConsole(fill);
  });

  afterAll(async () => {
    await console?.[Symbol.asyncDispose]();
    await closeBrowser();
  });

  test.each(SCREENS)('%s has nothing that axe finds, wide and light, narrow and dark', async (path) => {
    const { page } = console;
    for (const [width, colorScheme] of [
      [1280, 'light'],
      [390, 'dark'],
    ] as const) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      await console.open(path);

      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('what a payload says is text, in lists, in details and when it is opened', async () => {
    const { page, complaints } = console;
    const before = complaints.length;
    let dialogs = 0;
    page.on('dialog', (dialog) => {
      dialogs += 1;
      void dialog.dismiss();
    });
    await console.open('/webhooks');
    await page.getByText('<img src=x onerror=alert(1)>').first().waitFor();
    await console.open(HOSTILE_WEBHOOK);
    await page.getByLabel('Reason', { exact: true }).fill('looking for trouble');
    await page.getByRole('button', { name: 'Open payload' }).click();
    await page.getByText('\\u202egnirts desrever\\u2066').waitFor({ state: 'attached' });

    for (const text of HOSTILE.slice(0, 4)) expect(await page.getByText(text).count()).toBeGreaterThan(0);
    expect(await page.locator('.payload img, .payload script, .payload svg, .payload a').count()).toBe(0);
    expect(dialogs).toBe(0);
    expect(complaints.slice(before)).toEqual([]);
  });

  test('a list is its address: reload, back and a new tab show the same rows', async () => {
    const { page } = console;
    const rows = () => page.locator('.row-link').allTextContents();
    await console.open('/webhooks');
    const all = await rows();
    await page.getByLabel('State').selectOption('dead_lettered');
    await page.waitForURL('**/webhooks?status=dead_lettered');
    await expect.poll(async () => (await rows()).length).toBeLessThan(all.length);
    const dead = await rows();

    await page.reload();
    await expect.poll(rows).toEqual(dead);
    await page.goBack();
    await expect.poll(rows).toEqual(all);
    const tab = await page.context().newPage();
    await tab.goto(`http://127.0.0.1:${console.running.port}/webhooks?status=dead_lettered`);
    await expect.poll(() => tab.locator('.row-link').allTextContents()).toEqual(dead);
    await tab.close();
  });

  test('what an address asks for that no screen knows is said to be ignored', async () => {
    await console.open('/webhooks?foo=1&status=processed');

    await console.page.getByText('ignored: foo').waitFor();
    expect(await console.page.locator('.state.bad').count()).toBe(0);
  });

  test('a delivery that was signed with a rolled secret is understood, and accepted once the secret is there', async () => {
    const { page, home } = console;
    await console.open('/deliveries');
    await page.locator('.row-link').first().click();
    await page.getByText('Nothing that was tried verifies it').waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    home.secrets.push(NEW_SECRET);
    await page.getByRole('button', { name: 'Verify again' }).click();
    await page.getByText(/It is genuine: stripe#[0-9a-f]{8} verifies it\./).waitFor();
    await page.getByLabel('Reason, for the audit trail').fill('the secret was rolled');
    await page.getByRole('button', { name: 'Accept' }).click();

    await page.getByText('It accepted: stripe:evt_rolled.').waitFor();
    expect(await home.store.list({ limit: 1, status: 'received' })).toMatchObject({
      items: [{ webhookId: 'stripe:evt_rolled' }],
    });
    await home.work();
  });

  test('a webhook is replayed for one destination: what that does is said before', async () => {
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
    const { page, home } = console;
    await console.open('/webhooks');
    await page.getByRole('button', { name: /live/ }).waitFor();
    await page.route('**/api/hints', (route) => route.abort());
    home.versions.areAway = true;
    await page.getByRole('button', { name: /away/ }).waitFor();
    home.versions.areAway = false;
    await page.unroute('**/api/hints');

    await page.getByRole('button', { name: /live/ }).waitFor();
  });

  test('one setting of the zone holds for lists, titles, filters, the address and files', async () => {
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

  test('who is logged out comes back to the login, and the used link lets nobody in', async () => {
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
