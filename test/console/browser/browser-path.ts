/** Where a browser is that pages of the console can be looked at in; null where there is none. */
import { existsSync } from 'node:fs';

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export const BROWSER_PATH: string | null = BROWSERS.find((path) => existsSync(path)) ?? null;
