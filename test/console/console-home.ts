/** A home in memory with webhooks in every state, and the console over it. */

import { createMemoryHome, type MemoryHome } from '../../src/adapters/memory/memory-home.ts';
import { createConsoleApp } from '../../src/console/api/console-app.ts';
import type { Client, ConsoleDeps, RequestLine } from '../../src/console/api/console-deps.ts';
import { createSessions, type Sessions } from '../../src/console/api/sessions.ts';
import { PayhookError } from '../../src/core/errors.ts';
import type { OperatorHome } from '../../src/homes/operator-home.ts';
import type { Role } from '../../src/operators/roles.ts';
import { PROVIDERS } from '../../src/providers/providers.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';
import { createTestHome, stripeDelivery } from '../support/test-home.ts';

const PORT = 8081;
const ORIGIN = `http://127.0.0.1:${PORT}`;

const EMPTY = { contentType: 'text/html; charset=utf-8', bytes: new Uint8Array(), gzipped: new Uint8Array() };
const NO_CLIENT: Client = { page: EMPTY, assets: new Map() };

export const CONSOLE_CONFIG: ConsoleDeps['config'] = {
  mode: 'test',
  jobs: {},
  destinations: {
    ledger: {
      kind: 'http',
      url: 'https://ledger.example.com/a-secret-path',
      events: ['payment.*'],
      giveUpAfterHours: 72,
      timeoutMs: 1000,
      concurrencyMax: 1,
      arePrivateAddressesAllowed: false,
    },
  },
};

let openKept: (clock: TestClock) => MemoryHome = createMemoryHome;

/** For the tests of a file that import others: their homes keep what they are told elsewhere than in memory. */
export const keepConsoleHomesIn = (open: typeof openKept): void => {
  openKept = open;
};

/** Fails for webhooks whose id says so. */
export const openConsoleHome = () => {
  const testClock = createTestClock();
  const kept = openKept(testClock);
  const home = createTestHome({
    handler: (webhook) => {
      if (webhook.webhookId.includes('bad')) throw new Error('the warehouse is down');
    },
    attemptsMax: 1,
    clock: testClock,
    ports: () => kept,
  });
  const { clock, store, queue, auditLog, payments, destinations, seal, signer, anchor } = home;
  /** While it is away nothing says whether anything has changed. */
  const versions = { areAway: false };
  const operatorHome: OperatorHome = {
    store,
    queue,
    auditLog,
    payments,
    destinations,
    seal,
    signer,
    anchor,
    clock,
    rejected: kept.rejected,
    webhooks: kept.webhooks,
    checkpoints: kept.checkpoints,
    randomness: home.randomness,
    version: async () => {
      if (versions.areAway) throw new PayhookError('store_unavailable', 'the store is away');
      return (await auditLog.latest(1))[0]?.position ?? 0;
    },
    jobs: kept.jobs,
    jobsAreCarriedBy: 'server',
    operators: home.operators,
    forgetDeadLetters: async () => undefined,
  };
  const deliver = async (id: string, overrides: Parameters<typeof stripeDelivery>[2] = {}): Promise<void> => {
    const outcome = await home.deliver(stripeDelivery(clock, id, overrides));
    if (outcome.outcome !== 'accepted') throw new Error(`${id} was ${outcome.outcome}`);
    await home.work();
    clock.advance(1000);
  };
  return { ...home, operatorHome, deliver, versions };
};

export type ConsoleHome = ReturnType<typeof openConsoleHome>;

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a test looks into is for the test to say
  readonly body: any;
  readonly headers: Headers;
}

export interface TestConsole {
  readonly sessions: Sessions;
  readonly lines: readonly RequestLine[];
  readonly bugs: readonly unknown[];
  /** As a browser on a page of the console sends it, but for what is said otherwise. */
  request(path: string, init?: RequestInit): Promise<Answer>;
  /** What is answered while it is being sent, with the session. */
  stream(path: string): Promise<Response>;
  /** Logs in; then `get` and `post` have its session. */
  logIn(claim?: Readonly<Record<string, string>>): Promise<void>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export const openConsole = (
  home: ConsoleHome,
  role: Role = 'operator',
  overrides: Partial<OperatorHome> = {},
): TestConsole => {
  const lines: RequestLine[] = [];
  const bugs: unknown[] = [];
  const sessions = createSessions({ clock: home.clock, randomness: home.randomness });
  const deps: ConsoleDeps = {
    home: { ...home.operatorHome, ...overrides },
    choice: { kind: 'local' },
    config: CONSOLE_CONFIG,
    providers: PROVIDERS,
    role,
    version: '0.0.0',
    client: NO_CLIENT,
    randomness: home.randomness,
    port: PORT,
    onRequest: (line) => lines.push(line),
    onBug: (error) => bugs.push(error),
  };
  const app = createConsoleApp(deps, sessions);
  let cookie = '';
  let csrf = '';

  const send = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers({ host: `127.0.0.1:${PORT}`, 'sec-fetch-site': 'same-origin' });
    for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
    return app.request(`${ORIGIN}${path}`, { ...init, headers });
  };
  const request = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await send(path, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
  };
  const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    request(path, { headers: { cookie, ...headers } });
  const post = (path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Answer> =>
    request(path, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json', 'x-payhook-csrf': csrf, ...headers },
      body: JSON.stringify(body),
    });
  return {
    sessions,
    lines,
    bugs,
    request,
    stream: (path) => send(path, { headers: { cookie, 'x-payhook-background': '1' } }),
    get,
    post,
    async logIn(claim = {}) {
      const { status, headers } = await post('/api/login', { token: sessions.newToken(), ...claim });
      if (status !== 200) throw new Error(`the login was answered ${status}`);
      cookie = headers.get('set-cookie')?.split(';', 1)[0] ?? '';
      csrf = (await get('/api/session')).body.csrf;
    },
  };
};
