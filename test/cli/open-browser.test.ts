/** Where a browser is opened, and what is among the arguments of that process. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { browserCommand, openBrowser } from '../../src/cli/open-browser.ts';
import { createTestFolder, waitUntil } from '../support/running-server.ts';

describe('a browser', () => {
  test.each<[string, NodeJS.Platform, Record<string, string>, string | null]>([
    ['on a desktop with X', 'linux', { DISPLAY: ':0' }, 'xdg-open'],
    ['on one with Wayland', 'linux', { WAYLAND_DISPLAY: 'wayland-0' }, 'xdg-open'],
    ['not where there is no screen', 'linux', {}, null],
    [
      'not for somebody at another machine',
      'linux',
      { DISPLAY: ':10', SSH_CONNECTION: '192.0.2.1 1 192.0.2.2 22' },
      null,
    ],
    ['on macOS', 'darwin', {}, 'open'],
    ['on Windows', 'win32', {}, 'rundll32'],
  ])('is opened %s', (_, platform, env, program) => {
    expect(browserCommand(platform, env)?.[0] ?? null).toBe(program);
  });

  test('is given the address, and nothing that is secret', async () => {
    using folder = createTestFolder();
    const said = `${folder.path}/said`;
    writeFileSync(`${folder.path}/xdg-open`, `#!/bin/sh\necho "$@ $PAYHOOK_STRIPE_SIGNING_SECRETS." > ${said}\n`);
    chmodSync(`${folder.path}/xdg-open`, 0o755);
    const env = { DISPLAY: ':0', PATH: `${folder.path}:/usr/bin:/bin`, PAYHOOK_STRIPE_SIGNING_SECRETS: 'whsec_1' };

    expect(await openBrowser('http://127.0.0.1:8081/login', env, 'linux')).toBe(true);
    await waitUntil('it was opened', () => existsSync(said) && readFileSync(said, 'utf8') !== '');
    expect(readFileSync(said, 'utf8')).toBe('http://127.0.0.1:8081/login .\n');
  });

  test('that is not installed is none', async () => {
    using folder = createTestFolder();

    expect(
      await openBrowser('http://127.0.0.1:8081/login', { DISPLAY: ':0', PATH: join(folder.path, 'none') }, 'linux'),
    ).toBe(false);
  });
});
