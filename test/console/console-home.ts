/** A home in memory with webhooks in every state, and the console over it. */

import { createMemoryHome, type MemoryHome } from '../../src/adapters/memory/memory-home.ts';
import { createMemorySecretSource } from '../../src/adapters/memory/memory-secret-source.ts';
import { createConsoleApp } from '../../src/console/api/console-app.ts';
import type { Client, ConsoleDeps, PaymentsAsked, RequestLine } from '../../src/console/api/console-deps.ts';
import { createSessions, type Sessions } from '../../src/console/api/sessions.ts';
import { createWaitingBrowsers, type WaitingBrowsers } from '../../src/console/api/waiting-browsers.ts';
import { PayhookError } from '../../src/core/errors.ts';
import { secretIdOf } from '../../src/core/secret-id.ts';
import { DAY_MS } from '../../src/core/time.ts';
import { listDestinationRows } from '../../src/homes/list-destinations.ts';
import type { PublishedState } from '../../src/homes/local/published-state.ts';
import type { OperatorHome } from '../../src/homes/operator-home.ts';
import { createRejectedCases } from '../../src/homes/rejected-cases.ts';
import type { Job } from '../../src/jobs/job.ts';
import { createRequestJob } from '../../src/jobs/request-job.ts';
import { createSecretUse } from '../../src/operate/secret-use.ts';
import type { Role } from '../../src/operators/roles.ts';
import { PROVIDERS } from '../../src/providers/providers.ts';
import { CONFIGURABLE_PROVIDERS } from '../../src/providers/settings.ts';
import { createKeepRejected } from '../../src/receive/keep-rejected.ts';
import {
  addPage,
  type CheckedPayments,
  nothingListed,
  type ObjectDifference,
} from '../../src/reconcile/objects/object-report.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';
import { createTestHome, STRIPE_SECRET, stripe, stripeDelivery, type TestHomeOptions } from '../support/test-home.ts';

const PORT = 8081;
const ORIGIN = `http://127.0.0.1:${PORT}`;

const EMPTY = { contentType: 'text/html; charset=utf-8', bytes: new Uint8Array(), gzipped: new Uint8Array() };
const NO_CLIENT: Client = { pageAt: () => EMPTY, assets: new Map() };

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

/** What a provider has, and no webhook told of. */
const NEVER_CAME: ObjectDifference = {
  provider: 'stripe',
  source: 'stripe:test',
  list: 'payment_intents',
  kind: 'payment',
  objectId: 'pi_never',
  paymentId: null,
  at: Date.parse('2026-11-22T12:00:00Z'),
  difference: 'not_here',
  listed: { state: 'paid', amount: { minor: 4250n, currency: 'USD', exponent: 2 } },
  here: null,
};

let openKept: (clock: TestClock) => MemoryHome = createMemoryHome;

/** For the tests of a file that import others: their homes keep what they are told elsewhere than in memory. */
export const keepConsoleHomesIn = (open: typeof openKept): void => {
  openKept = open;
};

/** Unless it is said otherwise, fails for webhooks whose id says so. */
export const openConsoleHome = (options: Omit<TestHomeOptions, 'ports'> = {}) => {
  const testClock = options.clock ?? createTestClock();
  const kept = openKept(testClock);
  const home = createTestHome({
    handler: (webhook) => {
      if (webhook.webhookId.includes('bad')) throw new Error('the warehouse is down');
    },
    attemptsMax: 1,
    ...options,
    clock: testClock,
    ports: () => kept,
  });
  const { clock, store, queue, auditLog, payments, destinations, seal, signer, anchor } = home;
  /** While it is away nothing says whether anything has changed. */
  const versions = { areAway: false };
  /** What a server of this home says of itself; none runs unless a test says so. */
  const published: { state: PublishedState | null } = { state: null };
  const operatorHome: OperatorHome = {
    store,
    queue,
    queueDepth: () => queue.depth(),
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
    checkProgress: kept.checkProgress,
    // No screen of the console is about them.
    legalHolds: { list: async () => [], add: async () => 'full', remove: async () => false },
    silence: kept.silence,
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
  /** Stores it, and leaves it on the queue. */
  const deliverLater = async (id: string, overrides: Parameters<typeof stripeDelivery>[2] = {}): Promise<void> => {
    const { outcome } = await home.deliver(stripeDelivery(clock, id, overrides));
    if (outcome !== 'accepted') throw new Error(`${id} was ${outcome}`);
  };
  const deliver = async (id: string, overrides: Parameters<typeof stripeDelivery>[2] = {}): Promise<void> => {
    await deliverLater(id, overrides);
    await home.work();
    clock.advance(1000);
  };
  const secrets = [STRIPE_SECRET];
  const providerSettings = new Map([['stripe', { toleranceSeconds: 300 }]]);
  const keep = createKeepRejected({
    providers: new Map([['stripe', { provider: stripe, settings: providerSettings.get('stripe') }]]),
    box: kept.rejected,
    seal,
    logger: home.logger,
    keptForMs: 7 * DAY_MS,
  });
  /** Signed with a secret that nobody here has, unless `secrets` gets it. Resolves to its id in the box. */
  const reject = async (
    id: string,
    secret: string,
    address = '192.0.2.7',
    signatureName = 'stripe-signature',
  ): Promise<string> => {
    const { body, headers } = stripeDelivery(clock, id, { secret });
    const named = Object.entries(headers).map(([name, value]) => {
      const lower = name.toLowerCase();
      return [lower === 'stripe-signature' ? signatureName : lower, [value]] as const;
    });
    await keep({
      providerName: 'stripe',
      delivery: {
        body,
        headers: new Map(named),
        method: 'POST',
        query: '',
        publicUrl: null,
      },
      receivedAt: clock.now(),
      traceId: 'trace-1',
      sender: { address, isLimited: true, hasReserve: false },
      reason: 'signature_mismatch',
    });
    await home.turnedAway.record({
      provider: 'stripe',
      outcome: 'rejected',
      reason: 'signature_mismatch',
      sender: { address, isLimited: true, hasReserve: false },
      requestId: 'request-1',
    });
    const [newest] = (await kept.rejected.list({ limit: 1 })).items;
    clock.advance(1000);
    return newest?.id ?? '';
  };
  /** Of a console over it, but for what tests say themselves. */
  const rejectedCasesOf = (over: OperatorHome): ConsoleDeps['rejectedCases'] =>
    createRejectedCases({
      settings: {
        known: CONFIGURABLE_PROVIDERS,
        providerSettings,
        retentionMs: 400 * DAY_MS,
        config: { mode: 'test' },
      },
      home: over,
      withSecrets: (use) => use(createMemorySecretSource(new Map([['stripe', secrets]]))),
      certificates: { fetch: async () => ({ outcome: 'unavailable', reason: 'no network in tests' }) },
      onAlert: () => undefined,
    });
  /** What else a console over it is given. */
  const restOf = ({ destinations, ...over }: OperatorHome) => ({
    areRejectedKept: true,
    retentionMs: 400 * DAY_MS,
    rejectedKeptForMs: 7 * DAY_MS,
    awsRoles: { OnCall: 'operator' as const },
    lookAtSecretUse: async () => {
      const ids = secrets.map((value) => secretIdOf('stripe', value));
      return [await createSecretUse(over)('stripe', ids)];
    },
    listKeyFiles: async () => [
      {
        purpose: 'audit' as const,
        fingerprint: 'c0ffee00',
        file: 'audit-signing.key',
        since: '2026-01-02T03:04:05.000Z',
        state: 'in_use' as const,
        dataKeys: null,
        digests: 1,
      },
    ],
    destinationDesk: {
      list: (): ReturnType<ConsoleDeps['destinationDesk']['list']> =>
        listDestinationRows(CONSOLE_CONFIG, 'local', (names) => destinations.depth(names)).then((rows) =>
          rows.map((row) => ({
            ...row,
            circuit: 'open' as const,
            nextProbeAt: '2026-11-23T12:10:00.000Z',
            underway: 0,
            deliveredLastMinute: 0,
            deliveredLastDay: 7,
            deliveredSince: '2026-11-23T11:00:00.000Z',
            callMsP99: 812,
            lastError: { at: '2026-11-23T12:00:00.000Z', error: 'answered 503' },
          })),
        ),
      test: async (name: string): ReturnType<ConsoleDeps['destinationDesk']['test']> =>
        name === 'ledger'
          ? ({ outcome: 'delivered', messageId: 'payhook:test-1' } as const)
          : ({ outcome: 'failed', messageId: 'payhook:test-1', detail: 'answered 503' } as const),
    },
    readServer: async () => published.state,
    checkPayments: async ({ tell, onPage }: PaymentsAsked): Promise<CheckedPayments> => {
      const span = { since: testClock.now() - DAY_MS, until: testClock.now() };
      const nothing = nothingListed({ provider: 'stripe', source: 'stripe:test', list: 'payment_intents', span });
      const report = addPage(nothing, [NEVER_CAME]);
      onPage(report);
      tell('the provider wants us to wait: 1 s');
      return { reports: [report], summary: ['stripe:test compares payments'] };
    },
    shownConfig: { configFile: null, port: 8080, handlers: null, retentionDays: 400, providers: { stripe: {} } },
    warnings: ['TLS is checked by nobody'],
    lookAtHealth: async () => ({
      server: { outcome: 'none' as const },
      queue: { ready: 0, waiting: 0, oldestEnqueuedAt: null },
      destinations: [],
      lastDigest: null,
      disk: {
        databaseBytes: 4096,
        logBytes: 0,
        freeBytes: 9_000_000_000,
        bytes: 10_000_000_000,
        unusedBytes: 0,
        grownBytes: null,
      },
      problems: ['no server runs: nothing is received'],
    }),
  });
  /** Somebody asks for all dead letters to be put back, which needs a second person. Resolves to the job. */
  const ask = ({
    reason = 'the warehouse is back',
    by = 'bob',
    mode = CONSOLE_CONFIG.mode ?? 'live',
    aboveWebhooks = 0,
  } = {}): Promise<Job> =>
    createRequestJob(operatorHome)({
      work: { kind: 'redrive' },
      filter: { cause: 'handler_failed', status: 'dead_lettered', until: clock.now() },
      mode,
      reason,
      requestedBy: { type: 'operator', id: by },
      webhooksPerSecond: 10,
      approvalLimits: { webhooksMax: aboveWebhooks, amountMax: null },
    });
  return {
    ...home,
    operatorHome,
    deliver,
    deliverLater,
    reject,
    ask,
    secrets,
    rejectedCasesOf,
    restOf,
    versions,
    published,
  };
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
  readonly waiting: WaitingBrowsers;
  readonly lines: readonly RequestLine[];
  readonly bugs: readonly unknown[];
  /** As they are written in the code: `GET /api/webhooks/:id`. */
  readonly routes: readonly string[];
  /** As a browser on a page of the console sends it, but for what is said otherwise. */
  request(path: string, init?: RequestInit): Promise<Answer>;
  /** What is answered while it is being sent, with the session. */
  stream(path: string): Promise<Response>;
  /** Logs in; then `get` and `post` have its session. */
  logIn(claim?: Readonly<Record<string, string>>): Promise<void>;
  /** Of the session. */
  cookie(): string;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** As `post`, by another method. */
  send(path: string, method: string): Promise<Answer>;
}

export const openConsole = (
  home: ConsoleHome,
  role: Role = 'operator',
  overrides: Partial<OperatorHome> = {},
  config: Partial<ConsoleDeps['config']> = {},
  questions: Partial<ConsoleDeps> = {},
): TestConsole => {
  const lines: RequestLine[] = [];
  const bugs: unknown[] = [];
  const sessions = createSessions({ clock: home.clock, randomness: home.randomness });
  const operatorHome = { ...home.operatorHome, ...overrides };
  const deps: ConsoleDeps = {
    home: operatorHome,
    rejectedCases: home.rejectedCasesOf(operatorHome),
    ...home.restOf(operatorHome),
    choice: { kind: 'local' },
    config: { ...CONSOLE_CONFIG, ...config },
    providers: PROVIDERS,
    role,
    version: '0.0.0',
    client: NO_CLIENT,
    randomness: home.randomness,
    port: PORT,
    onRequest: (line) => lines.push(line),
    onBug: (error) => bugs.push(error),
    ...questions,
  };
  const waiting = createWaitingBrowsers({ ...home, newToken: sessions.newToken });
  const app = createConsoleApp(deps, sessions, waiting);
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
    return {
      status: response.status,
      body: isJson && text !== '' ? JSON.parse(text) : text,
      headers: response.headers,
    };
  };
  const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    request(path, { headers: { cookie, ...headers } });
  const tell = (method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Answer> =>
    request(path, {
      method,
      headers: { cookie, 'content-type': 'application/json', 'x-payhook-csrf': csrf, ...headers },
      body: JSON.stringify(body),
    });
  const post = (path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Answer> =>
    tell('POST', path, body, headers);
  return {
    sessions,
    waiting,
    lines,
    bugs,
    routes: [
      ...new Set(
        app.routes
          .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/'))
          .map(({ method, path }) => `${method} ${path}`),
      ),
    ],
    request,
    cookie: () => cookie,
    stream: (path) => send(path, { headers: { cookie, 'x-payhook-background': '1' } }),
    get,
    post,
    send: (path, method) => tell(method, path, {}, {}),
    async logIn(claim = {}) {
      const { status, headers } = await post('/api/login', { token: sessions.newToken(), ...claim });
      if (status !== 200) throw new Error(`the login was answered ${status}`);
      cookie = headers.get('set-cookie')?.split(';', 1)[0] ?? '';
      csrf = (await get('/api/session')).body.csrf;
    },
  };
};
