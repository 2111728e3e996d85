/** Every screen in a browser: what is on them, a console that is full, one that is empty, and a store that can be away. */
import { expect } from 'vitest';
import { PayhookError } from '../../../src/core/errors.ts';
import type { OperatorHome } from '../../../src/homes/operator-home.ts';
import { type BrowserConsole, closeBrowser, openBrowserConsole } from './browser-console.ts';
import { fillWithHostile, type HostilePaths, hostileDesk, openHostileHome } from './hostile-home.ts';
import { axeFinds, misplacedIn } from './look-at-page.ts';

/** Everything that is kept can be away at once; who is there and since when does not depend on it. */
const failing = (home: OperatorHome, isAway: () => boolean): OperatorHome => {
  const wrap = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name, receiver) {
        const method: unknown = Reflect.get(target, name, receiver);
        if (typeof method !== 'function') return method;
        return async (...args: readonly unknown[]): Promise<unknown> => {
          if (isAway()) throw new PayhookError('store_unavailable', 'the store is away');
          return method.apply(target, args);
        };
      },
    });
  return {
    ...home,
    store: wrap(home.store),
    payments: wrap(home.payments),
    destinations: wrap(home.destinations),
    rejected: wrap(home.rejected),
    jobs: wrap(home.jobs),
    auditLog: wrap(home.auditLog),
  };
};

/** Every address, with the names of what is there in braces; what only answers are on is not in it. */
export const SCREENS = [
  '/',
  '/?mode=live',
  '/webhooks',
  '/webhooks?status=retrying',
  '/webhooks?since=nonsense',
  '/webhooks/{webhook}',
  '/webhooks/stripe%3Anobody',
  '/dead-letters',
  '/payments',
  '/payments/stripe/{payment}',
  '/payments/differences',
  '/deliveries',
  '/deliveries/{delivery}',
  '/deliveries/{renamed}',
  '/deliveries?reason={all}',
  '/deliveries?outcome={all}',
  '/deliveries?outcome=accepted',
  '/deliveries?outcome=duplicate',
  '/deliveries?outcome=refused',
  '/webhooks?payment={all}&status={all}&{all}={all}',
  '/payments?status={all}&related={all}',
  '/audit?object={all}&event={all}',
  '/redrive?cause=handler_failed&account={all}',
  '/resend/{all}?since=1h',
  '/destinations/{all}',
  '/find?q={all}',
  '/webhooks/{all}',
  '/jobs/{all}',
  '/audit/review?day={all}',
  '/destinations',
  '/destinations/ledger',
  '/settings',
  '/approvals',
  '/replay?payment={payment}',
  '/resend/ledger?since=1h',
  '/redrive?cause=handler_failed',
  '/?window=24h',
  '/audit',
  '/audit?event=STATUS_CHANGED&outcome=success',
  '/audit?actor=nobody',
  '/audit/review',
  '/audit/review?day=2026-11-23',
  '/audit/review?day=someday',
  '/audit/evidence',
  '/payments/stripe/{payment}?clock=ours',
  '/destinations/ledger?state=delivered',
  '/redrive?ids=stripe%3Aevt_bad_1,stripe%3Anobody',
  '/find?q=nobody',
  '/jobs',
  '/jobs/{job}',
  '/jobs/{waiting}',
  '/find?q={payment}',
  '/no/screen',
];
/** One thing each. */
export const DETAILS = SCREENS.filter(
  (path) =>
    /^\/[a-z-]+(?:\/stripe|\/ledger|\/review|\/evidence)?(?:\/\{\w+\})?$/.test(path) && path.split('/').length > 2,
);
export const LISTS = SCREENS.filter((path) => /^\/[a-z-]*$/.test(path));
/** What asks nothing has nothing that could break. */
export const ASKING = SCREENS.filter(
  (path) => path !== '/no/screen' && !/nonsense|nobody|someday|differences|\{all\}/.test(path),
).filter((path, index, all) => all.findIndex((one) => one.split('?')[0] === path.split('?')[0]) === index);

const OPTIONS = [
  { width: 1280, colorScheme: 'light', isFirst: true },
  { width: 390, colorScheme: 'dark', isFirst: false },
] as const;
export const ALL_RULES: readonly string[] = [];
const OF_THEME_AND_WIDTH: readonly string[] = ['color-contrast', 'target-size', 'scrollable-region-focusable'];
/** Half of a large screen, and windows between; then 1280 at 400 %: one column, and nothing beside it (WCAG 1.4.10). */
const OTHER_WIDTHS = [1152, 1090, 960, 320];

/** In both themes, each at another width; `open` is how it comes to be there, `rules` those of axe for the second. */
export const look = async (
  { page }: BrowserConsole,
  open: () => Promise<unknown>,
  rules: readonly string[] = OF_THEME_AND_WIDTH,
): Promise<void> => {
  for (const { width, colorScheme, isFirst } of OPTIONS) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    await open();
    expect(await axeFinds(page, isFirst ? ALL_RULES : rules)).toEqual([]);
    expect(await misplacedIn(page)).toEqual([]);
  }
  for (const width of OTHER_WIDTHS) {
    await page.setViewportSize({ width, height: 256 });
    expect(await misplacedIn(page), `at ${width} pixels`).toEqual([]);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
};

export interface Screens extends AsyncDisposable {
  /** Texts of strangers in every field; its store is away while `isAway.now`. */
  readonly full: BrowserConsole;
  readonly empty: BrowserConsole;
  readonly paths: HostilePaths;
  readonly isAway: { now: boolean };
  /** Dialogs that a script in a text has opened. */
  dialogs(): number;
  /** The address, with names of what is there in place of braces. */
  here(path: string): string;
}

export const openScreens = async (): Promise<Screens> => {
  const home = openHostileHome();
  const paths = await fillWithHostile(home);
  const isAway = { now: false };
  const over = failing(home.operatorHome, () => isAway.now);
  const rest = home.restOf(over);
  const deps = {
    home: over,
    rejectedCases: home.rejectedCasesOf(over),
    destinationDesk: hostileDesk(rest),
    lookAtHealth: async () => {
      await over.jobs.list({ limit: 1 });
      return rest.lookAtHealth();
    },
  };
  const full = await openBrowserConsole({ home, deps });
  const empty = await openBrowserConsole({
    deps: {
      config: { mode: 'test', jobs: {}, destinations: {} },
      destinationDesk: { ...rest.destinationDesk, list: async () => [] },
    },
  });
  let dialogs = 0;
  full.page.on('dialog', (dialog) => {
    dialogs += 1;
    void dialog.dismiss();
  });
  return {
    full,
    empty,
    paths,
    isAway,
    dialogs: () => dialogs,
    here: (path) => path.replaceAll(/\{(\w+)\}/g, (_, name: keyof HostilePaths) => paths[name]),
    async [Symbol.asyncDispose]() {
      await full[Symbol.asyncDispose]();
      await empty[Symbol.asyncDispose]();
      await closeBrowser();
    },
  };
};
