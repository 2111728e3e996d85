/** The way from an address to what is on its screen: nothing waits for what it does not need. */
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { SCREEN_FILES } from '../../../src/console/screen-files.ts';
import { describeUnless } from '../../support/describe-unless.ts';
import { openConsoleHome } from '../console-home.ts';
import { closeBrowser, noBrowser, openBrowserConsole } from './browser-console.ts';

/** By its address, what a screen asks first. */
const FIRST = [
  ['/', '/api/overview'],
  ['/webhooks', '/api/webhooks'],
  ['/payments', '/api/payments'],
  ['/dead-letters', '/api/causes'],
  ['/deliveries', '/api/deliveries'],
  ['/destinations', '/api/destinations'],
  ['/jobs', '/api/jobs'],
  ['/approvals', '/api/approvals'],
  ['/settings', '/api/settings'],
] as const;

/** All that is asked for from now on, in its order, but for what the page looks after by itself once it is there. */
const askedBy = (page: Page): string[] => {
  const paths: string[] = [];
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (!('x-payhook-background' in request.headers())) paths.push(pathname + search);
  });
  return paths;
};

/** Shown below what the overview opens with, as soon as it is there. */
const isLater = (script: string): boolean => script.startsWith('/assets/activity-');

describeUnless(noBrowser, 'the first load of a screen', () => {
  afterAll(closeBrowser);

  const openFilled = async () => {
    const home = openConsoleHome();
    await home.deliver('evt_1');
    return openBrowserConsole({ home });
  };

  test.each(FIRST)('%s asks for %s before it is known who looks at it, and once', async (address, path) => {
    await using opened = await openFilled();
    const { page, running, complaints } = opened;
    const asked = askedBy(page);
    await page.route('**/api/session', async (route) => {
      if (!asked.includes(path)) await page.waitForRequest(`**${path}`);
      await route.continue();
    });

    await page.goto(new URL(address, running.url).href);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await opened.settle();

    expect(asked.filter((one) => one === path)).toEqual([path]);
    expect(asked.filter((one) => one === '/api/session')).toHaveLength(1);
    expect(complaints).toEqual([]);
  });

  test('a list that is filtered is asked for as its filters say, and not without them', async () => {
    await using opened = await openFilled();
    const asked = askedBy(opened.page);

    await opened.page.goto(new URL('/webhooks?status=processed&foo=bar', opened.running.url).href);
    await opened.page.getByText('ignored: foo').waitFor();
    await opened.settle();

    expect(asked.filter((one) => one.startsWith('/api/webhooks'))).toEqual(['/api/webhooks?status=processed']);
  });

  test('what a page looks after by itself is a few rows without what it does not need of them, and finds what is new', async () => {
    const home = openConsoleHome();
    await home.deliver('evt_1');
    const { version: _, ...silent } = home.operatorHome;
    await using opened = await openBrowserConsole({ home, deps: { home: silent } });
    const { page, running } = opened;
    await page.goto(new URL('/payments?status=succeeded', running.url).href);
    await page.locator('.row-link').waitFor();
    for (let number = 2; number < 14; number += 1) await home.deliver(`evt_${number}`);

    const looked = await page.waitForRequest(
      (request) => 'x-payhook-background' in request.headers() && request.url().includes('/api/payments'),
    );
    expect(new URL(looked.url()).search).toBe('?status=succeeded&without=stuck&limit=11');
    await page.getByRole('button', { name: '10+ new ↑' }).waitFor();
  });

  test('of a list of few rows no more are looked after, so that a row below them is not taken for new', async () => {
    const home = openConsoleHome();
    for (let number = 1; number < 5; number += 1) await home.deliver(`evt_${number}`);
    await using opened = await openBrowserConsole({ home });
    const { page, running } = opened;
    await page.goto(new URL('/webhooks?limit=2', running.url).href);
    await page.locator('.row-link').first().waitFor();
    await home.deliver('evt_5');

    await page.getByRole('button', { name: '1 new ↑' }).waitFor();
  });

  test('what comes while a list is on its way, and is hinted at before it is shown, is told as new', async () => {
    const home = openConsoleHome();
    await home.deliver('evt_1');
    const { store } = home.operatorHome;
    const isStored = Promise.withResolvers<void>();
    const isHinted = Promise.withResolvers<void>();
    const list: typeof store.list = async (request) => {
      const found = await store.list(request);
      await isHinted.promise;
      return found;
    };
    await using opened = await openBrowserConsole({
      home,
      deps: { home: { ...home.operatorHome, store: { ...store, list } } },
    });
    const { page, running } = opened;
    await page.route('**/api/hints', async (route) => {
      await isStored.promise;
      await route.continue();
    });

    const isAsked = page.waitForRequest('**/api/webhooks');
    await page.goto(new URL('/webhooks', running.url).href);
    await isAsked;
    await page.getByRole('button', { name: /asking/ }).waitFor();
    await home.deliver('evt_2');
    isStored.resolve();
    await page.getByRole('button', { name: /live/ }).waitFor();
    isHinted.resolve();

    await page.getByRole('button', { name: '1 new ↑' }).waitFor();
    expect(await page.locator('.row-link').count()).toBe(1);
  });

  test('every script of a screen is asked for by its page, and none by another script', async () => {
    await using opened = await openFilled();
    const { page, running } = opened;

    for (const name of ['', ...Object.keys(SCREEN_FILES)]) {
      const scripts: string[] = [];
      page.on('request', (request) => {
        if (request.resourceType() === 'script') scripts.push(new URL(request.url()).pathname);
      });
      await page.goto(new URL(`/${name}`, running.url).href);
      await page.getByRole('heading', { level: 1 }).waitFor();
      const named = await page.evaluate<string[]>(
        `[...document.querySelectorAll('script[src], link[rel="modulepreload"]')].map((one) => new URL(one.src ?? one.href).pathname)`,
      );
      page.removeAllListeners('request');
      expect([name, scripts.filter((one) => !named.includes(one) && !isLater(one))]).toEqual([name, []]);
    }
  });

  test('without a session nothing of what was asked is shown, and whoever comes in then is answered anew', async () => {
    await using opened = await openFilled();
    const { page, running } = opened;
    await page.context().clearCookies();
    const asked = askedBy(page);

    await page.goto(new URL('/webhooks', running.url).href);
    await page.getByText('payhook console').first().waitFor();
    expect(await page.locator('.row-link').count()).toBe(0);
    expect(asked.filter((one) => one === '/api/webhooks')).toHaveLength(1);

    const number = /\d{3} ?\d{3}/.exec((await page.locator('main').textContent()) ?? '')?.[0] ?? '';
    expect(running.admit(number)).toBe(true);
    await page.locator('.row-link').waitFor();
    expect(asked.filter((one) => one === '/api/webhooks')).toHaveLength(2);
  });
});
