/** Every screen as a browser shows it: reachable for everybody, silent about what is in a payload, and its address its state. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PayhookError } from '../../../src/core/errors.ts';
import type { OperatorHome } from '../../../src/homes/operator-home.ts';
import { describeUnless } from '../../support/describe-unless.ts';
import { type BrowserConsole, closeBrowser, noBrowser, openBrowserConsole, ZONE } from './browser-console.ts';
import {
  fillWithHostile,
  HOSTILE,
  type HostilePaths,
  hostileDesk,
  NEW_SECRET,
  openHostileHome,
} from './hostile-home.ts';
import { axeFinds, misplacedIn, notTextIn } from './look-at-page.ts';

/** Everything that is kept can be away at once; who is there and since when does not depend on it. */
const failing = (home: OperatorHome, isAway: () => boolean): OperatorHome => {
  const wrap = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name, receiver) {
        const method: unknown = Reflect.get(target, name, receiver);
        if (typeof method !== 'function') return method;
        return async (...args: readonly unknown[]): Promise<unknown> => {
          if (isAway()) throw new PayhookError('store_unavailable', 'the store is away');
          return method.apply(target, args);
        };
      },
    });
  return {
    ...home,
    store: wrap(home.store),
    payments: wrap(home.payments),
    destinations: wrap(home.destinations),
    rejected: wrap(home.rejected),
    jobs: wrap(home.jobs),
    auditLog: wrap(home.auditLog),
  };
};

/** Every address, with the names of what is there in braces; what only answers are on is not in it. */
const SCREENS = [
  '/',
  '/?mode=live',
  '/webhooks',
  '/webhooks?status=retrying',
  '/webhooks?since=nonsense',
  '/webhooks/{webhook}',
  '/webhooks/stripe%3Anobody',
  '/dead-letters',
  '/payments',
  '/payments/stripe/{payment}',
  '/payments/differences',
  '/deliveries',
  '/deliveries/{delivery}',
  '/deliveries/{renamed}',
  '/deliveries?reason={all}',
  '/webhooks?payment={all}&status={all}&{all}={all}',
  '/payments?status={all}&related={all}',
  '/audit?object={all}&event={all}',
  '/redrive?cause=handler_failed&account={all}',
  '/resend/{all}?since=1h',
  '/destinations/{all}',
  '/find?q={all}',
  '/webhooks/{all}',
  '/jobs/{all}',
  '/audit/review?day={all}',
  '/destinations',
  '/destinations/ledger',
  '/settings',
  '/approvals',
  '/replay?payment={payment}',
  '/resend/ledger?since=1h',
  '/redrive?cause=handler_failed',
  '/?window=24h',
  '/audit',
  '/audit?event=STATUS_CHANGED&outcome=success',
  '/audit?actor=nobody',
  '/audit/review',
  '/audit/review?day=2026-11-23',
  '/audit/review?day=someday',
  '/audit/evidence',
  '/payments/stripe/{payment}?clock=ours',
  '/destinations/ledger?state=delivered',
  '/redrive?ids=stripe%3Aevt_bad_1,stripe%3Anobody',
  '/find?q=nobody',
  '/jobs',
  '/jobs/{job}',
  '/jobs/{waiting}',
  '/find?q={payment}',
  '/no/screen',
];
/** One thing each. */
const DETAILS = SCREENS.filter(
  (path) =>
    /^\/[a-z-]+(?:\/stripe|\/ledger|\/review|\/evidence)?(?:\/\{\w+\})?$/.test(path) && path.split('/').length > 2,
);
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
  '/deliveries': 'What verifies is under Webhooks',
  '/dead-letters': 'What was put back is in the trail',
  '/destinations': "destinations: { ledger: { kind: 'http'",
  '/jobs': 'redriven from Dead letters',
  '/approvals': 'approvalAboveWebhooks',
  '/audit': 'nothing has happened yet',
  '/settings': 'payhook operators add',
};
const LISTS = SCREENS.filter((path) => /^\/[a-z-]*$/.test(path));
/** What asks nothing has nothing that could break. */
const ASKING = SCREENS.filter(
  (path) => path !== '/no/screen' && !/nonsense|nobody|someday|differences|\{all\}/.test(path),
).filter((path, index, all) => all.findIndex((one) => one.split('?')[0] === path.split('?')[0]) === index);

const OPTIONS = [
  { width: 1280, colorScheme: 'light', isFirst: true },
  { width: 390, colorScheme: 'dark', isFirst: false },
] as const;
const ALL_RULES: readonly string[] = [];
const OF_THEME_AND_WIDTH: readonly string[] = ['color-contrast', 'target-size', 'scrollable-region-focusable'];
/** 1280 at 400 %: one column, and nothing beside it (WCAG 1.4.10). */
const WIDTH_AT_400_PERCENT = 320;

describeUnless(noBrowser, 'the console in a browser', () => {
  let console: BrowserConsole;
  let empty: BrowserConsole;
  let paths: HostilePaths;
  const isAway = { now: false };
  let dialogs = 0;

  beforeAll(async () => {
    const home = openHostileHome();
    paths = await fillWithHostile(home);
    const over = failing(home.operatorHome, () => isAway.now);
    const rest = home.restOf(over);
    const deps = {
      home: over,
      rejectedCases: home.rejectedCasesOf(over),
      destinationDesk: hostileDesk(rest),
      lookAtHealth: async () => {
        await over.jobs.list({ limit: 1 });
        return rest.lookAtHealth();
      },
    };
    console = await openBrowserConsole({ home, deps });
    empty = await openBrowserConsole({
      deps: {
        config: { mode: 'test', jobs: {}, destinations: {} },
        destinationDesk: { ...rest.destinationDesk, list: async () => [] },
      },
    });
    console.page.on('dialog', (dialog) => {
      dialogs += 1;
      void dialog.dismiss();
    });
  });

  afterAll(async () => {
    await console?.[Symbol.asyncDispose]();
    await empty?.[Symbol.asyncDispose]();
    await closeBrowser();
  });

  const here = (path: string): string => path.replaceAll(/\{(\w+)\}/g, (_, name: keyof HostilePaths) => paths[name]);

  /** In both themes, each at another width; `open` is how it comes to be there, `rules` those of axe for the second. */
  const look = async (
    { page }: BrowserConsole,
    open: () => Promise<unknown>,
    rules: readonly string[] = OF_THEME_AND_WIDTH,
  ): Promise<void> => {
    for (const { width, colorScheme, isFirst } of OPTIONS) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      await open();
      expect(await axeFinds(page, isFirst ? ALL_RULES : rules)).toEqual([]);
      expect(await misplacedIn(page)).toEqual([]);
    }
    await page.setViewportSize({ width: WIDTH_AT_400_PERCENT, height: 256 });
    expect(await misplacedIn(page)).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 800 });
  };

  test.each(SCREENS)('%s is for everybody, cuts nothing, and shows texts of strangers as text', async (path) => {
    const before = console.complaints.length;
    await look(console, () => console.open(here(path)), ALL_RULES);

    expect(await notTextIn(console.page)).toEqual([]);
    expect(dialogs).toBe(0);
    expect(console.complaints.slice(before).filter((text) => !/status of 4\d\d/.test(text))).toEqual([]);
  });

  test.each(LISTS)('%s is for everybody where there is nothing yet, and says so', async (path) => {
    await look(empty, () => empty.open(path));

    expect(await empty.page.locator('.row-link').count()).toBe(0);
  });

  test.each(ASKING)('%s is for everybody when the store is away, and says what to do', async (path) => {
    isAway.now = true;
    try {
      await look(console, () => console.open(here(path)));
      await console.page.getByText('the store is away').first().waitFor();
    } finally {
      isAway.now = false;
    }
  });

  test.each(ASKING)('%s is for everybody in forced colours, and without motion', async (path) => {
    const { page } = console;
    await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active', reducedMotion: 'reduce' });
    await console.open(here(path));
    expect(await axeFinds(page)).toEqual([]);
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
    await page.emulateMedia({ forcedColors: 'none', reducedMotion: null });
  });

  test('a signature under another name is said by that name, as text', async () => {
    await console.open(here('/deliveries/{renamed}'));

    await console.page.getByText('comes under the name <Stripe\\u202e\\u0007-Signature="">').waitFor();
  });

  test.each(LISTS)('%s says which command shows the same, and can be taken along', async (path) => {
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
    await console.open(here(path));

    expect(await console.page.locator('main .actions code').first().textContent()).toMatch(/^payhook /);
  });

  test.each(LISTS)('%s with nothing in it says what to do next', async (path) => {
    await empty.open(path);

    expect(await empty.page.locator('main').textContent()).toContain(NEXT_STEPS[path] ?? 'a next step');
  });

  test('what a payload says is text when it is opened', async () => {
    const { page, complaints } = console;
    const before = complaints.length;
    await console.open(here('/webhooks/{webhook}'));
    await page.getByLabel('Reason', { exact: true }).fill('looking for trouble');
    await page.getByRole('button', { name: 'Open payload' }).click();
    await page.getByText('\\u202egnirts desrever\\u2066').last().waitFor({ state: 'attached' });

    for (const text of HOSTILE.slice(0, 4)) expect(await page.getByText(text).count()).toBeGreaterThan(0);
    expect(await page.locator('.payload a').count()).toBe(0);
    expect(await notTextIn(page)).toEqual([]);
    expect(dialogs).toBe(0);
    expect(complaints.slice(before)).toEqual([]);
  });

  test('what a destination answers to a test is text', async () => {
    const { page } = console;
    await console.open('/destinations/ledger');
    await page.getByRole('button', { name: 'Send a test message' }).click();
    await page.getByText(/It failed: <img/).waitFor();

    expect(await notTextIn(page)).toEqual([]);
    expect(dialogs).toBe(0);
  });

  test('a list is its address: reload, back and a new tab show the same rows', async () => {
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
      const { page } = console;
      await console.open(path);
      const rows = await rowsIn(page);
      await console.open(`${path}&foo=1`);

      await page.getByText('ignored: foo').waitFor();
      await expect.poll(() => rowsIn(page)).toEqual(rows);
    },
  );

  test('a delivery that was signed with a rolled secret is understood, and accepted once the secret is there', async () => {
    const { page, home } = console;
    await console.open('/deliveries');
    await page.locator(`.row-link[href="/deliveries/${paths.delivery}"]`).click();
    await page.getByText('Nothing that was tried verifies it').waitFor();
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
    try {
      await page.getByRole('button', { name: /away/ }).waitFor();
    } finally {
      home.versions.areAway = false;
      await page.unroute('**/api/hints');
    }

    await page.getByRole('button', { name: /live/ }).waitFor();
  });

  test('a store that was away is asked again by itself, which keeps no session going', async () => {
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
