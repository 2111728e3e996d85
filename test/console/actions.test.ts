/** What is done in the console: deliveries accepted, webhooks replayed, jobs of every kind, and what a second person decides. */
import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import type { DestinationQueues } from '../../src/destinations/destination-queue.ts';
import { lookAtStored } from '../../src/operate/look-at-stored.ts';
import { ROLES } from '../../src/operators/roles.ts';
import { type ConsoleHome, openConsole, openConsoleHome, type TestConsole } from './console-home.ts';

const NEW_SECRET = 'whsec_anewsecretthatisnotconfiguredyet';

let home: ConsoleHome;
let console: TestConsole;

const logIn = async (...args: Parameters<typeof openConsole>): Promise<TestConsole> => {
  const over = openConsole(...args);
  await over.logIn();
  return over;
};

beforeEach(async () => {
  home = openConsoleHome();
  console = await logIn(home);
});

describe('a rejected delivery', () => {
  let id: string;
  let path: string;
  beforeEach(async () => {
    id = await home.reject('evt_rolled', NEW_SECRET);
    path = `/api/deliveries/${encodeURIComponent(id)}`;
  });

  test('is listed with why, from where, and until when its provider tries, without a byte of it', async () => {
    const { body } = await console.get('/api/deliveries');

    expect(body).toMatchObject({
      areKept: true,
      items: [
        {
          ...{ id, provider: 'stripe', reason: 'signature_mismatch', answer: 401, skewMs: expect.any(Number) },
          ...{ sourceAddress: '192.0.2.7', acceptedAt: null },
        },
      ],
    });
    expect(Math.abs(body.items[0].skewMs)).toBeLessThan(1000);
    expect(Date.parse(body.items[0].triesUntil)).toBeGreaterThan(home.clock.now());
    expect((await console.get('/api/deliveries?provider=paypal')).body.items).toEqual([]);
    expect((await console.get('/api/deliveries?address=192.0.2.7')).body.items).toHaveLength(1);
    expect((await console.get('/api/deliveries?address=192.0.2.8')).body.items).toEqual([]);
    expect((await console.get('/api/deliveries?after=x')).status).toBe(400);
    expect(JSON.stringify((await console.get(path)).body)).not.toContain('evt_rolled');
  });

  test('stands in the trail of what was turned away, kept or not', async () => {
    expect((await console.get('/api/deliveries/turned-away')).body.items).toMatchObject([
      {
        event: 'REJECTED_SIGNATURE',
        reason: 'signature_mismatch',
        answer: 401,
        origin: { sourceAddress: '192.0.2.7' },
      },
    ]);
  });

  test('cannot be accepted while it does not verify, by nobody', async () => {
    expect((await console.post(`${path}/verify`)).body).toMatchObject({ isGenuine: false });
    const approver = await logIn(home, 'approver');

    const { body } = await approver.post(`${path}/accept`, { reason: 'please' });

    expect(body).toMatchObject({ isDone: false, text: expect.stringContaining('does not verify') });
    expect((await home.store.list({ limit: 1 })).items).toEqual([]);
  });

  test('is accepted for a reason once the secret is there, as of when it came, and once', async () => {
    home.secrets.push(NEW_SECRET);
    expect((await console.post(`${path}/verify`)).body).toEqual({
      isGenuine: true,
      sentence: expect.stringMatching(/^It is genuine: stripe#[0-9a-f]{8} verifies it\.$/),
      change: '',
    });
    expect((await console.post(`${path}/accept`, { reason: ' ' })).status).toBe(400);
    const accept = () => console.post(`${path}/accept`, { reason: 'the secret was rolled' });

    const webhookIds = ['stripe:evt_rolled'];
    expect((await accept()).body).toEqual({ isDone: true, text: 'accepted: stripe:evt_rolled', webhookIds });
    expect((await accept()).body).toEqual({ isDone: true, text: 'was stored before: stripe:evt_rolled', webhookIds });

    const { rejectedAt, acceptedAt, ...delivery } = (await console.get(path)).body;
    expect([acceptedAt === null, delivery.webhookIds]).toEqual([false, webhookIds]);
    expect((await console.get('/api/deliveries')).body.items).toMatchObject([{ webhookIds }]);
    expect((await console.get('/api/webhooks/stripe%3Aevt_rolled')).body).toMatchObject({ receivedAt: rejectedAt });
    expect((await home.auditLog.latest(9)).map(({ text }) => text).join()).toContain(
      '"reason":"the secret was rolled"',
    );
  });

  test('is accepted by those who may put back, and that is said beforehand', async () => {
    for (const role of ROLES) {
      const over = await logIn(home, role);
      const { isAllowed } = (await over.get(path)).body.actions[0];
      const { status } = await over.post(`${path}/accept`, { reason: 'why' });
      expect([role, isAllowed, status]).toEqual([
        role,
        role === 'operator' || role === 'approver',
        isAllowed ? 200 : 403,
      ]);
    }
  });

  test('that is gone is not there', async () => {
    expect((await console.get('/api/deliveries/stripe%3Ap1%3A0')).status).toBe(404);
    expect((await console.post('/api/deliveries/stripe%3Ap1%3A0/verify')).status).toBe(404);
  });
});

describe('a webhook that is replayed', () => {
  const PATH = '/api/webhooks/stripe%3Aevt_1';
  beforeEach(() => home.deliver('evt_1'));

  test('is processed again as a whole, or for one handler, for a reason', async () => {
    expect((await console.post(`${PATH}/replay`)).status).toBe(400);
    expect((await console.post(`${PATH}/replay`, { reason: 'books were lost', only: 'handle' })).body).toMatchObject({
      isDone: true,
    });
    expect((await console.get(PATH)).body).toMatchObject({ status: 'received' });
    await home.work();
    expect((await console.post(`${PATH}/replay`, { reason: 'books were lost' })).body).toMatchObject({ isDone: true });
    expect((await console.get(PATH)).body.audit.at(-1)).toMatchObject({ event: 'REPLAYED', reason: 'books were lost' });
  });

  test('goes to one destination again, and nobody else is called', async () => {
    const { body } = await console.post(`${PATH}/replay`, { reason: 'the ledger lost it', only: 'ledger' });

    expect(body).toEqual({ isDone: true, text: 'waits again for ledger: 1 event' });
    expect((await console.get(PATH)).body).toMatchObject({
      status: 'processed',
      destinations: [{ destination: 'ledger', state: 'waiting' }],
    });
  });

  test.each(['nobody', 'constructor', '__proto__'])('is not replayed for %s, which nobody is called', async (only) => {
    expect((await console.post(`${PATH}/replay`, { reason: 'why', only })).status).toBe(404);
  });
});

describe('a job', () => {
  const requestOf = async (over: TestConsole, work: Record<string, unknown>, filter: Record<string, string>) => {
    const seen = (await over.post('/api/jobs/preview', { work, filter })).body;
    const asked = { work, filter: { ...filter, until: seen.until }, hash: seen.hash, reason: 'INC-812' };
    return { seen, answer: await over.post('/api/jobs', asked) };
  };

  test('replays what a filter says, seen first: whom it calls again', async () => {
    await home.deliver('evt_1');

    const { seen, answer } = await requestOf(console, { kind: 'replay' }, { payment: 'pi_evt_1' });

    expect(seen.preview).toMatchObject({ webhooks: 1, handlers: [{ handler: 'handle', called: 1, notCalled: 0 }] });
    expect(answer.body).toMatchObject({ state: 'running', work: { kind: 'replay', only: null } });
  });

  test('sends again what a destination gave up, and refuses one that is not there', async () => {
    await home.deliver('evt_1');
    const resend = { kind: 'resend', destination: 'ledger' };
    const { seen, answer } = await requestOf(console, resend, { since: '1h' });

    expect(seen.preview.webhooks).toBe(0);
    expect(answer.body.error).toBe('not_found');
    for (const destination of ['nobody', 'constructor']) {
      const body = { work: { kind: 'resend', destination }, filter: { since: '1h' } };
      expect((await console.post('/api/jobs/preview', body)).status).toBe(404);
    }
  });

  test('of picked webhooks is about these, and says of each other one why not', async () => {
    await home.deliver('evt_bad_1');
    await home.deliver('evt_bad_2');
    await home.deliver('evt_1');
    const ids = ['stripe:evt_bad_1', 'stripe:evt_1', 'stripe:evt_of_nobody'];
    const work = { kind: 'redrive' };
    const seen = (await console.post('/api/jobs/preview', { work, filter: { ids } })).body;

    expect(seen.preview).toMatchObject({
      webhooks: 1,
      impossible: [
        { why: 'not_there', examples: ['stripe:evt_of_nobody'] },
        { why: 'not_meant', examples: ['stripe:evt_1'] },
      ],
    });
    const asked = { work, filter: { ids, until: seen.until }, hash: seen.hash, reason: 'INC-812' };
    const { body } = await console.post('/api/jobs', asked);
    expect(body).toMatchObject({ state: 'running', filter: { ids }, preview: { webhooks: 1 } });
    expect((await console.get(`/api/jobs/${body.jobId}`)).body.webhooks).toMatchObject([
      { webhookId: 'stripe:evt_bad_1' },
    ]);
    const other = { ...asked, filter: { ids: ['stripe:evt_bad_2'], until: seen.until } };
    expect((await console.post('/api/jobs', other)).body.error).toBe('preview_changed');
  });

  test.each([[[]], [[' '.repeat(2000)]], [Array.from({ length: LIMITS.jobIdsMax + 1 }, (_, n) => `stripe:evt_${n}`)]])(
    'is not of no webhook, of what is no id, or of more than a person picks',
    async (ids) => {
      expect((await console.post('/api/jobs/preview', { filter: { ids } })).status).toBe(400);
    },
  );

  describe('above the limit', () => {
    let id: string;
    beforeEach(async () => {
      await home.deliver('evt_bad_1');
      await home.deliver('evt_bad_2');
      const asking = await logIn(home, 'operator', {}, { jobs: { approvalAboveWebhooks: 1 } });
      const { answer } = await requestOf(asking, { kind: 'redrive' }, { cause: 'handler_failed' });
      expect(answer.body.state).toBe('waiting_for_approval');
      id = answer.body.jobId;
    });
    const named = (id: string) => ({ operators: { ...home.operators, user: { type: 'operator', id } as const } });
    const bob = () => logIn(home, 'approver', named('bob'));
    const actionsFor = async (over: TestConsole) => (await over.get(`/api/approvals/${id}`)).body.actions;

    test('waits for somebody else, who is told what was asked for and until when', async () => {
      expect((await console.get('/api/approvals')).body.items).toMatchObject([
        { jobId: id, requestedBy: { id: 'alice' }, approval: { why: 'more than 1 webhook', decision: null } },
      ]);
      expect(await actionsFor(await bob())).toEqual([
        { name: 'approve', isAllowed: true, why: null },
        { name: 'refuse', isAllowed: true, why: null },
      ]);
    });

    test('is not decided on by whoever asked, whatever the role, nor by another role', async () => {
      const alice = await logIn(home, 'approver');
      expect(await actionsFor(alice)).toMatchObject([
        { isAllowed: false, why: 'it was asked for by you: somebody else has to decide' },
        { isAllowed: false },
      ]);
      expect((await alice.post(`/api/approvals/${id}/approve`, { reason: 'mine' })).body.error).toBe('own_request');
      for (const role of ['viewer', 'auditor', 'operator'] as const) {
        const other = await logIn(home, role, named('carol'));
        expect((await actionsFor(other))[0].isAllowed).toBe(false);
        for (const name of ['approve', 'refuse']) {
          expect((await other.post(`/api/approvals/${id}/${name}`, { reason: 'why' })).body.error).toBe('not_allowed');
        }
      }
    });

    test('begins when somebody else approves it for a reason, and is over when it is refused', async () => {
      const approver = await bob();
      expect((await approver.post(`/api/approvals/${id}/approve`, { reason: '' })).status).toBe(400);
      expect((await approver.post(`/api/approvals/${id}/explode`, { reason: 'why' })).status).toBe(400);
      const { body } = await approver.post(`/api/approvals/${id}/approve`, { reason: 'looked at it' });

      expect(body).toMatchObject({
        state: 'running',
        approval: { decision: { outcome: 'approved', by: { id: 'bob' }, reason: 'looked at it' } },
      });
      expect((await approver.post(`/api/approvals/${id}/refuse`, { reason: 'too late' })).body.error).toBe(
        'not_waiting',
      );
      expect((await console.get('/api/approvals')).body.items).toEqual([]);
    });

    test('cannot be approved when a webhook of it has changed since, and says how many; it can be refused', async () => {
      const approver = await bob();
      await console.post('/api/webhooks/stripe%3Aevt_bad_1/redrive');

      expect(await actionsFor(approver)).toMatchObject([
        { name: 'approve', isAllowed: false, why: expect.stringContaining('1 of its webhooks were changed') },
        { name: 'refuse', isAllowed: true },
      ]);
      expect((await approver.post(`/api/approvals/${id}/approve`, { reason: 'why' })).body.error).toBe('differs');
      expect((await approver.post(`/api/approvals/${id}/refuse`, { reason: 'ask again' })).body.state).toBe('refused');
    });

    const nowFor = async (over: TestConsole) => (await over.get(`/api/approvals/${id}`)).body.now;

    test('is looked at again, as it was looked at when it was asked for, for whoever may see it', async () => {
      const { preview } = (await console.get(`/api/jobs/${id}`)).body;
      expect(preview).toMatchObject({ webhooks: 2, money: [{ minor: '4000', currency: 'USD' }] });
      for (const role of ROLES) {
        expect(await nowFor(await logIn(home, role, named(role)))).toEqual({ preview, changed: 0, more: 0 });
      }
    });

    test('says what has become of its count and its money, and which it can do no more', async () => {
      await console.post('/api/webhooks/stripe%3Aevt_bad_1/redrive');

      expect(await nowFor(await bob())).toMatchObject({
        preview: { webhooks: 1, money: [{ minor: '2000', currency: 'USD' }] },
        changed: 1,
        more: 0,
      });
    });

    test('says how many more its filter means by now, and is approved for what was seen', async () => {
      await home.deliver('evt_bad_3');
      await console.post('/api/webhooks/stripe%3Aevt_bad_3/redrive');
      id = (await home.ask({ by: 'alice' })).id;
      const approver = await bob();
      expect(await nowFor(approver)).toMatchObject({ preview: { webhooks: 2 }, changed: 0, more: 0 });
      await home.work();
      // Came after it was asked for: not meant.
      await home.deliver('evt_bad_4');

      expect(await nowFor(approver)).toMatchObject({ preview: { webhooks: 3 }, changed: 0, more: 1 });
      const approved = await approver.post(`/api/approvals/${id}/approve`, { reason: 'seen' });
      expect(approved.body).toMatchObject({ state: 'running', preview: { webhooks: 2 } });
    });

    test('is looked at no more once it has ended', async () => {
      const approver = await bob();
      await approver.post(`/api/approvals/${id}/refuse`, { reason: 'not today' });

      expect(await nowFor(approver)).toBeNull();
    });

    test('that nobody decided on in time waits no more', async () => {
      home.clock.advance(LIMITS.jobApprovalMsMax);

      expect((await (await bob()).get('/api/approvals')).body.items).toEqual([]);
      expect(await actionsFor(await bob())).toMatchObject([{ isAllowed: false }, { isAllowed: false }]);
    });

    test('is approved where a server carries it on, else with the command', async () => {
      const away = await logIn(home, 'approver', { ...named('bob'), jobsAreCarriedBy: 'command' });

      expect(await actionsFor(away)).toMatchObject([{ isAllowed: false }, { isAllowed: true }]);
      expect((await away.post(`/api/approvals/${id}/approve`, { reason: 'why' })).body.error).toBe('not_here');
    });

    test('that is not there is not found', async () => {
      expect((await (await bob()).post('/api/approvals/none/approve', { reason: 'why' })).status).toBe(404);
      expect((await console.get('/api/approvals/none')).status).toBe(404);
    });
  });
});

describe('a destination', () => {
  test('says whether it is up, when it is tried again, and what it answered last', async () => {
    expect((await console.get('/api/destinations/ledger')).body).toMatchObject({
      name: 'ledger',
      circuit: 'open',
      lastError: { error: 'answered 503' },
    });
    expect((await console.get('/api/destinations/nobody')).status).toBe(404);
  });

  test('lists what it gave up, with why, and sends again what was picked of it', async () => {
    home = openConsoleHome({ destinations: [{ name: 'ledger', events: ['payment.*'] }] });
    console = await logIn(home);
    await home.deliver('evt_1');
    await home.deliver('evt_2');
    const queue = home.destinations as DestinationQueues;
    const claims = await queue.claim('ledger', 10, 60_000);
    await queue.settle(
      claims.map((claim) => ({ claim, outcome: 'given_up', error: 'answered 410' }) as const),
      home.clock.now(),
    );
    const path = '/api/destinations/ledger/entries';

    expect((await console.get(`${path}?state=given_up&limit=1`)).body).toMatchObject({
      items: [{ webhookId: 'stripe:evt_2', state: 'given_up', lastError: 'answered 410' }],
      next: expect.any(String),
    });
    expect((await console.get(`${path}?state=waiting`)).body.items).toEqual([]);
    expect((await console.get(`${path}?state=lost`)).status).toBe(400);
    expect((await console.get('/api/destinations/nobody/entries')).status).toBe(404);
    const body = { work: { kind: 'resend', destination: 'ledger' }, filter: { ids: ['stripe:evt_1'] } };
    expect((await console.post('/api/jobs/preview', body)).body.preview).toMatchObject({
      webhooks: 1,
      destinations: [{ destination: 'ledger', events: 1 }],
    });
  });

  test('is tried with one message, and what came of it is told', async () => {
    expect((await console.post('/api/destinations/ledger/test')).body).toEqual({
      isDone: true,
      text: 'was delivered (payhook:test-1)',
    });
    expect((await console.post('/api/destinations/other/test')).body).toEqual({
      isDone: false,
      text: 'failed: answered 503',
    });
  });
});

test('settings say what takes effect, what is risky, and what is wrong', async () => {
  expect((await console.get('/api/settings')).body).toMatchObject({
    config: { port: 8080, handlers: null },
    warnings: ['TLS is checked by nobody'],
    health: {
      problems: ['no server runs: nothing is received'],
      machine: { isServerRunning: false, databaseBytes: 4096 },
    },
  });
});

test('settings say what is wrong with what is stored, where a stack has alarms for the rest', async () => {
  const stored = openConsole(
    home,
    'viewer',
    {},
    {},
    { lookAtHealth: () => lookAtStored(home.operatorHome, ['ledger']) },
  );
  await stored.logIn();

  expect((await stored.get('/api/settings')).body.health).toEqual({ problems: [], digestAt: null, machine: null });
});

test('settings say which secrets are in use and who may act, and never a secret or a passphrase', async () => {
  await home.deliver('evt_1');
  home.operatorStore.write([
    { name: 'bob', role: 'approver', addedAt: 0, passphrase: { n: 2, r: 1, p: 1, salt: 'c2FsdA==', hash: 'aGFzaA==' } },
  ]);
  const operators = { ...home.operators, areDefined: () => false };
  const over = await logIn(home, 'viewer', { operators });

  expect((await over.get('/api/settings/secrets')).body).toMatchObject([
    { provider: 'stripe', secretId: expect.stringMatching(/^stripe#[0-9a-f]{8}$/), verdict: 'in_use', webhooks: 1 },
  ]);
  expect((await over.get('/api/settings/operators')).body).toEqual({
    operators: [{ name: 'bob', role: 'approver', addedAt: '1970-01-01T00:00:00.000Z' }],
    actsWithoutOperators: 'alice',
    awsRoles: null,
  });
});
