/** `npm run docs:screenshots`: the pictures of the pages, of a morning of the example shop. Needs Debian's package chromium. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import {
  type BrowserConsole,
  closeBrowser,
  noBrowser,
  openBrowserConsole,
} from '../../../test/console/browser/browser-console.ts';
import { CONSOLE_CONFIG } from '../../../test/console/console-home.ts';
import { NOON, openShopDay, type ShopDay } from './shop-day.ts';

const DIRECTORY = join(import.meta.dirname, '..', '..', 'console');
const WIDTH = 1180;
/** Of WebP: below it letters get a halo. */
const QUALITY = 50;

interface Picture {
  readonly name: string;
  readonly path: (day: ShopDay) => string | Promise<string>;
  readonly height: number;
  /** What somebody does there before it is taken. */
  readonly act?: (page: Page) => Promise<unknown>;
}

/** The first that the warehouse did not take. */
const firstDeadLetter = async ({ home }: ShopDay): Promise<string> => {
  const { items } = await home.store.list({ status: 'dead_lettered', limit: 200 });
  return `/webhooks/${encodeURIComponent(items.at(-1)?.webhookId ?? '')}`;
};

/** One with a long life: declined first, then paid. */
const longestPayment = async ({ home }: ShopDay): Promise<string> => {
  const { items } = await home.payments.list({ provider: 'stripe', limit: 200 });
  const longest = items.toSorted((a, b) => b.payment.history.length - a.payment.history.length)[0];
  return `/payments/stripe/${encodeURIComponent(longest?.payment.paymentId ?? '')}`;
};

const PICTURES: readonly Picture[] = [
  { name: 'overview', path: () => '/', height: 640 },
  { name: 'payment', path: longestPayment, height: 640 },
  { name: 'webhook', path: firstDeadLetter, height: 760 },
  { name: 'redrive', path: () => '/redrive?cause=handler_failed', height: 640 },
  {
    name: 'delivery',
    path: async ({ home }) => {
      const [newest] = (await home.operatorHome.rejected.list({ limit: 1 })).items;
      return `/deliveries/${encodeURIComponent(newest?.id ?? '')}`;
    },
    height: 520,
    act: (page) => page.locator('.act strong').waitFor(),
  },
  { name: 'approval', path: ({ jobId }) => `/jobs/${encodeURIComponent(jobId)}`, height: 990 },
  {
    name: 'audit',
    path: () => '/audit',
    height: 560,
    act: async (page) => {
      await page.getByRole('button', { name: 'Verify now' }).click();
      await page.getByText('The trail is whole.').waitFor();
    },
  },
];

const take = async (page: Page): Promise<Buffer> => {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  await session.detach();
  return Buffer.from(data, 'base64');
};

const takeAll = async (console: BrowserConsole, day: ShopDay): Promise<void> => {
  const { page } = console;
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  mkdirSync(DIRECTORY, { recursive: true });
  for (const { name, path, height, act } of PICTURES) {
    await page.setViewportSize({ width: WIDTH, height });
    await console.open(await path(day));
    await act?.(page);
    await console.settle();
    const bytes = await take(page);
    writeFileSync(join(DIRECTORY, `${name}.webp`), bytes);
    process.stdout.write(`docs/console/${name}.webp  ${(bytes.length / 1024).toFixed(1)} KB\n`);
  }
};

if (noBrowser !== null) throw new Error(noBrowser);
const day = await openShopDay();
try {
  await using console = await openBrowserConsole({
    home: day.home,
    now: NOON,
    deps: { role: 'approver', config: { ...CONSOLE_CONFIG, mode: 'live' } },
  });
  await takeAll(console, day);
} finally {
  await closeBrowser();
  day[Symbol.dispose]();
}
