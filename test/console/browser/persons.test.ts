/** Everybody who opens the console, from the question to the answer, by keyboard alone and in the time that they have. */
import { readFileSync } from 'node:fs';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { MINUTE_MS } from '../../../src/core/time.ts';
import { createCarryJob } from '../../../src/jobs/carry-job.ts';
import { createDecideOnJob } from '../../../src/jobs/decide-on-job.ts';
import { describeUnless } from '../../support/describe-unless.ts';
import { type ConsoleHome, openConsoleHome } from '../console-home.ts';
import { type BrowserConsole, closeBrowser, noBrowser, openBrowserConsole } from './browser-console.ts';
import { keyboardOf } from './keyboard.ts';
import { type Journey, journeyTable, type Stopwatch, startStopwatch } from './stopwatch.ts';

const NEW_SECRET = 'whsec_anewsecretthatisnotconfiguredyet';

const fill = async (home: ConsoleHome): Promise<void> => {
  await home.deliver('evt_paid', { object: { latest_charge: 'ch_paid' } });
  await home.deliver('evt_failed', { type: 'payment_intent.payment_failed', object: { amount_received: 0 } });
  for (const id of ['evt_bad_1', 'evt_bad_2', 'evt_bad_3']) await home.deliver(id);
  await home.reject('evt_rolled', NEW_SECRET);
  const { id } = await home.ask({ reason: 'the warehouse was down from nine to ten' });
  await createDecideOnJob(home.operatorHome)(id, {
    outcome: 'approved',
    by: { type: 'operator', id: 'carol' },
    reason: 'the warehouse said so',
  });
  home.clock.advance(MINUTE_MS);
};

describeUnless(noBrowser, 'with the keyboard alone', () => {
  let console: BrowserConsole;
  const journeys: Journey[] = [];

  beforeAll(async () => {
    const home = openConsoleHome();
    await fill(home);
    console = await openBrowserConsole({ home });
  });
  beforeEach(() => console.open('/'));
  afterAll(async () => {
    await console?.[Symbol.asyncDispose]();
    await closeBrowser();
    globalThis.console.log(journeyTable(journeys));
  });

  const begin = (person: string, task: string, secondsMax: number): Stopwatch =>
    startStopwatch(keyboardOf(console), { person, task, secondsMax });
  const end = (watch: Stopwatch): void => {
    const journey = watch.end();
    journeys.push(journey);
    expect(journey.seconds).toBeLessThan(journey.secondsMax);
  };
  const heading = (name: string) => console.page.getByRole('heading', { level: 1, name });
  const said = (text: string | RegExp): Locator => console.page.getByText(text).first();
  const download = async (watch: Stopwatch, link: string): Promise<string> => {
    const { page } = console;
    await watch.keyboard.press('Control+k');
    await watch.keyboard.type('export');
    await watch.keyboard.press('Enter');
    await watch.keyboard.tabTo(page.getByRole('link', { name: link }));
    const coming = page.waitForEvent('download');
    await watch.keyboard.press('Enter');
    return readFileSync(await (await coming).path(), 'utf8');
  };

  test('on-call sees what is broken, since when, and how much money hangs on it', async () => {
    const watch = begin('on-call', 'what is broken, since when, how much money', 30);
    await watch.read(said('60.00 USD'));
    await watch.read(console.page.getByRole('link', { name: 'handle: the warehouse is down' }));
    await watch.read(console.page.locator('[data-name="First"] time').first());
    end(watch);
  });

  test('on-call goes from the cause to the preview, redrives all of it, and reads the report', async () => {
    const { page, home } = console;
    const watch = begin('on-call', 'cause, preview, redrive of all of it, report', 120);
    const { keyboard } = watch;
    await keyboard.press('5');
    await watch.read(page.getByRole('link', { name: 'handle: the warehouse is down' }));
    await keyboard.press('j', 'Enter');
    await page.waitForURL('**/webhooks?cause=**');
    await page.getByRole('link', { name: 'Redrive all of these…' }).waitFor();
    await keyboard.press('r', 'Enter');
    await watch.read(said('called for'));
    await keyboard.tabTo(page.getByLabel('Reason, for the audit trail'));
    await keyboard.type('the warehouse is back');
    await keyboard.press('Enter');
    await page.waitForURL('**/jobs/*');
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    expect((await home.operatorHome.jobs.get(id))?.preview.webhooks).toBe(3);
    const carry = createCarryJob({ ...home.operatorHome, carrierId: 'test' });
    for (let carried = await carry(id); carried.outcome !== 'rests'; carried = await carry(id)) {
      await home.work();
      home.clock.advance(1000);
    }
    await watch.read(said(/failed again/));
    await watch.read(said('stopped'));
    end(watch);
  });

  test('on-call redrives one dead letter from its page', async () => {
    const { page, home } = console;
    const watch = begin('on-call', 'redrive of one dead letter', 30);
    const { keyboard } = watch;
    await keyboard.press('Control+k');
    await keyboard.type('one by');
    await keyboard.press('Enter');
    await page.waitForURL('**/webhooks?status=dead_lettered');
    await page.locator('.row-link').first().waitFor();
    await keyboard.press('j', 'Enter');
    await page.getByRole('button', { name: 'Redrive' }).waitFor();
    await keyboard.press('r');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Redrive');
    await keyboard.press('Shift+Tab');
    await keyboard.type('once more');
    await keyboard.press('Enter');
    await watch.read(said('It queued again (was dead_lettered).'));
    end(watch);

    expect((await home.store.list({ limit: 10, status: 'received' })).items).toHaveLength(1);
  });

  test('support pastes whatever id the customer has, and sees whether it was paid and what was done', async () => {
    const { page } = console;
    const watch = begin('support', 'paste an id: paid? shipped?', 15);
    const { keyboard } = watch;
    await keyboard.press('/');
    await keyboard.paste('ch_paid');
    await keyboard.press('Enter');
    await page.waitForURL('**/payments/stripe/pi_evt_paid');
    await watch.read(said('20.00 USD'));
    await keyboard.tabTo(page.getByRole('link', { name: 'stripe:evt_paid' }));
    await keyboard.press('Enter');
    await watch.read(page.getByRole('listitem').filter({ hasText: 'handle' }).filter({ hasText: 'done' }).first());
    end(watch);

    expect(page.url()).not.toContain('payload');
  });

  test('finance filters payments, and takes them along as CSV with every amount beside its currency', async () => {
    const { page } = console;
    const watch = begin('finance', 'filter payments, CSV of them', 60);
    const { keyboard } = watch;
    await keyboard.press('2');
    await heading('Payments').waitFor();
    await keyboard.press('f');
    await keyboard.type('failed');
    await page.waitForURL('**/payments?status=failed');
    await watch.read(page.getByRole('link', { name: 'pi_evt_failed' }));
    const [names = '', ...rows] = (await download(watch, 'All pages as CSV')).trimEnd().split('\n');
    end(watch);

    expect(names.split(',')).toEqual(expect.arrayContaining(['status', 'amount', 'captured', 'refunded', 'disputed']));
    expect(rows).toHaveLength(1);
  });

  test('an assessor sees that the trail is whole, and takes it along as it is kept', async () => {
    const { page, home } = console;
    const watch = begin('assessor', 'verify the trail, take it along', 60);
    const { keyboard } = watch;
    await keyboard.press('g', 'a');
    await heading('Audit').waitFor();
    await keyboard.tabTo(page.getByRole('button', { name: 'Verify now' }));
    await keyboard.press('Enter');
    await watch.read(said('The trail is whole.'));
    const file = await download(watch, 'All pages as NDJSON');
    end(watch);

    const entries = file
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const kept = await home.auditLog.read(0, 1000);
    expect(entries.map(({ hash }) => hash)).toEqual(kept.slice(0, entries.length).map(({ hash }) => hash));
    expect(entries.length).toBeGreaterThan(10);
  });

  test('a developer sees why a signature fails, mends the secret, has it accepted, and looks into it', async () => {
    const { page, home } = console;
    const watch = begin('developer', 'why does it fail, verify again, accept, payload', 60);
    const { keyboard } = watch;
    await keyboard.press('4');
    await page.locator('.row-link').first().waitFor();
    await keyboard.press('j', 'Enter');
    await watch.read(said('Nothing that was tried verifies it'));
    home.secrets.push(NEW_SECRET);
    await keyboard.tabTo(page.getByRole('button', { name: 'Verify again' }));
    await keyboard.press('Enter');
    await watch.read(said(/It is genuine: stripe#[0-9a-f]{8} verifies it\./));
    await keyboard.tabTo(page.getByLabel('Reason, for the audit trail'));
    await keyboard.type('rolled');
    await keyboard.press('Enter');
    await watch.read(said('It is stored as stripe:evt_rolled'));
    await keyboard.press('Control+k');
    await keyboard.paste('evt_rolled');
    await keyboard.press('Enter');
    await page.waitForURL('**/webhooks/**');
    await keyboard.tabTo(page.getByLabel('Reason', { exact: true }));
    await keyboard.type('why');
    await keyboard.press('Enter');
    await watch.read(page.locator('.payload').getByText('"evt_rolled"').first());
    end(watch);
    await home.work();
  });

  test('a team lead sees who approved a redrive, and why', async () => {
    const { page } = console;
    const watch = begin('team lead', 'who approved this redrive', 60);
    const { keyboard } = watch;
    await keyboard.press('g', 'j');
    await heading('Jobs').waitFor();
    const rows = page.locator('.row-link');
    await rows.first().waitFor();
    // The newest is the one that on-call has just begun.
    for (let row = await rows.count(); row > 0; row -= 1) await keyboard.press('j');
    await keyboard.press('Enter');
    await watch.read(said('approved by carol: the warehouse said so'));
    end(watch);
  });
});
