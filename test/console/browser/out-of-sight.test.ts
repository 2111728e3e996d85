/** A tab that nobody sees asks for nothing, whatever is on it, and goes on when somebody looks at it again. */
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { PayhookError } from '../../../src/core/errors.ts';
import { MINUTE_MS } from '../../../src/core/time.ts';
import { describeUnless } from '../../support/describe-unless.ts';
import { type ConsoleHome, openConsoleHome } from '../console-home.ts';
import { type BrowserConsoleOptions, closeBrowser, noBrowser, openBrowserConsole } from './browser-console.ts';

/** As a browser says it of a tab behind another one; its own tabs are all in sight, without a screen. */
const setSeen = (page: Page, isSeen: boolean): Promise<unknown> =>
  page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${!isSeen} });
    document.dispatchEvent(new Event('visibilitychange'))`);

const askedBy = (page: Page): string[] => {
  const paths: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/')) paths.push(pathname);
  });
  return paths;
};

/** Longer than any of them waits before it asks again. */
const A_WHILE_MS = 2 * MINUTE_MS;
const LONG_MS = 10 * MINUTE_MS;

interface Asking {
  readonly path: string;
  readonly deps?: (home: ConsoleHome) => NonNullable<BrowserConsoleOptions['deps']>;
}

const silent = ({ operatorHome: { version: _, ...home } }: ConsoleHome) => ({ home });
const withoutPayments = ({ operatorHome }: ConsoleHome) => ({
  home: {
    ...operatorHome,
    payments: {
      ...operatorHome.payments,
      list: async () => {
        throw new PayhookError('store_unavailable', 'the store is away');
      },
    },
  },
});

describeUnless(noBrowser, 'a tab that nobody sees', () => {
  afterAll(closeBrowser);

  const openFilled = async () => {
    const home = openConsoleHome();
    for (const id of ['evt_1', 'evt_bad_1', 'evt_bad_2']) await home.deliver(id);
    const { id } = await home.ask();
    return { home, jobId: id };
  };

  test.each<[string, Asking]>([
    ['a list that nothing tells of news', { path: '/webhooks', deps: silent }],
    ['a screen whose store is away', { path: '/payments', deps: withoutPayments }],
    ['a job that goes on', { path: '/jobs/{job}' }],
    ['how many wait for whoever is there', { path: '/', deps: () => ({ role: 'approver' }) }],
  ])('asks for nothing: %s', async (_, { path, deps }) => {
    const { home, jobId } = await openFilled();
    await using console = await openBrowserConsole({ home, deps: deps?.(home) ?? {} });
    const { page, open, settle } = console;
    await page.clock.install();
    await page.reload();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await open(path.replace('{job}', jobId));
    const asked = askedBy(page);
    await page.clock.runFor(A_WHILE_MS);
    await settle();
    expect(asked).not.toEqual([]);

    await setSeen(page, false);
    await settle();
    asked.splice(0);
    await page.clock.runFor(LONG_MS);
    await settle();
    expect(asked).toEqual([]);
    await setSeen(page, true);
    await expect.poll(() => asked).not.toEqual([]);
  });

  test('listens to no hints, and is told what it has missed when it is seen again', async () => {
    const { home } = await openFilled();
    await using console = await openBrowserConsole({ home });
    const { page, open } = console;
    await open('/webhooks');
    await page.getByRole('button', { name: /live/ }).waitFor();
    const asked = askedBy(page);
    const closed = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/api/hints'));
    await setSeen(page, false);
    await closed;
    await home.deliver('evt_missed');
    expect(asked).toEqual([]);

    await setSeen(page, true);
    await page.getByRole('button', { name: '1 new ↑' }).waitFor();
    expect(asked[0]).toBe('/api/hints');
  });

  test('that waits to be let in is let in when it is seen again', async () => {
    await using console = await openBrowserConsole();
    const { page, running } = console;
    await page.context().clearCookies();
    await page.clock.install();
    await page.goto(running.url);
    const number = await page.locator('main strong').textContent();
    await setSeen(page, false);
    const asked = askedBy(page);
    await page.clock.runFor(MINUTE_MS);
    expect(asked).toEqual([]);
    expect(running.admit(number ?? '')).toBe(true);

    await setSeen(page, true);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  });
});
