/** The console in a real browser, over a home in memory. */
import { type Browser, chromium, type Page, type Request } from 'playwright-core';
import type { ConsoleDeps } from '../../../src/console/api/console-deps.ts';
import { type RunningConsole, startConsole } from '../../../src/console/api/start-console.ts';
import { loadClient } from '../../../src/console/load-client.ts';
import { PROVIDERS } from '../../../src/providers/providers.ts';
import { CONSOLE_CONFIG, type ConsoleHome, openConsoleHome } from '../console-home.ts';
import { BROWSER_PATH } from './browser-path.ts';

/** Why nothing here can run; null where it can. */
export const noBrowser: string | null = BROWSER_PATH === null ? 'there is no Chromium: apt-get install chromium' : null;

export interface BrowserConsole extends AsyncDisposable {
  readonly home: ConsoleHome;
  readonly running: RunningConsole;
  readonly page: Page;
  /** What the browser complained about: errors of scripts, and what its policy did not let through. */
  readonly complaints: readonly string[];
  /** Goes to an address as a link does, without loading the page again, and waits until what it shows is there. */
  open(path: string): Promise<void>;
  /** Waits until nothing is asked for any more, and what was answered is on the screen. */
  settle(): Promise<void>;
}

let browser: Browser | undefined;
/** Bundled once. */
let client: ReturnType<typeof loadClient> | undefined;

export const closeBrowser = async (): Promise<void> => {
  await browser?.close();
  browser = undefined;
};

/** Of the browser: without whole hours, and never UTC. */
export const ZONE = 'Asia/Tehran';

export interface BrowserConsoleOptions {
  /** @default one in which nothing is */
  readonly home?: ConsoleHome;
  /** What the console is given otherwise than usual. */
  readonly deps?: Partial<ConsoleDeps>;
  /** What the page takes for now, from its first script on. @default the clock of this machine */
  readonly now?: number;
}

/** Logged in, on the overview. */
export const openBrowserConsole = async ({
  home = openConsoleHome(),
  deps = {},
  now,
}: BrowserConsoleOptions = {}): Promise<BrowserConsole> => {
  client ??= loadClient();
  const running = await startConsole(
    {
      home: home.operatorHome,
      rejectedCases: home.rejectedCasesOf(home.operatorHome),
      ...home.restOf(home.operatorHome),
      choice: { kind: 'local' },
      config: CONSOLE_CONFIG,
      providers: PROVIDERS,
      role: 'operator',
      version: '0.0.0',
      client: await client,
      randomness: home.randomness,
      onRequest: () => undefined,
      onBug: (error) => {
        throw error;
      },
      ...deps,
    },
    0,
    // The clock of the home stands still, and the heartbeat of hints with it: a stream may be silent for as long as a test takes.
    0,
  );
  browser ??= await chromium.launch({ executablePath: BROWSER_PATH ?? '', args: ['--no-sandbox'] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, timezoneId: ZONE });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  if (now !== undefined) await page.clock.setFixedTime(now);
  const settle = settlerOf(page);
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(running.newLink());
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  return {
    home,
    running,
    page,
    complaints,
    async open(path) {
      await page.evaluate(
        `history.pushState('ours', '', ${JSON.stringify(path)}); dispatchEvent(new PopStateEvent('popstate'))`,
      );
      await page.getByRole('heading', { level: 1 }).waitFor();
      await settle();
    },
    settle,
    async [Symbol.asyncDispose]() {
      await context.close();
      await running.stop();
    },
  };
};

/** What was answered is drawn, and what that asks for in turn is asked, within a few frames; resolves to whether a part still waits. */
const IS_WAITING = `(async () => {
  for (let frame = 0; frame < 6; frame += 1) await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  return document.querySelector('[aria-busy="true"]') !== null || document.body.innerText.includes('Loading…');
})()`;

/** A stream of hints never ends, so that the network is never idle. */
const settlerOf = (page: Page): (() => Promise<void>) => {
  const underway = new Set<Request>();
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/api/hints')) return;
    underway.add(request);
    asked += 1;
  });
  for (const end of ['requestfinished', 'requestfailed'] as const)
    page.on(end as 'requestfinished', (request) => underway.delete(request));
  return async () => {
    for (let before = -1, isWaiting = true; before !== asked || underway.size > 0 || isWaiting; ) {
      before = asked;
      while (underway.size > 0) await page.waitForTimeout(5);
      isWaiting = await page.evaluate<boolean>(IS_WAITING);
    }
  };
};
