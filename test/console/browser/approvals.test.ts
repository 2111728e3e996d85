/** Four eyes in the browser: what was seen and what is now stand beside each other, and who decides does so by keyboard. */
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { LIMITS } from '../../../src/core/limits.ts';
import { createChangeJob } from '../../../src/jobs/change-job.ts';
import { createDecideOnJob } from '../../../src/jobs/decide-on-job.ts';
import { describeUnless } from '../../support/describe-unless.ts';
import { type ConsoleHome, openConsoleHome } from '../console-home.ts';
import { type BrowserConsole, closeBrowser, noBrowser, openBrowserConsole } from './browser-console.ts';
import { keyboardOf } from './keyboard.ts';

const BOB = { type: 'operator', id: 'bob' } as const;

describeUnless(noBrowser, 'who decides on what somebody else asked for', () => {
  let home: ConsoleHome;
  let console: BrowserConsole;
  const openAs = async (id: string): Promise<BrowserConsole> => {
    const operators = { ...home.operators, user: { type: 'operator', id } as const };
    const deps = { home: { ...home.operatorHome, operators }, role: 'approver' } as const;
    console = await openBrowserConsole({ home, now: home.clock.now(), deps });
    return console;
  };
  const row = (name: string) =>
    console.page
      .getByRole('table', { name: 'What was seen when it was asked for, and now' })
      .getByRole('row')
      .filter({ has: console.page.getByRole('cell', { name, exact: true }) });
  const cellsOf = async (name: string) => (await row(name).getByRole('cell').allTextContents()).slice(1);

  beforeEach(async () => {
    home = openConsoleHome();
    for (const id of ['evt_bad_1', 'evt_bad_2', 'evt_bad_3']) await home.deliver(id);
  });
  afterEach(async () => {
    // The browser notes that something was refused, which the page says.
    expect(console.complaints.filter((one) => !one.includes('status of 409'))).toEqual([]);
    await console[Symbol.asyncDispose]();
  });
  afterAll(closeBrowser);

  test('approves by keyboard, with what was seen beside what is now', async () => {
    const { id } = await home.ask({ by: 'alice' });
    const { page, settle } = await openAs('bob');
    const keyboard = keyboardOf(console);
    await keyboard.press('g', 'v');
    await page.locator('[data-name="Frozen filter"]').getByText('handler failed').waitFor();
    expect(await page.locator('[data-name="Frozen filter"]').textContent()).toBe(
      'cause handler failed · status dead_lettered · until 2026-11-23 12:00:03',
    );
    await keyboard.press('j', 'Enter');
    await page.getByText('Each of its webhooks is as it was when it was asked for').waitFor();
    expect(await cellsOf('Webhooks')).toEqual(['3', '3', 'the same']);
    expect(await cellsOf('Money at risk, USD')).toEqual(['60.00 USD', '60.00 USD', 'the same']);
    expect(await cellsOf('Calls handle')).toEqual(['3', '3', 'the same']);
    await keyboard.tabTo(page.getByLabel('Reason, for the audit trail'));
    await keyboard.type('seen, INC-812');
    await keyboard.tabTo(page.getByRole('button', { name: 'Approve' }));
    await keyboard.press('Enter');
    await page.getByText('approved by bob: seen, INC-812').waitFor();
    await settle();

    expect(await home.operatorHome.jobs.get(id)).toMatchObject({ state: 'running' });
  });

  test('is told in words what has become other, and is not offered to approve it', async () => {
    const { id } = await home.ask({ by: 'alice' });
    const [webhook] = await home.store.find('stripe:evt_bad_2');
    if (webhook !== undefined) await home.redrive(webhook, BOB, 'by hand');
    const { page, open } = await openAs('bob');
    await open(`/jobs/${id}`);

    await page.getByRole('alert').getByText('1 of its webhooks is not as it was seen').waitFor();
    expect(await cellsOf('Webhooks')).toEqual(['3', '2', '≠ 1 fewer']);
    expect(await cellsOf('Money at risk, USD')).toEqual(['60.00 USD', '40.00 USD', '≠ 20.00 USD less']);
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    await page.getByLabel('Reason, for the audit trail').fill('ask again');
    await page.getByRole('button', { name: 'Refuse' }).click();
    await page.getByText('refused by bob: ask again').waitFor();
  });

  test('that comes too late is told so, and looks at what has changed meanwhile', async () => {
    const { id } = await home.ask({ by: 'alice' });
    const { page, open } = await openAs('bob');
    await open(`/jobs/${id}`);
    const [webhook] = await home.store.find('stripe:evt_bad_2');
    if (webhook !== undefined) await home.redrive(webhook, BOB, 'by hand');
    await page.getByLabel('Reason, for the audit trail').fill('seen');
    await page.getByRole('button', { name: 'Approve' }).click();

    await page.getByText('It has to be asked for again').waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  });

  test('sees of each that waits no more how it ended, and by whom', async () => {
    const decide = createDecideOnJob(home.operatorHome);
    const refused = await home.ask({ by: 'alice' });
    await decide(refused.id, { outcome: 'refused', by: BOB, reason: 'not today' });
    home.clock.advance(1000);
    const cancelled = await home.ask({ by: 'alice' });
    await createChangeJob(home.operatorHome)(cancelled.id, 'cancel', { type: 'operator', id: 'alice' }, null);
    home.clock.advance(1000);
    const expired = await home.ask({ by: 'alice' });
    home.clock.advance(LIMITS.jobApprovalMsMax);
    const approved = await home.ask({ by: 'alice' });
    await decide(approved.id, { outcome: 'approved', by: BOB, reason: 'seen' });
    const { page, open } = await openAs('bob');
    await open('/approvals');

    await page.getByText('Nothing waits for a second person.').waitFor();
    const ended = page.getByRole('table', { name: 'Requests that wait no more, newest first' });
    expect(await ended.locator('[data-name="Decided"]').allTextContents()).toEqual([
      expect.stringMatching(/^approved by bob: seen /),
      expect.stringMatching(/^by nobody in time, .* it has to be asked for again$/),
      'by nobody: it was cancelled before',
      expect.stringMatching(/^refused by bob: not today /),
    ]);
    expect(await ended.locator('.state').allTextContents()).toEqual([
      '◔ running',
      '– expired',
      '– cancelled',
      '– refused',
    ]);
    await open(`/jobs/${expired.id}`);
    await page.locator('.facts').getByText('by nobody in time').waitFor();
    await open(`/jobs/${cancelled.id}`);
    await page.getByRole('link', { name: 'who did what with it' }).click();
    await page.getByText('waiting for approval → cancelled').waitFor();
  });
});
