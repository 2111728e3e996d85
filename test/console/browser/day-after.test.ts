/** The day after, by keyboard alone and in the time that there is: whoever leads the team, and whoever keeps the books. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DAY_MS } from '../../../src/core/time.ts';
import { createDecideOnJob } from '../../../src/jobs/decide-on-job.ts';
import { readPayload } from '../../../src/operate/read-payload.ts';
import { describeUnless } from '../../support/describe-unless.ts';
import { type ConsoleHome, openConsoleHome } from '../console-home.ts';
import { type BrowserConsole, closeBrowser, noBrowser, openBrowserConsole } from './browser-console.ts';
import { keyboardOf } from './keyboard.ts';
import { misplacedIn } from './look-at-page.ts';
import { type Journey, journeyTable, type Stopwatch, startStopwatch } from './stopwatch.ts';

const disputeOf = (payment: string, amount: number): Parameters<ConsoleHome['deliver']>[1] => ({
  type: 'charge.dispute.created',
  object: {
    id: `dp_${payment}`,
    object: 'dispute',
    amount,
    currency: 'usd',
    payment_intent: `pi_${payment}`,
    charge: `ch_${payment}`,
    status: 'needs_response',
    reason: 'product_not_received',
    evidence_details: { due_by: 1_795_600_000 },
  },
});

const open = async (home: ConsoleHome, webhookId: string, id: string): Promise<void> => {
  const [webhook] = await home.store.find(webhookId);
  if (webhook === undefined) throw new Error(`${webhookId} is not there`);
  await readPayload({ ...home, operator: { type: 'operator', id } }, webhook, 'ticket 4711');
};

/** Yesterday: two people opened a payload, one redrove what another approved, two buyers disputed. */
const fill = async (home: ConsoleHome): Promise<void> => {
  for (const id of ['evt_bad_1', 'evt_bad_2']) await home.deliver(id);
  await home.deliver('evt_a', { object: { latest_charge: 'ch_evt_a' } });
  await home.deliver('evt_b', { object: { latest_charge: 'ch_evt_b', amount: 123_456, amount_received: 123_456 } });
  await home.deliver('evt_yen', { object: { currency: 'jpy', amount: 500, amount_received: 500 } });
  await home.deliver('evt_disputed', disputeOf('evt_b', 123_456));
  await open(home, 'stripe:evt_a', 'bob');
  await open(home, 'stripe:evt_b', 'mallory');
  const { id } = await home.ask({ reason: 'the warehouse was down from nine to ten' });
  await createDecideOnJob(home.operatorHome)(id, {
    outcome: 'approved',
    by: { type: 'operator', id: 'carol' },
    reason: 'the warehouse said so',
  });
  home.clock.advance(DAY_MS);
};

describeUnless(noBrowser, 'the day after, with the keyboard alone', () => {
  let console: BrowserConsole;
  const journeys: Journey[] = [];

  beforeAll(async () => {
    const home = openConsoleHome();
    await fill(home);
    console = await openBrowserConsole({ home, now: home.clock.now(), deps: { role: 'approver' } });
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
  const said = (text: string | RegExp) => console.page.getByText(text).first();
  const choose = async ({ keyboard }: Stopwatch, command: string): Promise<void> => {
    await keyboard.press('Control+k');
    await keyboard.type(command);
    await keyboard.press('Enter');
  };

  test('a team lead goes through yesterday: was it reviewed, what did one person do, and who approved the job', async () => {
    const { page } = console;
    const watch = begin('team lead', 'yesterday: reviewed? by whom was what done, who approved', 60);
    const { keyboard } = watch;
    await keyboard.press('g', 'a');
    await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();
    await choose(watch, 'daily');
    await watch.read(said('Nobody has said yet that they went through this day'));
    await keyboard.tabTo(page.getByRole('row').filter({ hasText: 'mallory' }).getByRole('link'));
    await keyboard.press('Enter');
    await page.waitForURL(/actor=operator%3Amallory/);
    await watch.read(said('ticket 4711'));
    expect(await page.getByRole('row').count()).toBe(2);
    await keyboard.press('Escape');
    await keyboard.tabTo(page.getByRole('link', { name: 'job approved' }));
    await keyboard.press('Enter');
    await page.waitForURL(/event=JOB_APPROVED/);
    await keyboard.tabTo(page.locator('td a'));
    await keyboard.press('Enter');
    await page.waitForURL('**/jobs/*');
    await watch.read(said('approved by carol: the warehouse said so'));
    end(watch);
  });

  test('a team lead comes from a webhook that a job redrove to who approved it', async () => {
    const { page, home } = console;
    const [job] = (await home.operatorHome.jobs.list({ limit: 1 })).items;
    const [webhook] = await home.store.find('stripe:evt_bad_1');
    if (webhook === undefined || job === undefined) throw new Error('the day is not there');
    await home.redrive(webhook, { type: 'operator', id: 'bob' }, `job ${job.id}: ${job.reason}`);
    const watch = begin('team lead', 'from a webhook to who approved its redrive', 60);
    const { keyboard } = watch;
    await keyboard.press('/');
    await keyboard.paste('evt_bad_1');
    await keyboard.press('Enter');
    await watch.read(said('redriven by bob'));
    await keyboard.tabTo(page.locator('.timeline').getByRole('link', { name: 'job' }));
    await keyboard.press('Enter');
    await page.waitForURL(`**/jobs/${job.id}`);
    await watch.read(said('approved by carol: the warehouse said so'));
    end(watch);
  });

  test('finance sees which disputes are open, what they come to by currency, and until when to answer', async () => {
    const { page } = console;
    const watch = begin('finance', 'open disputes, their sums, until when to answer', 60);
    const { keyboard } = watch;
    await keyboard.press('2');
    await keyboard.tabTo(page.getByLabel('Having'));
    await keyboard.type('open');
    await page.waitForURL('**/payments?having=open_dispute');
    await watch.read(page.getByRole('link', { name: 'pi_evt_b', exact: true }));
    await choose(watch, 'sums');
    await page.waitForURL(/sums=yes/);
    const sums = page.getByRole('table', { name: 'Sums of payments, by currency' });
    await watch.read(sums.getByRole('row').filter({ hasText: 'USD' }));
    expect(await sums.getByRole('row').nth(1).getByRole('cell').allTextContents()).toEqual([
      'USD',
      '1',
      '1,234.56 USD',
      '0.00 USD',
      '0.00 USD',
      '1,234.56 USD',
      '0.00 USD',
    ]);
    await keyboard.tabTo(page.getByRole('link', { name: 'pi_evt_b', exact: true }));
    await keyboard.press('Enter');
    const disputes = page.getByRole('table', { name: 'Disputes' });
    await watch.read(disputes.getByText('product not received'));
    await watch.read(disputes.locator('[data-name="Answer until"] time'));
    end(watch);
  });

  test('finance takes all payments along as CSV that a spreadsheet adds up', async () => {
    const { page } = console;
    const watch = begin('finance', 'sums of all, CSV of them', 60);
    const { keyboard } = watch;
    await keyboard.press('2');
    await choose(watch, 'sums');
    await watch.read(page.getByRole('cell', { name: '500 JPY' }).first());
    await choose(watch, 'export');
    await keyboard.tabTo(page.getByRole('link', { name: 'All pages as CSV' }));
    const coming = page.waitForEvent('download');
    await keyboard.press('Enter');
    const [names = '', ...rows] = readFileSync(await (await coming).path(), 'utf8')
      .trimEnd()
      .split('\n');
    end(watch);

    const columns = names.split(',');
    const usd = rows.map((row) => row.split(',')).filter((cells) => cells[columns.indexOf('currency')] === 'USD');
    expect(usd.map((cells) => Number(cells[columns.indexOf('captured')])).toSorted((a, b) => a - b)).toEqual([
      20, 20, 20, 1234.56,
    ]);
  });

  test('finance has the providers asked for what they hold, and sees what is not here and how much that is', async () => {
    const { page } = console;
    const watch = begin('finance', 'what the providers hold that is not here', 60);
    const { keyboard } = watch;
    await keyboard.press('2');
    await choose(watch, 'differs');
    await page.waitForURL('**/payments/differences');
    await keyboard.tabTo(page.getByRole('button', { name: 'Compare now' }));
    await keyboard.press('Enter');
    const row = page.getByRole('table', { name: 'What differs' }).locator('tbody tr');
    await watch.read(row.getByText('not here'));
    end(watch);

    expect(await row.locator('td').allTextContents()).toEqual([
      'payment',
      'pi_never',
      '✖ not here',
      'paid 42.50 USD',
      '–',
      '42.50 USD',
      '2026-11-22 12:00:00',
      '–',
    ]);
    await page.getByText('stripe:test compares payments').waitFor();
  });

  test('on a telephone each value stands beside its name, and what money at risk means fits the screen', async () => {
    const { page } = console;
    await page.setViewportSize({ width: 390, height: 844 });
    for (const path of ['/audit', '/webhooks', '/payments/stripe/pi_evt_b']) {
      await console.open(path);
      const below = await page.evaluate<string[]>(`[...document.querySelectorAll('.rows td :is(.words, .id)')]
        .filter((value) => value.getClientRects()[0].top - value.closest('td').getBoundingClientRect().top > 8)
        .map((value) => value.textContent)`);
      expect([path, below]).toEqual([path, []]);
    }
    await console.open('/');
    await page.getByLabel('What is money at risk?').click();
    expect(await misplacedIn(page)).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('on a wide screen an id that leads to something stands whole', async () => {
    const { page } = console;
    await console.open('/payments');
    const cut = await page.evaluate<string[]>(`[...document.querySelectorAll('.row-link .id')]
      .filter((id) => id.scrollWidth > id.clientWidth).map((id) => id.textContent)`);
    expect(cut).toEqual([]);
  });

  test('a moment in a filter is seen whole', async () => {
    const { page } = console;
    await console.open('/audit?since=2026-11-23T00%3A00%3A00.000Z');
    const cutPx = await page.getByLabel('Since').evaluate((field) => field.scrollWidth - field.clientWidth);
    // The padding takes what is left.
    expect(cutPx).toBeLessThan(8);
  });
});
