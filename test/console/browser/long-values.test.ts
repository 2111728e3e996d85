/** What is longer than anybody thinks of: ids, amounts, words without a space, many currencies, texts from right to left. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY_MS } from '../../../src/core/time.ts';
import { createDecideOnJob } from '../../../src/jobs/decide-on-job.ts';
import { createRequestJob } from '../../../src/jobs/request-job.ts';
import { describeUnless } from '../../support/describe-unless.ts';
import { type ConsoleHome, openConsoleHome } from '../console-home.ts';
import { type BrowserConsole, closeBrowser, noBrowser, openBrowserConsole } from './browser-console.ts';
import { misplacedIn } from './look-at-page.ts';

const WORD = 'ECONNREFUSED_while_talking_to_'.repeat(9);
const FROM_RIGHT = 'المستودع مغلق اليوم — החנות סגורה';
const PERSON = 'carol-of-the-night-shift-of-the-warehouse-in-the-north';
/** As long as an id of a provider is taken. */
const longId = (prefix: string): string => `${prefix}_`.padEnd(240, 'Aa0');
const EVENT_TYPE = 'payment_intent.partially_funded_by_gift_card_and_'.padEnd(100, 'x');
const CURRENCIES = ['usd', 'eur', 'jpy', 'gbp', 'kwd', 'chf', 'sek', 'nok', 'dkk', 'pln'];
/** Twelve digits. */
const MINOR = 123_456_789_012;

const fill = async (home: ConsoleHome): Promise<{ readonly jobId: string; readonly waitingId: string }> => {
  for (const currency of CURRENCIES) {
    await home.deliver(`evt_bad_${currency}`, {
      object: { id: `pi_${currency}`, currency, amount: MINOR, amount_received: MINOR },
    });
  }
  const object = { id: longId('pi'), latest_charge: longId('ch'), customer: longId('cus') };
  await home.deliver(longId('evt'), { object: { ...object, metadata: { order_id: 'ORDER-'.padEnd(200, '9') } } });
  await home.deliver('evt_type', { type: EVENT_TYPE, object: { object: 'thing' } });
  await home.deliver('evt_declined', {
    type: 'payment_intent.payment_failed',
    object: { id: longId('pi'), amount_received: 0, last_payment_error: { decline_code: FROM_RIGHT, message: WORD } },
  });
  const claims = await home.destinations.claim('ledger', 100, DAY_MS);
  await home.destinations.settle(
    claims.map((claim) => ({ claim, outcome: 'given_up', error: `answered 503: ${WORD} ${FROM_RIGHT}` })),
    home.clock.now(),
  );
  const { id } = await home.ask({ reason: `${WORD} ${FROM_RIGHT}`, by: 'bob' });
  const by = { type: 'operator', id: PERSON } as const;
  await createDecideOnJob(home.operatorHome)(id, { outcome: 'approved', by, reason: FROM_RIGHT });
  await home.ask({ reason: WORD, by: PERSON });
  const waiting = await createRequestJob(home.operatorHome)({
    work: { kind: 'replay', only: null },
    filter: { until: home.clock.now(), payment: longId('pi') },
    mode: 'test',
    reason: FROM_RIGHT,
    requestedBy: { type: 'operator', id: FROM_RIGHT },
    webhooksPerSecond: 10,
    approvalLimits: { webhooksMax: 0, amountMax: null },
  });
  return { jobId: id, waitingId: waiting.id };
};

describeUnless(noBrowser, 'what is very long', () => {
  let console: BrowserConsole;
  let jobId: string;
  let waitingId: string;

  beforeAll(async () => {
    const home = openConsoleHome({
      destinations: [{ name: 'ledger', events: ['payment.*'] }],
      handler: (webhook) => {
        if (webhook.webhookId.includes('bad')) throw new Error(`${WORD} ${FROM_RIGHT}`);
      },
    });
    ({ jobId, waitingId } = await fill(home));
    console = await openBrowserConsole({ home, now: home.clock.now(), deps: { role: 'approver' } });
  });
  afterAll(async () => {
    await console?.[Symbol.asyncDispose]();
    await closeBrowser();
  });

  test.each([
    '/',
    '/payments?sums=yes',
    `/payments/stripe/${longId('pi')}`,
    '/webhooks',
    `/webhooks/stripe%3A${longId('evt')}`,
    '/webhooks/stripe%3Aevt_bad_usd',
    '/dead-letters',
    '/redrive?cause=handler_failed',
    '/destinations/ledger',
    '/jobs',
    '/jobs/{job}',
    '/jobs/{waiting}',
    '/approvals',
    '/audit',
    '/audit/review?day=2026-11-23',
  ])('fits the screen, wide or narrow: %s', async (path) => {
    const { page, open } = console;
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 });
      await open(path.replace('{job}', jobId).replace('{waiting}', waitingId));
      expect([width, await misplacedIn(page)]).toEqual([width, []]);
    }
  });

  test('a text from right to left turns nothing around that stands beside it', async () => {
    const { page, open } = console;
    // All of it in one line.
    await page.setViewportSize({ width: 1600, height: 800 });
    await open(`/jobs/${jobId}`);
    const decided = page.locator('.facts dd', { hasText: `approved by ${PERSON}` });
    const said = await decided.getByText(FROM_RIGHT).boundingBox();
    const time = await decided.locator('time').boundingBox();

    expect(time?.x).toBeGreaterThan((said?.x ?? 0) + (said?.width ?? 0));
  });

  test('of long words a row has three lines, and what it leads to has all of them', async () => {
    const { page, open } = console;
    await page.setViewportSize({ width: 1280, height: 800 });
    await open('/destinations/ledger');
    const words = page.locator('.rows .words').first();
    const { height = 0 } = (await words.boundingBox()) ?? {};
    expect(height).toBeLessThan(70);
    await page.locator('.row-link').first().click();

    await page.locator('.timeline').getByText(`answered 503: ${WORD}`).waitFor();
  });
});
