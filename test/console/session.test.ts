/** Who comes into the console, for how long, and what of a request is looked at before anything else. */
import { beforeEach, describe, expect, test } from 'vitest';
import { readRecord } from '../../src/audit/audit.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { DAY_MS, MINUTE_MS } from '../../src/core/time.ts';
import { createRemoveOperator } from '../../src/operators/change-operators.ts';
import { hashPassphrase } from '../../src/operators/passphrase.ts';
import type { Role } from '../../src/operators/roles.ts';
import { type ConsoleHome, openConsole, openConsoleHome, type TestConsole } from './console-home.ts';

let home: ConsoleHome;
let console: TestConsole;

beforeEach(() => {
  home = openConsoleHome();
  console = openConsole(home);
});

const statusOf = async (path = '/api/session', headers = {}): Promise<number> =>
  (await console.get(path, headers)).status;

test('every answer to a session says which release it is of, and none to anybody else', async () => {
  expect((await console.get('/api/session')).headers.get('x-payhook-version')).toBeNull();
  await console.logIn();

  for (const path of ['/api/session', '/api/webhooks', '/api/webhooks?foo=1', '/api/nothing']) {
    expect([path, (await console.get(path)).headers.get('x-payhook-version')]).toEqual([path, '0.0.0']);
  }
});

describe('a link into the console', () => {
  test('begins one session, whose cookie no script and no other site gets', async () => {
    const token = console.sessions.newToken();

    const first = await console.post('/api/login', { token });

    expect(first.status).toBe(200);
    expect(first.headers.get('set-cookie')).toMatch(
      /^payhook-console-8081=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect((await console.post('/api/login', { token })).body.error).toBe('link_used');
  });

  test('is good for two minutes', async () => {
    const token = console.sessions.newToken();
    home.clock.advance(LIMITS.consoleLinkMsMax + 1);

    expect((await console.post('/api/login', { token })).status).toBe(401);
  });

  test('is not guessed: after ten wrong ones no other is judged for a minute, and a right one still begins a session', async () => {
    for (let tries = 0; tries < LIMITS.consoleLoginsWrongPerMinuteMax; tries += 1) {
      expect((await console.post('/api/login', { token: `no token ${tries}` })).status).toBe(401);
    }
    const wrong = () => console.post('/api/login', { token: 'no token' });

    expect((await wrong()).status).toBe(429);
    expect((await console.post('/api/login', { token: console.sessions.newToken() })).status).toBe(200);
    home.clock.advance(MINUTE_MS);
    expect((await wrong()).status).toBe(401);
  });

  test('that nobody uses ends, also when the clock was set back by a year meanwhile', async () => {
    await console.logIn();
    home.clock.advance(-365 * DAY_MS);

    expect((await console.get('/api/session')).status).toBe(401);
  });
});

describe('a browser without a link', () => {
  const wait = async (): Promise<{ number: string; ticket: string }> => (await console.post('/api/login/wait')).body;
  const ask = async (ticket: string) => (await console.post('/api/login/ask', { ticket })).body;

  test('is let in when its number is typed where the console runs, and not before', async () => {
    const { number, ticket } = await wait();
    expect(await ask(ticket)).toEqual({ outcome: 'waits' });

    expect(console.waiting.admit(number)).toBe(true);
    const { token } = await ask(ticket);
    expect((await console.post('/api/login', { token })).status).toBe(200);
    expect(await ask(ticket)).toEqual({ outcome: 'over' });
    expect((await console.post('/api/login', { token })).body.error).toBe('link_used');
  });

  test('cannot be asked for by a page of another site, and a number alone is no ticket', async () => {
    expect((await console.post('/api/login/wait', {}, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    const { number } = await wait();
    console.waiting.admit(number);

    expect(await ask(number)).toEqual({ outcome: 'over' });
    expect((await console.post('/api/login', { token: number })).status).toBe(401);
  });
});

describe('where operators are defined', () => {
  const PASSPHRASE = 'correct horse battery';

  const add = async (name: string, role: Role): Promise<void> => {
    const passphrase = await hashPassphrase(PASSPHRASE, home.randomness, { n: 2, r: 1, p: 1 });
    home.operatorStore.write([{ name, role, passphrase, addedAt: home.clock.now() }]);
  };

  const comeIn = (claim: Readonly<Record<string, string>>, token = console.sessions.newToken()) =>
    console.post('/api/login', { token, ...claim });

  test('a link asks for a name and a passphrase, and still works with these', async () => {
    await add('dora', 'viewer');
    const token = console.sessions.newToken();

    expect((await comeIn({}, token)).body.error).toBe('operator_needed');
    expect((await comeIn({ name: 'dora', passphrase: 'wrong' }, token)).body.error).toBe('passphrase_wrong');
    expect((await comeIn({ name: 'dora', passphrase: PASSPHRASE }, token)).status).toBe(200);
    expect((await comeIn({ name: 'dora', passphrase: PASSPHRASE }, token)).body.error).toBe('link_used');
    const events = (await home.auditLog.latest(2)).map((entry) => readRecord(entry));
    expect(events).toMatchObject([
      { event: 'OPERATOR_SIGNED_IN', actor: { id: 'dora' }, change: { to: 'viewer' } },
      { event: 'OPERATOR_REFUSED', outcome: 'failure', reason: 'wrong_passphrase', resource: { id: 'dora' } },
    ]);
  });

  test('a session has the name and the role of its operator, and what is not for the role is in the trail', async () => {
    await add('dora', 'viewer');
    await console.logIn({ name: 'dora', passphrase: PASSPHRASE });

    expect((await console.get('/api/session')).body).toMatchObject({ operator: 'dora', role: 'viewer' });
    expect((await console.post('/api/jobs', {})).body.error).toBe('not_allowed');
    const [newest] = await home.auditLog.latest(1);
    expect(newest === undefined ? null : readRecord(newest)).toMatchObject({
      event: 'OPERATOR_REFUSED',
      actor: { id: 'dora' },
      reason: 'role_viewer_may_not_put_back',
    });
  });

  test('a session ends when its operator is removed, and that of the user when the first one is added', async () => {
    await console.logIn();
    await add('dora', 'approver');
    expect(await statusOf()).toBe(401);
    await console.logIn({ name: 'dora', passphrase: PASSPHRASE });
    expect(await statusOf()).toBe(200);

    await createRemoveOperator({ ...home, store: home.operatorStore })('dora', home.operators.user, 'left');

    expect(await statusOf()).toBe(401);
  });
});

describe('a session', () => {
  test('says who is there, in which role, over which home', async () => {
    await console.logIn();

    const { body, headers } = await console.get('/api/session');

    expect(body).toMatchObject({ operator: 'alice', role: 'operator', home: { kind: 'local' }, mode: 'test' });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('ends when its person does nothing for fifteen minutes, whatever the page asks by itself', async () => {
    await console.logIn();
    home.clock.advance(LIMITS.consoleIdleMsMax - 1);
    expect(await statusOf()).toBe(200);
    home.clock.advance(LIMITS.consoleIdleMsMax - 1);
    expect(await statusOf('/api/session', { 'x-payhook-background': '1' })).toBe(200);
    home.clock.advance(1);

    expect(await statusOf()).toBe(401);
  });

  test('ends after eight hours, however busy', async () => {
    await console.logIn();
    for (let passed = 0; passed < LIMITS.consoleSessionMsMax - MINUTE_MS; passed += 10 * MINUTE_MS) {
      expect(await statusOf()).toBe(200);
      home.clock.advance(10 * MINUTE_MS);
    }

    expect(await statusOf()).toBe(401);
  });

  test('ends when its person logs out', async () => {
    await console.logIn();

    expect((await console.post('/api/logout')).status).toBe(200);
    expect(await statusOf()).toBe(401);
  });
});

describe('a request', () => {
  test.each(['evil.example', `evil.example:8081`, '127.0.0.1', '127.0.0.1:80', 'localhost.evil.example:8081'])(
    'under the name %s is answered 421, also for the page',
    async (host) => {
      await console.logIn();

      expect(await statusOf('/api/session', { host })).toBe(421);
      expect(await statusOf('/', { host })).toBe(421);
    },
  );

  test.each(['localhost:8081', '[::1]:8081'])('under the name %s is one of ours', async (host) => {
    await console.logIn();

    expect(await statusOf('/api/session', { host })).toBe(200);
  });

  test.each(['cross-site', 'same-site', ''])(
    'from a page that says %j about where it is from is refused',
    async (site) => {
      await console.logIn();

      expect((await console.get('/api/session', { 'sec-fetch-site': site })).body.error).toBe('site_refused');
      expect((await console.post('/api/logout', {}, { 'sec-fetch-site': site })).status).toBe(403);
      expect((await console.post('/api/login', { token: 'x' }, { 'sec-fetch-site': site })).status).toBe(403);
    },
  );

  test('that changes something needs the word of its session, and JSON', async () => {
    await console.logIn();

    expect((await console.post('/api/logout', {}, { 'x-payhook-csrf': '' })).body.error).toBe('csrf_wrong');
    expect((await console.post('/api/logout', {}, { 'content-type': 'text/plain' })).status).toBe(415);
    expect(await statusOf()).toBe(200);
  });

  test('with a large body is not read', async () => {
    const { status } = await console.post('/api/login', { token: 'x'.repeat(LIMITS.consoleBodyBytesMax) });

    expect(status).toBe(413);
  });

  test('gets no CORS header, and with each answer a policy that lets in nothing from elsewhere', async () => {
    for (const path of ['/', '/webhooks', '/api/session', '/api/nothing', '/assets/nothing.js']) {
      const { headers } = await console.get(path, { origin: 'https://evil.example' });

      expect(headers.get('access-control-allow-origin')).toBeNull();
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    }
  });

  test('is logged by its route and never by its ids or words', async () => {
    await console.logIn();
    await console.get('/api/find?q=secret-of-somebody');
    await console.get('/api/webhooks/stripe%3Aevt_secret');

    expect(console.lines.map(({ route }) => route)).toContain('/api/webhooks/:id');
    expect(JSON.stringify(console.lines)).not.toContain('secret');
  });
});
