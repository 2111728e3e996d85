/** The console in a real browser, over a home in memory. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type RunningConsole, startConsole } from '../../../src/console/api/start-console.ts';
import { loadClient } from '../../../src/console/load-client.ts';
import { PROVIDERS } from '../../../src/providers/providers.ts';
import { CONSOLE_CONFIG, type ConsoleHome, openConsoleHome } from '../console-home.ts';

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = BROWSERS.find((path) => existsSync(path));

/** Why nothing here can run; null where it can. */
export const noBrowser: string | null =
  executablePath === undefined ? 'there is no Chromium: apt-get install chromium' : null;

export interface BrowserConsole extends AsyncDisposable {
  readonly home: ConsoleHome;
  readonly running: RunningConsole;
  readonly page: Page;
  /** What the browser complained about: errors of scripts, and what its policy did not let through. */
  readonly complaints: readonly string[];
  /** Opens an address of the console, and waits until what it shows is there. */
  open(path: string): Promise<void>;
}

let browser: Browser | undefined;

export const closeBrowser = async (): Promise<void> => {
  await browser?.close();
  browser = undefined;
};

/** Logged in, on the overview. */
export const openBrowserConsole = async (fill: (home: ConsoleHome) => Promise<void>): Promise<BrowserConsole> => {
  const home = openConsoleHome();
  await fill(home);
  const running = await startConsole(
    {
      home: home.operatorHome,
      choice: { kind: 'local' },
      config: CONSOLE_CONFIG,
      providers: PROVIDERS,
      role: 'operator',
      version: '0.0.0',
      client: await loadClient(),
      randomness: home.randomness,
      onRequest: () => undefined,
      onBug: (error) => {
        throw error;
      },
    },
    0,
  );
  browser ??= await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
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
      await page.goto(`http://127.0.0.1:${running.port}${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
    },
    async [Symbol.asyncDispose]() {
      await context.close();
      await running.stop();
    },
  };
};
