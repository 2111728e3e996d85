/** Where there is nothing, or what was asked for cannot be answered: what is said, once, and where somebody goes on from there. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeUnless } from '../../support/describe-unless.ts';
import { openConsoleHome } from '../console-home.ts';
import { closeBrowser, noBrowser, openBrowserConsole } from './browser-console.ts';
import { ASKING, look, openScreens, type Screens } from './screens.ts';

describeUnless(noBrowser, 'a console that has nothing to show, in a browser', () => {
  let screens: Screens;

  beforeAll(async () => {
    screens = await openScreens();
  });
  afterAll(() => screens?.[Symbol.asyncDispose]());

  const shown = async (path: string): Promise<string | null> => {
    const { full } = screens;
    await full.open(path);
    return full.page.locator('main').textContent();
  };

  test.each([
    ['/webhooks/stripe%3Anobody', '/webhooks', 'All webhooks'],
    ['/payments/stripe/nobody', '/payments', 'All payments'],
    ['/deliveries/nobody', '/deliveries', 'All deliveries'],
    ['/destinations/nobody', '/destinations', 'All destinations'],
    ['/jobs/nobody', '/jobs', 'All jobs'],
    ['/resend/nobody?since=1h', '/destinations', 'All destinations'],
    ['/redrive', '/dead-letters', 'All dead letters'],
    ['/replay?payment=nobody', '/webhooks', 'All webhooks'],
    ['/webhooks?since=nonsense', '/webhooks', 'Clear the filters'],
    ['/webhooks?after=nonsense', '/webhooks', 'Clear the filters'],
    ['/audit/review?day=someday', '/audit/review', 'Clear the filters'],
  ])('%s leads on to %s, and is not asked for again as it is', async (path, href, label) => {
    const { page } = screens.full;
    const text = await shown(path);

    expect(await page.locator('.problem').getByRole('link', { name: label }).getAttribute('href')).toBe(href);
    expect(text).not.toContain('Try again');
  });

  test('a wrong address is answered in words, and what somebody wrote into it stays as it is', async () => {
    expect(await shown('/webhooks?status=lost')).toContain(
      'What is given as status has to be one of received, retrying, processed, ignored, dead_lettered.',
    );
    expect(await shown('/audit?object=pi_1')).toContain('pi_1 is nothing that entries are about');
  });

  test('what is to be done stands apart from the code of what went wrong', async () => {
    const { full, isAway } = screens;
    isAway.now = true;
    try {
      await full.open('/deliveries');
      expect(await full.page.getByRole('alert').allTextContents()).toEqual([
        expect.stringMatching(/^The store is away\.\s+store_unavailable/),
      ]);
    } finally {
      isAway.now = false;
    }
  });

  test.each(ASKING)('%s says that it waits, as long as it does', async (path) => {
    const { full, here } = screens;
    const { page } = full;
    await full.open('/no/screen');
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    await page.route('**/api/**', async (route) => {
      await answered;
      await route.continue();
    });
    const opened = full.open(here(path));
    try {
      await page.getByText('Loading…').first().waitFor();
    } finally {
      answer();
      await opened;
      await page.unrouteAll({ behavior: 'wait' });
    }

    expect(await page.getByText('Loading…').count()).toBe(0);
  });

  test('where only a part was looked at nothing is said of the rest', async () => {
    const { page } = screens.full;
    const until = '2026-11-23T09:12:00.000Z';
    const only = (name: string, part: Readonly<Record<string, unknown>>) =>
      page.route(`**/api/${name}*`, async (route) => {
        const headers = { ...route.request().headers(), 'sec-fetch-site': 'same-origin' };
        const response = await route.fetch({ headers });
        const all: Readonly<Record<string, unknown>> = await response.json();
        await route.fulfill({ response, json: { ...all, ...part } });
      });
    await only('webhooks?', { items: [], next: 'more', scannedUntil: until });
    await only('audit/review', { lookedBackTo: until });
    const { causes } = await page.evaluate<{ causes: object }>(`fetch('/api/overview').then((one) => one.json())`);
    await only('overview', { causes: { ...causes, scannedUntil: until } });
    await only('causes', { scannedUntil: until });

    expect(await shown('/webhooks?eventType=refund.*')).toContain('Nothing is like that in what was looked at so far.');
    expect(await shown('/audit/review?day=2026-11-22')).toContain('Looked for, and not found in what was looked at');
    for (const path of ['/', '/dead-letters']) {
      expect(await shown(path)).toContain('Looked back to 2026-11-23 09:12:00 and no further');
    }
    await page.unrouteAll({ behavior: 'wait' });
  });

  test('a payment that is not there has no webhooks to replay', async () => {
    expect(await shown('/payments/stripe/nobody')).not.toMatch(/Replay|Its webhooks/);
  });

  test('a filter without a hit is not taken for nothing at all', async () => {
    expect(await shown('/dead-letters?provider=adyen')).toContain('Nothing that is like that was given up');
    expect(await shown('/find?q=nobody')).toContain('Ids are found as a whole');
    expect(await shown('/replay?object=nobody')).toContain('Nothing. No webhook is like that.');
  });

  test.each(['/jobs', '/approvals', '/destinations'])('%s says which parts of its address it ignores', async (path) => {
    expect(await shown(`${path}?state=nonsense`)).toContain('ignored: state');
  });

  test.each([
    ['/webhooks', 'payhook send stripe payment_intent.succeeded'],
    ['/deliveries?outcome=accepted', 'payhook send stripe payment_intent.succeeded'],
    ['/payments', 'payhook send scenario three-providers'],
  ])('%s has the command to begin with ready to be pasted', async (path, line) => {
    const { page, open } = screens.empty;
    await open(path);
    await page.locator('.empty').getByRole('button', { name: 'Copy' }).click();

    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(line);
  });

  test('an hour in which nothing came has no highest bar', async () => {
    const { page, open } = screens.empty;
    await open('/webhooks');
    await open('/');

    await page.getByText('1 min a bar, 0 at most').waitFor();
  });

  test('an export that cannot be made is no file, and says why', async () => {
    const { full, isAway } = screens;
    const { page } = full;
    const files: string[] = [];
    page.on('download', (file) => files.push(file.url()));
    await full.open('/webhooks');
    await page.getByText('Export', { exact: true }).click();
    isAway.now = true;
    try {
      await page.getByText('All pages as CSV').click();
      await page.locator('.popup .problem', { hasText: 'The store is away.' }).waitFor();
    } finally {
      isAway.now = false;
    }

    expect(files).toEqual([]);
  });

  test('a job that means something else by now is seen again before it is asked for', async () => {
    const { full } = screens;
    const { page, home } = full;
    await full.open('/redrive?cause=handler_failed&eventType=payment_intent.succeeded');
    const button = page.getByRole('button', { name: /^(?:Redrive|Ask for approval of) \d/ });
    const before = await button.textContent();
    const [webhook] = await home.store.find('stripe:evt_bad_1');
    if (webhook === undefined) throw new Error('what is to change is not there');
    await home.redrive(webhook, { type: 'operator', id: 'bob' }, 'by somebody else');
    await page.getByLabel('Reason, for the audit trail').fill('the warehouse is back');
    await button.click();

    await page.getByText('What this would do has changed meanwhile').waitFor();
    await expect.poll(() => button.textContent()).not.toBe(before);
    expect(await page.getByLabel('Reason, for the audit trail').inputValue()).toBe('the warehouse is back');
  });
});

describeUnless(noBrowser, 'a console for whoever may not, or is there no more, in a browser', () => {
  afterAll(closeBrowser);

  test.each(['/audit', '/audit/review', '/audit/evidence'])(
    '%s is not for a viewer, and says who may',
    async (path) => {
      await using console = await openBrowserConsole({ deps: { role: 'viewer' } });
      await look(console, () => console.open(path));

      const text = await console.page.locator('main').textContent();
      expect(text).toContain('The role viewer may not do this: auditor, operator or approver may.');
      expect(text).not.toMatch(/not_allowed|Export|Print/);
    },
  );

  test('a day that has not ended cannot be reviewed, and the screen says so', async () => {
    const home = openConsoleHome();
    const day = new Date(home.clock.now()).toISOString().slice(0, 10);
    await using console = await openBrowserConsole({ home, deps: { role: 'auditor' } });
    await console.open(`/audit/review?day=${day}`);

    await console.page.getByText('This day has not ended yet').waitFor();
    expect(await console.page.getByRole('button', { name: /^Reviewed/ }).count()).toBe(0);
  });

  test('what was just answered is not in the future', async () => {
    const home = openConsoleHome();
    const now = home.clock.now();
    await using console = await openBrowserConsole({ home, now });
    await console.open('/webhooks');
    // Before the clock of the page comes to tick.
    await console.page.clock.setFixedTime(now + 4_000);
    await console.open('/');

    expect(await console.page.locator('.looked').textContent()).toMatch(/^As of now/);
  });

  test('of a job that was cancelled nothing is to do any more', async () => {
    const home = openConsoleHome();
    await home.deliver('evt_bad_1');
    const { id } = await home.ask();
    await using console = await openBrowserConsole({ home });
    const { page } = console;
    await console.open(`/jobs/${encodeURIComponent(id)}`);
    await page.getByText('1 to do').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();

    await page.getByText('1 left as it was').waitFor();
    expect(await page.getByText('to do').count()).toBe(0);
  });

  test('a session that has ended is told of, and the page goes on where it was', async () => {
    await using console = await openBrowserConsole();
    const { page, running } = console;
    await console.open('/webhooks?status=retrying');
    await page.context().clearCookies();
    await page.getByRole('link', { name: 'Payments' }).click();
    await page.getByText('The session has ended.').waitFor();
    const number = (await page.locator('strong.number').textContent()) ?? '';
    expect(running.admit(number)).toBe(true);
    await page.getByRole('heading', { name: 'Payments' }).waitFor();

    expect(await page.getByText('The session has ended.').count()).toBe(0);
  });
});
