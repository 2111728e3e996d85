/**
 * Persons at a real home: a server that runs as a process, `payhook console` in a terminal beside it, people with names and
 * passphrases, a browser, and no mouse.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonLines, runHere } from '../../cli/run-here.ts';
import { createSigner, SECRET_ENV, stripeEvent } from '../../server/signed.ts';
import { describeUnless } from '../../support/describe-unless.ts';
import {
  createTestFolder,
  PROJECT_ROOT,
  post,
  readStored,
  type ServerProcess,
  spawnServer,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../../support/running-server.ts';
import { noBrowser } from './browser-console.ts';
import { BROWSER_PATH } from './browser-path.ts';
import { type ConsoleAtTerminal, noTerminal, startAtTerminal } from './console-at-terminal.ts';
import { keyboardOf } from './keyboard.ts';
import { type Journey, journeyTable, type Stopwatch, startStopwatch } from './stopwatch.ts';

const PASSPHRASE = 'correct horse battery';
const PEOPLE = [
  ['bob', 'approver'],
  // Could decide too, but for what they ask for themselves.
  ['olga', 'approver'],
  ['sam', 'viewer'],
] as const;
const DEAD = ['evt_bad_1', 'evt_bad_2', 'evt_bad_3'];
const SETUP = {
  env: { ...SECRET_ENV, PAYHOOK_CONSOLE_PORT: '0' },
  config: { mode: 'test', jobs: { approvalAboveWebhooks: 1 } },
  handlers: `import { existsSync } from 'node:fs';
import { on } from ${JSON.stringify(join(PROJECT_ROOT, 'src', 'payhook.ts'))};
export const ship = on('payment.succeeded', (event) => {
  if (!event.webhookId.includes('bad') || existsSync(import.meta.dirname + '/is-back')) return;
  return { outcome: 'give_up', reason: 'the warehouse is down' };
});
export const tellBuyer = on('refund.succeeded', () => undefined);`,
} as const;

/** A buyer pays for a coat and brings it back. */
const refundEvent = (): string => {
  const event = JSON.parse(stripeEvent('evt_refund'));
  const seconds = Math.floor(Date.now() / 1000);
  const refund = { id: 're_coat', object: 'refund', amount: 2000, currency: 'usd', created: seconds };
  const of = { charge: 'ch_coat', payment_intent: 'pi_evt_coat', reason: 'requested_by_customer', status: 'succeeded' };
  return JSON.stringify({ ...event, type: 'refund.created', created: seconds, data: { object: { ...refund, ...of } } });
};

describeUnless(noBrowser ?? noTerminal, 'at a real home, with the keyboard alone', () => {
  let folder: TestFolder;
  let env: Record<string, string>;
  let server: ServerProcess;
  let terminal: ConsoleAtTerminal;
  let browser: Browser;
  let page: Page;
  const journeys: Journey[] = [];

  beforeAll(async () => {
    folder = createTestFolder();
    env = writeSetup(folder, SETUP);
    server = await spawnServer({ folder, ...SETUP });
    const { sign } = await createSigner(Date.now());
    const coat = stripeEvent('evt_coat', { latest_charge: 'ch_coat', amount: 2000 });
    for (const body of [coat, refundEvent(), ...DEAD.map((id) => stripeEvent(id))]) {
      expect((await post(server.url, 'stripe', sign('stripe', body, { now: Date.now() }))).status).toBe(200);
    }
    await waitUntil('all of it is worked off', () => readStored(folder.data).queued === 0);
    for (const [name, role] of PEOPLE) {
      // Whoever adds one says who they are, from the first approver on.
      const by = name === 'bob' ? [] : ['--operator', 'bob'];
      const input = `${PASSPHRASE}\n`.repeat(by.length === 0 ? 1 : 2);
      const { code, stderr } = await runHere([...by, 'operators', 'add', name, '--role', role], env, { input });
      expect([code, stderr]).toEqual([0, expect.anything()]);
    }
    terminal = await startAtTerminal(folder, env);
    browser = await chromium.launch({ executablePath: BROWSER_PATH ?? '', args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    await terminal?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
    console.log(journeyTable(journeys));
  });

  const heading = (name: string) => page.getByRole('heading', { level: 1, name });
  const said = (text: string | RegExp) => page.getByText(text).first();
  const fact = (name: string) => page.locator('.facts > div', { has: page.getByText(name, { exact: true }) });
  const begin = (person: string, task: string, secondsMax: number): Stopwatch =>
    startStopwatch(keyboardOf({ page }), { person, task, secondsMax });
  const end = (watch: Stopwatch): void => {
    const journey = watch.end();
    journeys.push(journey);
    expect(journey.seconds).toBeLessThan(journey.secondsMax);
  };
  /** In a browser of their own, by the link or by the number that it shows. */
  const comeIn = async (name: string, address: string): Promise<void> => {
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    await page.goto(address);
    if (!address.includes('#')) {
      terminal.type((await page.locator('main strong').textContent()) ?? '');
      await waitUntil('it is let in', () => terminal.output().includes('That browser is let in.'));
    }
    const { tabTo, type, press } = keyboardOf({ page });
    await tabTo(page.getByLabel('Your name here'));
    await type(name);
    await press('Tab');
    await type(PASSPHRASE);
    await press('Enter');
    await heading('Overview').waitFor();
  };

  test('support comes in through the browser that was opened, sees from a charge id whether it was refunded and when, and opens no payload', async () => {
    expect(terminal.opened).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/login$/);
    await comeIn('sam', terminal.opened);
    const watch = begin('support', 'paste ch_…: was it refunded, when?', 15);
    await watch.keyboard.press('/');
    await watch.keyboard.paste('ch_coat');
    await watch.keyboard.press('Enter');
    await page.waitForURL('**/payments/stripe/pi_evt_coat');
    const refunds = page.getByRole('table', { name: 'Refunds' });
    await watch.read(refunds.getByText('succeeded'));
    await watch.read(refunds.locator('[data-name="Since"] time'));
    end(watch);
    expect(await refunds.locator('[data-name="Amount"]').textContent()).toBe('20.00 USD');

    const reached = begin('support', 'did its webhook reach us, what was done, what is in it?', 30);
    await reached.read(page.locator('.timeline li', { hasText: 'refund.succeeded' }).getByText(/on its way/));
    await reached.keyboard.tabTo(page.getByRole('link', { name: 'stripe:evt_refund' }));
    await reached.keyboard.press('Enter');
    await page.waitForURL('**/webhooks/**');
    await reached.read(page.locator('li', { hasText: 'tellBuyer' }).getByText('done').first());
    await reached.read(said('The role viewer may not do this: operator or approver may'));
    end(reached);
    expect(await page.getByRole('button', { name: 'Open payload' }).isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'Redrive' }).count()).toBe(0);
    expect(await page.getByLabel('Reason', { exact: true }).count()).toBe(0);
    await reached.keyboard.press('g', 'a');
    await said('The trail is not for you. The role viewer may not').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.context().close();
  });

  test('whoever approves is somebody else, sees the hash of what was asked for, and reads the report of what the server then did', async () => {
    writeFileSync(join(folder.path, 'is-back'), '');
    await comeIn('olga', await terminal.newLink());
    const asking = begin('requester', 'cause, preview, ask for approval of all of it', 120);
    await asking.keyboard.press('5');
    await asking.read(page.getByRole('link', { name: /^ship \(handler gave up\)/ }));
    await asking.keyboard.press('j', 'Enter');
    await page.getByRole('link', { name: 'Redrive all of these…' }).waitFor();
    await asking.keyboard.press('r', 'Enter');
    await asking.read(said('It needs a second person: more than 1 webhook.'));
    await asking.keyboard.tabTo(page.getByLabel('Reason, for the audit trail'));
    await asking.keyboard.type('the warehouse is back');
    await asking.keyboard.press('Enter');
    await page.waitForURL('**/jobs/*');
    await asking.read(said('It waits for a second person'));
    const seen = await fact('Hash').locator('code').textContent();
    end(asking);
    const jobPath = new URL(page.url()).pathname;
    const approve = () => page.getByRole('button', { name: 'Approve' });
    await said('it was asked for by you: somebody else has to decide').waitFor();
    expect(await approve().isDisabled()).toBe(true);
    await page.context().close();

    await comeIn('bob', await terminal.newLink());
    const deciding = begin('approver', 'what waits for me, is it what was seen, approve', 60);
    await deciding.read(page.getByRole('link', { name: 'Approvals 1 waits for you' }));
    await deciding.keyboard.press('g', 'v');
    await page.locator('.row-link').waitFor();
    await deciding.keyboard.press('j', 'Enter');
    await page.waitForURL(`**${jobPath}`);
    await deciding.read(fact('Hash'));
    expect(await fact('Hash').locator('code').textContent()).toBe(seen);
    expect(seen).toMatch(/^[0-9a-f]{64}$/);
    await deciding.keyboard.tabTo(page.getByLabel('Reason, for the audit trail'));
    await deciding.keyboard.type('the warehouse said so');
    await deciding.keyboard.tabTo(approve());
    await deciding.keyboard.press('Enter');
    await deciding.read(said('approved by bob: the warehouse said so'));
    end(deciding);

    const report = begin('approver', 'the report: what became of each', 30);
    await report.read(said('3 processed'));
    await report.read(page.locator('.lead').getByText('done'));
    end(report);
    const rows = page.getByRole('table', { name: 'Webhooks of this job' }).locator('tbody tr');
    expect(await rows.locator('[data-name="Outcome"]').allTextContents()).toEqual(DEAD.map(() => '✔ processed'));
    const entries = jsonLines(await runHere(['audit', 'show', '--limit', '200', '--json'], env));
    const byEvent = (event: string) => entries.filter((entry) => entry.event === event).map(({ actor }) => actor);
    expect(byEvent('JOB_REQUESTED')).toEqual([{ type: 'operator', id: 'olga' }]);
    expect(byEvent('JOB_APPROVED')).toEqual([{ type: 'operator', id: 'bob' }]);
    await page.context().close();
  });
});
