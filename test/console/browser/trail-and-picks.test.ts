/** What takes more than a look: verifying the trail, reviewing a day, picking rows, a payment by two clocks, what came over time. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../src/core/limits.ts';
import { DAY_MS } from '../../../src/core/time.ts';
import type { DestinationQueues } from '../../../src/destinations/destination-queue.ts';
import { describeUnless } from '../../support/describe-unless.ts';
import { readZip } from '../../support/read-zip.ts';
import { CONSOLE_CONFIG, type ConsoleHome, openConsoleHome } from '../console-home.ts';
import {
  type BrowserConsole,
  type BrowserConsoleOptions,
  closeBrowser,
  noBrowser,
  openBrowserConsole,
} from './browser-console.ts';
import { isFocused } from './keyboard.ts';

describeUnless(noBrowser, 'in the console', () => {
  let console: BrowserConsole;
  const openWith = async (home: ConsoleHome, deps: BrowserConsoleOptions['deps'] = {}): Promise<BrowserConsole> => {
    console = await openBrowserConsole({ home, deps });
    return console;
  };
  /** Over it, but for how the trail is read. */
  const withRead = (home: ConsoleHome, read: ConsoleHome['auditLog']['read']) => ({
    home: { ...home.operatorHome, auditLog: { ...home.auditLog, read } },
  });

  afterEach(async () => {
    expect(console.complaints).toEqual([]);
    await console[Symbol.asyncDispose]();
  });
  afterAll(closeBrowser);

  describe('the trail', () => {
    test('is verified while a person sees how far that has come, and is whole', async () => {
      const home = openConsoleHome();
      await home.deliver('evt_1');
      await home.deliver('evt_2');
      const gate = Promise.withResolvers<void>();
      const { page, open } = await openWith(
        home,
        withRead(home, async (...asked) => {
          await gate.promise;
          return home.auditLog.read(...asked);
        }),
      );
      await open('/audit');
      await page.getByRole('button', { name: 'Verify now' }).click();
      await page.getByText('Entry 0 of 4').waitFor();
      expect(await page.getByRole('button', { name: 'Verify now' }).isDisabled()).toBe(true);
      expect(await page.locator('progress').getAttribute('max')).toBe('4');
      gate.resolve();

      await page.getByText('The trail is whole.').waitFor();
      await page.getByText('4 entries, 0 signed digests; 2 stored webhooks are as it says.').waitFor();
      await page.getByRole('button', { name: 'Verify now', disabled: false }).waitFor();
    });

    test('that was edited names each problem, and what to do about it', async () => {
      const home = openConsoleHome();
      await home.deliver('evt_1');
      const { page, open } = await openWith(
        home,
        withRead(home, async (...asked) =>
          (await home.auditLog.read(...asked)).map((entry) => ({ ...entry, text: `${entry.text} ` })),
        ),
      );
      await open('/audit');
      await page.getByRole('button', { name: 'Verify now' }).click();

      await page.getByText('The trail is broken.').waitFor();
      const found = page.locator('.found li');
      expect(await found.count()).toBe(1);
      expect(await found.first().textContent()).toMatch(/was edited.*security incident/);
    });

    test('of a day is reviewed by an auditor, and who did so is there for everybody after', async () => {
      const home = openConsoleHome();
      await home.deliver('evt_bad');
      await home.reject('evt_rolled', 'whsec_anewsecretthatisnotconfiguredyet');
      home.clock.advance(DAY_MS);
      const { page, open, settle } = await openWith(home, { role: 'auditor' });
      await open('/audit/review');
      await page.getByRole('link', { name: 'rejected signature' }).waitFor();
      await page.getByText('No payload was opened.').waitFor();
      await page.getByLabel('What you noted, for the audit trail').fill('one rolled secret, mended');
      await page.getByRole('button', { name: 'Reviewed 2026-11-23' }).click();

      await page.getByText('✔ Reviewed by alice').waitFor();
      await page.reload();
      await settle();
      await page.getByText('one rolled secret, mended').waitFor();
      expect(await page.getByRole('button', { name: 'Reviewed 2026-11-23' }).count()).toBe(0);
    });
  });

  describe('rows that are picked', () => {
    test('with the mouse become a job of exactly these, seen before', async () => {
      const home = openConsoleHome();
      for (const id of ['evt_bad_1', 'evt_bad_2', 'evt_bad_3', 'evt_1']) await home.deliver(id);
      const { page, open } = await openWith(home);
      await open('/webhooks');
      for (const id of ['evt_bad_1', 'evt_bad_3', 'evt_1']) await page.getByLabel(`Pick stripe:${id}`).check();
      await page.getByText('3 picked').waitFor();
      await page.getByRole('link', { name: 'Redrive these…' }).click();
      await page.getByText('40.00 USD').waitFor();
      await page.getByText('stripe:evt_1)').waitFor();
      await page.reload();
      await page.getByLabel('Reason, for the audit trail').fill('INC-812');
      await page.getByRole('button', { name: 'Redrive 2' }).click();
      await page.waitForURL('**/jobs/*');

      const { items } = await home.operatorHome.jobs.list({ limit: 1 });
      expect(items[0]).toMatchObject({
        preview: { webhooks: 2 },
        filter: { ids: ['stripe:evt_bad_1', 'stripe:evt_bad_3', 'stripe:evt_1'], status: 'dead_lettered' },
      });
    });

    test('by keys are redriven by a key', async () => {
      const home = openConsoleHome();
      for (const id of ['evt_bad_1', 'evt_bad_2']) await home.deliver(id);
      const { page, open } = await openWith(home);
      await open('/webhooks?status=dead_lettered');
      await page.locator('.row-link').first().waitFor();
      for (const key of ['j', 'x', 'r', 'Enter']) await page.keyboard.press(key);

      await page.waitForURL('**/redrive?ids=stripe%3Aevt_bad_2');
      await page.getByRole('button', { name: 'Redrive 1' }).waitFor();
    });

    test('of what a destination gave up are sent again', async () => {
      const home = openConsoleHome({ destinations: [{ name: 'ledger', events: ['payment.*'] }] });
      for (const id of ['evt_1', 'evt_2']) await home.deliver(id);
      const queue = home.destinations as DestinationQueues;
      await queue.settle(
        (await queue.claim('ledger', 10, 60_000)).map(
          (claim) => ({ claim, outcome: 'given_up', error: 'answered 410' }) as const,
        ),
        home.clock.now(),
      );
      const { page, open } = await openWith(home);
      await open('/destinations/ledger');
      await page.getByText('answered 410').first().waitFor();
      await page.getByLabel('Pick stripe:evt_2').check();
      await page.getByRole('link', { name: 'Resend these…' }).click();

      await page.getByRole('heading', { name: 'Resend to ledger' }).waitFor();
      await page.getByText('1 event again').waitFor();
      await page.getByRole('button', { name: 'Resend 1' }).waitFor();
    });
  });

  test('the trail is taken along by whoever sees it, as a file', async () => {
    const home = openConsoleHome();
    await home.deliver('evt_1');
    await home.closeDigests();
    const { page, open } = await openWith(home, { role: 'auditor' });
    await open('/audit');
    await page.getByText('Take the trail along…').click();
    await page.getByLabel('Reason, for the audit trail').fill('the yearly assessment');
    const coming = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    const download = await coming;

    expect(download.suggestedFilename()).toMatch(/^payhook-audit-trail-\d{4}-\d\d-\d\d\.zip$/);
    expect([...readZip(readFileSync(await download.path())).keys()]).toContain('verify.cjs');
    await page.getByText('The download has begun').waitFor();
  });

  test('what a payload says is searched, and where it stands is copied', async () => {
    const home = openConsoleHome();
    await home.deliver('evt_1', { object: { metadata: { 'order id': 'shirt-47' } } });
    const { page, open } = await openWith(home);
    await open('/webhooks/stripe%3Aevt_1');
    await page.getByLabel('Reason', { exact: true }).fill('ticket 4711');
    await page.getByRole('button', { name: 'Open payload' }).click();
    await page.getByLabel('Search in it').fill('SHIRT');
    await page.getByText('data.object.metadata["order id"]').waitFor();
    await page.getByRole('button', { name: 'Copy path' }).click();

    const copied = () => page.evaluate<string>('navigator.clipboard.readText()');
    await expect.poll(copied).toBe('data.object.metadata["order id"]');
    await page.getByLabel('Search in it').fill('nobody says this');
    await page.getByText('Nothing in it says that.').waitFor();
  });

  test('a job that needs a second person says so before it is asked for, and the second one sees that it waits', async () => {
    const home = openConsoleHome();
    for (const id of ['evt_bad_1', 'evt_bad_2']) await home.deliver(id);
    const config = { ...CONSOLE_CONFIG, jobs: { approvalAboveWebhooks: 1 } };
    {
      const { page, open } = await openWith(home, { config });
      await open('/redrive?cause=handler_failed');
      await page.getByText('It needs a second person: more than 1 webhook.').waitFor();
      await page.getByLabel('Reason, for the audit trail').fill('INC-812');
      await page.getByRole('button', { name: 'Ask for approval of 2' }).click();
      await page.getByText('It waits for a second person').waitFor();
      await console[Symbol.asyncDispose]();
    }
    const operators = { ...home.operators, user: { type: 'operator', id: 'bob' } as const };
    const { page } = await openWith(home, { home: { ...home.operatorHome, operators }, role: 'approver', config });

    await page.getByRole('link', { name: 'Approvals 1 waits for you' }).waitFor();
    const [job] = (await home.operatorHome.jobs.list({ limit: 1 })).items;
    await console.open(`/jobs/${job?.id}`);
    await page.getByText(/^(?=.*cause handler failed)(?=.*status dead_lettered).*until 2026-11-23 /).waitFor();
    await page.getByRole('button', { name: 'Approve' }).click();
    expect(await isFocused(page.getByLabel('Reason, for the audit trail'))).toBe(true);
    expect(await home.operatorHome.jobs.get(job?.id ?? '')).toMatchObject({ state: 'waiting_for_approval' });
  });

  test('a session that ends soon says so a minute before, and goes on when its person stays', async () => {
    const home = openConsoleHome();
    console = await openBrowserConsole({ home, now: Date.parse('2026-11-23T12:00:00Z') });
    const { page } = console;
    // An answer that comes after the clock was moved would be a use of the session.
    await console.settle();
    await page.clock.setFixedTime(Date.parse('2026-11-23T12:00:00Z') + LIMITS.consoleIdleMsMax - 59_000);
    await page.getByText('The session ends in less than a minute.').waitFor();
    await page.getByRole('button', { name: 'Stay' }).click();

    await page.getByText('The session ends in less than a minute.').waitFor({ state: 'detached' });
  });

  test('where nothing says that there is news a list asks for it, and moves no row', async () => {
    const home = openConsoleHome();
    await home.deliver('evt_1');
    const { version: _, ...silent } = home.operatorHome;
    const { page, open } = await openWith(home, { home: silent });
    await open('/webhooks');
    await page.getByRole('button', { name: /asking/ }).waitFor();
    await home.deliver('evt_new');

    await page.getByRole('button', { name: '1 new ↑' }).waitFor();
    expect(await page.locator('.row-link').count()).toBe(1);
  });

  test('what is at risk says as of when, and that something has changed since, and is another sum when it is looked at again', async () => {
    const home = openConsoleHome();
    await home.deliver('evt_bad_1');
    const { page } = await openWith(home);
    await page.getByRole('button', { name: /live/ }).waitFor();
    const risk = page.getByRole('region', { name: 'Money at risk' });
    await risk.getByText(/^As of (?:now|\d+ s ago)$/).waitFor();
    await page.getByRole('img', { name: /^Received: 1 in all/ }).waitFor();
    await home.deliver('evt_bad_2');
    await risk.getByText('and something has changed since').waitFor();
    expect(await risk.getByRole('listitem').textContent()).toBe('20.00 USD');
    await risk.getByRole('button', { name: 'Look again' }).click();

    await risk.getByText('40.00 USD').waitFor();
    await risk.getByText('and something has changed since').waitFor({ state: 'detached' });
    await page.getByRole('img', { name: /^Received: 2 in all/ }).waitFor();
  });

  test('the mode that is counted is the one that is shown, and a cause leads to just what was counted', async () => {
    const home = openConsoleHome();
    await home.deliver('evt_bad_1');
    const { page, open } = await openWith(home);
    await open('/dead-letters?since=1h');
    expect(await page.getByLabel('Mode').inputValue()).toBe('test');
    await page.locator('.row-link').click();
    await page.waitForURL(/webhooks/);

    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
      cause: 'handler_failed:handle:the-warehouse-is-down',
      since: '1h',
      mode: 'test',
    });
    await page.getByRole('link', { name: 'payment_intent.succeeded' }).waitFor();
  });

  test('a payment is shown by the clock of its provider or by ours, and the address says which', async () => {
    const home = openConsoleHome();
    const object = { id: 'pi_life', object: 'payment_intent' };
    for (const [id, type] of [
      ['evt_late', 'payment_intent.succeeded'],
      ['evt_early', 'payment_intent.created'],
    ] as const) {
      await home.deliver(id, { type, object });
    }
    const { page, open } = await openWith(home);
    await open('/payments/stripe/pi_life');
    const events = () => page.locator('.timeline strong').allTextContents();
    expect(await events()).toEqual(['payment.created', 'payment.succeeded']);
    await page.getByRole('link', { name: 'our time' }).click();

    await page.waitForURL('**/payments/stripe/pi_life?clock=ours');
    await expect.poll(events).toEqual(['payment.succeeded', 'payment.created']);
  });

  test('what came over time is drawn, and is a table for who does not see it', async () => {
    const home = openConsoleHome();
    for (const id of ['evt_1', 'evt_2', 'evt_bad']) await home.deliver(id);
    const { page, open } = await openWith(home);
    await open('/');
    await page.getByRole('img', { name: 'Received: 3 in all, 3 at most in 1 min' }).waitFor();
    await page.getByRole('img', { name: 'Failed: 1 in all, 1 at most in 1 min' }).waitFor();
    await page.getByText('As a table').click();
    const cells = page.getByRole('table', { name: 'Webhooks over time' }).getByRole('row').last().getByRole('cell');
    expect((await cells.allTextContents()).slice(1)).toEqual(['3', '2', '1', '0']);
    await page.getByRole('link', { name: '24h' }).click();

    await page.waitForURL('**/?window=24h');
    await page.getByRole('img', { name: 'Received: 3 in all, 3 at most in 30 min' }).waitFor();
  });

  test('deliveries are shown by what became of them, an accepted one leads to its webhook, and the address, file and command say which', async () => {
    const home = openConsoleHome();
    await home.deliver('evt_1');
    await home.reject('evt_forged', 'whsec_anothersecretthatisnotconfigured');
    const sender = { address: '192.0.2.9', isLimited: true, hasReserve: false };
    await home.turnedAway.record({
      ...{ provider: 'stripe', outcome: 'refused', reason: 'body_too_large', requestId: 'request-2', sender },
    });
    const { page, open } = await openWith(home);
    const command = () => page.locator('main .actions code').first().textContent();
    const file = () => page.getByRole('link', { name: 'All pages as CSV', includeHidden: true }).getAttribute('href');
    await open('/deliveries');
    await page.getByRole('table', { name: 'Rejected deliveries' }).waitFor();
    expect(await command()).toBe('payhook rejected list');

    await page.getByLabel('Outcome').selectOption('refused');
    await page.getByRole('table', { name: 'refused before they were looked into' }).getByText('413').waitFor();
    expect(new URL(page.url()).search).toBe('?outcome=refused');
    expect(await page.getByRole('table').count()).toBe(1);
    expect(await command()).toBe('payhook audit show --chain rejections --event REFUSED_AT_EDGE,REJECTED_AT_EDGE');
    expect(await file()).toBe('/api/export/turned-away?outcome=refused&format=csv');

    await page.getByLabel('Outcome').selectOption('duplicate');
    await page.getByText('No server runs here that says how many came.').waitFor();

    await page.getByLabel('Outcome').selectOption('accepted');
    await page.getByRole('table', { name: 'Accepted deliveries' }).waitFor();
    expect(await command()).toBe('payhook webhooks list --origin delivery');
    expect(await file()).toBe('/api/export/webhooks?origin=delivery&format=csv');
    await page.locator('.row-link').click();
    await page.waitForURL('**/webhooks/stripe%3Aevt_1');
  });

  test('the overview says how much was rejected and whether that is more than before, and how far processing is behind', async () => {
    const home = openConsoleHome();
    await home.deliver('evt_1');
    await home.deliverLater('evt_waits');
    const { page } = await openWith(home, { readServer: async () => home.published.state });
    await page.getByText('No server runs here that says how many came.').waitFor();
    await page.getByText(/^1 waiting, the oldest/).waitFor();
    await page.getByText(/^99 in 100 ended within \d+ ms of the newest 1,/).waitFor();

    const none = { accepted: 0, duplicates: 0, turnedAway: 0, rejected: 0 };
    const lastHour = { accepted: 1993, duplicates: 0, turnedAway: 7, rejected: 7 };
    const hourBefore = { ...none, accepted: 500, turnedAway: 1, rejected: 1 };
    home.published.state = {
      ...{ v: 1, at: 0, startedAt: 0, processId: 1, handlers: [], handlerProcess: null, destinations: [] },
      receiving: { ...{ accepted: 0, duplicates: 0, turnedAway: 0, isBusy: false }, lastHour, hourBefore },
      processing: { underway: 0, concurrency: 1 },
    };
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByText('Rejected 0.4 % of 2,000 in 60 minutes ▲ 0.2 % before').waitFor();
  });
});
