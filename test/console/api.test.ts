/** What the console is told about a home, and what it does there: the functions of the command line, in each role. */
import { beforeEach, describe, expect, test } from 'vitest';
import { PayhookError } from '../../src/core/errors.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import { createCountedReceiving } from '../../src/homes/local/counted-receiving.ts';
import type { PublishedState } from '../../src/homes/local/published-state.ts';
import { ROLES, type Role } from '../../src/operators/roles.ts';
import { type ConsoleHome, openConsole, openConsoleHome, type TestConsole } from './console-home.ts';

let home: ConsoleHome;
let console: TestConsole;

const BAD = 'stripe:evt_bad';
const BAD_PATH = `/api/webhooks/${encodeURIComponent(BAD)}`;

const serverState = (receiving: PublishedState['receiving']): PublishedState => ({
  ...{ v: 1, at: 0, startedAt: 0, processId: 1, receiving },
  ...{ processing: { underway: 0, concurrency: 1 }, handlers: [], handlerProcess: null, destinations: [] },
});

const deliverAll = async (): Promise<void> => {
  await home.deliver('evt_1');
  await home.deliver('evt_2', { type: 'customer.created', object: { id: 'cus_2', object: 'customer' } });
  await home.deliver('evt_bad');
};

beforeEach(async () => {
  home = openConsoleHome();
  console = openConsole(home);
  await console.logIn();
  await deliverAll();
});

describe('lists', () => {
  test('webhooks come newest first, with what they are about in money, page after page', async () => {
    const first = await console.get('/api/webhooks?limit=2');

    expect(first.body.items).toMatchObject([
      { webhookId: BAD, status: 'dead_lettered', amount: { minor: '2000', currency: 'USD', exponent: 2 } },
      { webhookId: 'stripe:evt_2' },
    ]);
    const second = await console.get(`/api/webhooks?limit=2&after=${first.body.next}`);
    expect(second.body).toMatchObject({ items: [{ webhookId: 'stripe:evt_1' }], next: null });
  });

  test.each([
    ['status=dead_lettered,retrying', [BAD]],
    ['eventType=customer.*', ['stripe:evt_2']],
    ['cause=handler_failed', [BAD]],
    ['payment=pi_evt_1', ['stripe:evt_1']],
    ['object=cus_2', ['stripe:evt_2']],
    ['handler=handle%3Dfailed', [BAD]],
    ['since=2500s&until=1s', ['stripe:evt_2', 'stripe:evt_1']],
    ['provider=paypal', []],
    ['cardData=found', []],
    ['cardData=none&status=dead_lettered', [BAD]],
    ['secret=stripe%23nobody', []],
  ])('webhooks are filtered by %s', async (query, expected) => {
    const { body } = await console.get(`/api/webhooks?${query}`);

    expect(body.items.map(({ webhookId }: { webhookId: string }) => webhookId)).toEqual(expected);
  });

  test.each([
    ['/api/webhooks?foo=1', /foo/],
    ['/api/webhooks?status=lost', /given as status has to be one of received, retrying, processed/],
    ['/api/webhooks?since=yesterday', /given as since has to be a time such as/],
    ['/api/webhooks?limit=100000', /given as limit has to be \d+ at most/],
    ['/api/webhooks?cardData=yes', /cardData/],
    ['/api/webhooks?after=nonsense', /no cursor of this list/],
    ['/api/payments?foo=1', /foo/],
    ['/api/causes?limit=1', /limit/],
    ['/api/find', /given as q has to be said/],
  ])('%s is refused with what was wrong, and is no list of everything', async (path, message) => {
    const { status, body } = await console.get(path);

    expect(status).toBe(400);
    expect(body).toEqual({ error: 'usage_wrong', message: expect.stringMatching(message) });
  });

  test('causes say how much money hangs on each', async () => {
    const { body } = await console.get('/api/causes');

    const usd = [{ minor: '2000', currency: 'USD', exponent: 2 }];
    expect(body.causes).toMatchObject([
      { cause: 'handler_failed:handle:the-warehouse-is-down', webhooks: 1, money: usd },
    ]);
    expect(body.total).toEqual({
      webhooks: 1,
      payments: 1,
      money: usd,
      withoutAmount: 0,
      deadLettered: 1,
      waiting: 0,
      oldestAt: new Date(home.clock.now() - 1000).toISOString(),
    });
    expect((await console.get('/api/overview')).body.causes.total.money).toEqual(usd);
  });

  test('what came over time is counted, and what became of it', async () => {
    const { body } = await console.get('/api/activity?window=15m');

    const sum = (name: string) =>
      body.buckets.reduce((all: number, bucket: Record<string, number>) => all + (bucket[name] ?? 0), 0);
    expect(['received', 'processed', 'failed', 'waiting'].map(sum)).toEqual([3, 2, 1, 0]);
    expect(body).toMatchObject({ bucketMs: 15_000, isShortened: false });
    expect((await console.get('/api/activity?mode=live')).body.buckets[0]).toMatchObject({ received: 0 });
    expect((await console.get('/api/activity?window=1y')).status).toBe(400);
  });

  test('the overview says how much was rejected, and whether that is more than in the hour before; null where no server says it', async () => {
    expect((await console.get('/api/overview')).body.deliveries).toEqual({ lastHour: null, hourBefore: null });

    const counted = createCountedReceiving(home.clock);
    const come = (outcome: 'accepted' | 'duplicate', count: number): void => {
      for (let number = 0; number < count; number += 1) counted.count({ outcome, secretId: 'stripe#1', events: [] });
    };
    home.clock.advance(HOUR_MS);
    come('accepted', 4);
    home.clock.advance(HOUR_MS);
    come('accepted', 2);
    come('duplicate', 1);
    counted.count({ outcome: 'rejected', reason: 'signature_mismatch' });
    const receiving = { ...counted.lastMinute(), lastHour: counted.lastHour(), hourBefore: counted.hourBefore() };
    home.published.state = serverState({ ...receiving, isBusy: false });

    await console.logIn();
    const { deliveries } = (await console.get('/api/overview')).body;
    expect(deliveries).toEqual({
      lastHour: { accepted: 2, duplicates: 1, turnedAway: 1, rejected: 1 },
      hourBefore: { accepted: 4, duplicates: 0, turnedAway: 0, rejected: 0 },
    });
    expect((await console.get('/api/deliveries/counts')).body).toEqual(deliveries);
  });

  test('the overview says since when the oldest webhook waits, and how long those took that ended; null where the queue does not tell', async () => {
    expect((await console.get('/api/overview')).body.processing).toEqual({
      queue: { waiting: 0, isMore: false, oldestAt: null },
      ended: { webhooks: 3, tookMsP99: expect.any(Number) },
    });

    const came = home.clock.now();
    await home.deliverLater('evt_waits');
    home.clock.advance(90_000);
    const waits = { waiting: 1, isMore: false, oldestAt: new Date(came).toISOString() };
    expect((await console.get('/api/overview')).body.processing.queue).toEqual(waits);
    await home.work();
    home.clock.advance(LIMITS.endedAgainMs);
    expect((await console.get('/api/overview')).body.processing).toEqual({
      queue: { waiting: 0, isMore: false, oldestAt: null },
      ended: { webhooks: 4, tookMsP99: 90_000 },
    });

    home.clock.advance(LIMITS.endedAgainMs);
    await console.post(`${BAD_PATH}/redrive`, { reason: 'again' });
    await home.work();
    expect((await console.get('/api/overview')).body.processing.ended).toEqual({ webhooks: 3, tookMsP99: 90_000 });

    const { queueDepth: _, ...untold } = home.operatorHome;
    const elsewhere = openConsole({ ...home, operatorHome: untold });
    await elsewhere.logIn();
    expect((await elsewhere.get('/api/overview')).body.processing).toMatchObject({
      queue: null,
      ended: { webhooks: 3 },
    });
  });

  test('deliveries are listed by what became of them: accepted by their webhooks, the others as the trail has them', async () => {
    await home.reject('evt_forged', 'whsec_anothersecretthatisnotconfigured');
    const sender = { address: '192.0.2.9', isLimited: true, hasReserve: false };
    const refused = { provider: 'stripe', outcome: 'refused', requestId: 'request-2', sender } as const;
    await home.turnedAway.record({ ...refused, reason: 'body_too_large' });
    home.clock.advance(1000);
    await home.turnedAway.record({ ...refused, provider: 'paypal', reason: 'rate_exceeded' });
    const turnedAway = async (query: string) =>
      (await console.get(`/api/deliveries/turned-away?${query}`)).body.items.map(
        ({ reason, answer }: { reason: string; answer: number }) => [reason, answer],
      );
    const [forged, large, tooMany] = [
      ['signature_mismatch', 401],
      ['body_too_large', 413],
      ['rate_exceeded', 429],
    ];

    expect(await turnedAway('')).toEqual([tooMany, large, forged]);
    expect(await turnedAway('outcome=rejected')).toEqual([forged]);
    expect(await turnedAway('outcome=refused')).toEqual([tooMany, large]);
    expect(await turnedAway('outcome=refused&provider=stripe')).toEqual([large]);
    const [last] = (await console.get('/api/deliveries/turned-away?limit=1')).body.items;
    expect(await turnedAway(`since=${last.ts}`)).toEqual([tooMany]);
    expect(await turnedAway(`until=${last.ts}`)).toEqual([large, forged]);
    const first = (await console.get('/api/deliveries/turned-away?outcome=refused&limit=1')).body;
    expect(await turnedAway(`outcome=refused&limit=1&after=${first.next}`)).toEqual([large]);
    expect((await console.get('/api/deliveries/turned-away?outcome=duplicate')).status).toBe(400);
    const exported = (await console.get('/api/export/turned-away?format=csv&outcome=refused')).body as string;
    expect(exported.split('\n').filter((line) => line.includes('REFUSED_AT_EDGE'))).toHaveLength(2);
    expect(exported).not.toContain('REJECTED_SIGNATURE');

    const accepted = (await console.get('/api/webhooks?origin=delivery')).body.items;
    expect(accepted.map(({ webhookId }: { webhookId: string }) => webhookId)).toEqual([
      BAD,
      'stripe:evt_2',
      'stripe:evt_1',
    ]);
    expect((await console.get('/api/webhooks?origin=reconciliation')).body.items).toEqual([]);
    expect((await console.get('/api/export/webhooks?format=ndjson&origin=reconciliation')).body).toBe('');
  });

  test('an id of whatever kind is found', async () => {
    expect((await console.get('/api/find?q=evt_1')).body.webhooks).toMatchObject([{ webhookId: 'stripe:evt_1' }]);
    expect((await console.get('/api/find?q=pi_evt_1')).body.payments).toMatchObject([{ paymentId: 'pi_evt_1' }]);
    expect((await console.get('/api/find?q=nobody')).body).toMatchObject({ webhooks: [], payments: [] });
  });

  test('payments say how many of their webhooks are stuck, and are found by it and by their amount', async () => {
    const ids = async (query: string) =>
      (await console.get(`/api/payments?${query}`)).body.items.map(
        ({ paymentId, stuck }: { paymentId: string; stuck: unknown }) => [paymentId, stuck],
      );
    const bad = ['pi_evt_bad', { deadLetters: 1, retrying: 0 }];
    const good = ['pi_evt_1', { deadLetters: 0, retrying: 0 }];

    expect(await ids('having=dead_letter')).toEqual([bad]);
    expect(await ids('currency=usd&amountMin=20&amountMax=20.00')).toEqual([bad, good]);
    expect(await ids('currency=usd&amountMin=20.01')).toEqual([]);
    for (const query of ['amountMin=20', 'currency=usd&amountMin=1,5', 'currency=usd&amountMax=-1'])
      expect([query, (await console.get(`/api/payments?${query}`)).status]).toEqual([query, 400]);
  });

  test('payments are told without what is stuck, and then none of what was given up is looked at', async () => {
    let looks = 0;
    const listBrief: ConsoleHome['store']['listBrief'] = (query) => {
      looks += 1;
      return home.store.listBrief(query);
    };
    const counting = openConsole(home, 'operator', { store: { ...home.store, listBrief } });
    await counting.logIn();
    const rowsOf = async (path: string) => (await counting.get(path)).body.items;

    const brief = await rowsOf('/api/payments?without=stuck');
    expect(looks).toBe(0);
    const whole = await rowsOf('/api/payments');
    expect(looks).toBe(1);
    expect(whole.length).toBeGreaterThan(1);
    expect(brief).toEqual(whole.map((row: object) => ({ ...row, stuck: null })));
    expect((await counting.get('/api/payments?without=everything')).status).toBe(400);
  });

  test('payments say their amounts as text, and one of them its history', async () => {
    expect((await console.get('/api/payments?status=succeeded&limit=1')).body.items).toHaveLength(1);
    const { body } = await console.get('/api/payments/stripe/pi_evt_1');

    expect(body).toMatchObject([
      {
        captured: { minor: '2000' },
        history: [{ eventId: 'stripe:evt_1' }],
        arrivals: [
          {
            eventId: 'stripe:evt_1',
            webhookId: 'stripe:evt_1',
            news: 'news',
            status: 'processed',
            handlers: [{ handler: 'handle', outcome: 'done' }],
            destinations: [],
          },
        ],
      },
    ]);
    expect(Date.parse(body[0].arrivals[0].receivedAt)).toBe(home.clock.now() - 3000);
    expect((await console.get('/api/payments/paypal/pi_evt_1')).status).toBe(404);
  });
});

describe('one webhook', () => {
  test('has its attempts, its trail, and what may be done with it', async () => {
    const { body } = await console.get(BAD_PATH);

    expect(body).toMatchObject({
      webhookId: BAD,
      history: [{ outcome: 'dead_lettered', error: expect.stringContaining('the warehouse is down') }],
      audit: [
        { event: 'WEBHOOK_ACCEPTED', origin: { sourceAddress: null }, digest: null },
        { event: 'STATUS_CHANGED', digest: null },
      ],
      actions: [
        { name: 'redrive', isAllowed: true },
        { name: 'replay', isAllowed: true },
        { name: 'open_payload', isAllowed: true },
      ],
    });
    expect(JSON.stringify(body)).not.toContain('livemode');
  });

  test('says of each entry of its trail which digest signs it', async () => {
    const signed = await home.closeDigests();
    await console.post(`${BAD_PATH}/redrive`);
    const { audit } = (await console.get(BAD_PATH)).body;

    expect(audit.map(({ digest }: { digest: number | null }) => digest)).toEqual([
      signed?.number,
      signed?.number,
      null,
    ]);
  });

  test('offers no redrive where there is nothing to put back', async () => {
    const { body } = await console.get('/api/webhooks/stripe%3Aevt_1');

    expect(body.actions.map(({ name }: { name: string }) => name)).toEqual(['replay', 'open_payload']);
  });

  test('shows no signature', async () => {
    await console.get('/api/webhooks/stripe%3Aevt_1');
    const { body } = await console.get('/api/webhooks/stripe%3Aevt_1');

    expect(JSON.stringify(body)).not.toMatch(/v1=/);
  });

  test.each(['stripe:evt_of_nobody', 'stripe:a/b%c', '../../etc', '%E0%A4%A'])('%s is not there', async (id) => {
    expect((await console.get(`/api/webhooks/${encodeURIComponent(id)}`)).status).toBe(404);
  });

  test('is found by an id with a slash and a percent sign in it', async () => {
    await home.deliver('evt/50%2F');

    const { body } = await console.get(`/api/webhooks/${encodeURIComponent('stripe:evt/50%2F')}`);

    expect(body.providerEventId).toBe('evt/50%2F');
  });

  test('is redriven under the name and with the reason of whoever did it', async () => {
    const { body } = await console.post(`${BAD_PATH}/redrive`, { reason: 'the warehouse is back' });

    expect(body).toEqual({ isDone: true, text: 'queued again (was dead_lettered)' });
    const { audit, status } = (await console.get(BAD_PATH)).body;
    expect(status).toBe('received');
    expect(audit.at(-1)).toMatchObject({
      event: 'REDRIVEN',
      actor: { type: 'operator', id: 'alice' },
      reason: 'the warehouse is back',
    });
    expect((await console.post(`${BAD_PATH}/redrive`)).body).toMatchObject({ isDone: false });
  });
});

describe('a job', () => {
  const filter = { cause: 'handler_failed' };
  const request = async (over: Record<string, unknown> = {}) => {
    const { body } = await console.post('/api/jobs/preview', { filter });
    const asked = {
      filter: { ...filter, until: body.until },
      hash: body.hash,
      reason: 'the warehouse is back',
      ...over,
    };
    return console.post('/api/jobs', asked);
  };

  test('is looked at first: how many, how much money, who is called', async () => {
    const { body } = await console.post('/api/jobs/preview', { filter });

    expect(body.preview).toMatchObject({
      webhooks: 1,
      money: [{ minor: '2000', currency: 'USD', exponent: 2 }],
      handlers: [{ handler: 'handle', called: 1, notCalled: 0 }],
      impossible: [],
    });
    expect((await console.get('/api/jobs')).body).toEqual({ items: [], damaged: [] });
  });

  test('is asked for with a reason, is in the trail, and can be paused, resumed and cancelled', async () => {
    const { body } = await request();
    expect(body).toMatchObject({ state: 'running', reason: 'the warehouse is back', requestedBy: { id: 'alice' } });
    const [newest] = await home.auditLog.latest(1);
    expect(newest?.text).toContain('"event":"JOB_REQUESTED"');

    const path = `/api/jobs/${body.jobId}`;
    expect((await console.get(path)).body.webhooks).toMatchObject([{ webhookId: BAD, outcome: 'to_do' }]);
    expect((await console.post(`${path}/pause`)).body.state).toBe('paused');
    expect((await console.post(`${path}/pause`)).body.error).toBe('not_possible');
    expect((await console.post(`${path}/resume`)).body.state).toBe('running');
    expect((await console.post(`${path}/cancel`)).body.state).toBe('cancelled');
    expect((await console.post(`${path}/explode`)).status).toBe(400);
  });

  test('is looked at once where it is asked for: what is compared with what was seen is what is stored', async () => {
    const { body } = await console.post('/api/jobs/preview', { filter });
    let lists = 0;
    const listBrief: ConsoleHome['store']['listBrief'] = (query) => {
      lists += 1;
      return home.store.listBrief(query);
    };
    const counting = openConsole(home, 'operator', { store: { ...home.store, listBrief } });
    await counting.logIn();

    const asked = { filter: { ...filter, until: body.until }, hash: body.hash, reason: 'why' };
    expect((await counting.post('/api/jobs', asked)).status).toBe(200);
    expect(lists).toBe(1);
  });

  test('keeps no card number that was pasted into its filter', async () => {
    const ids = [BAD, 'stripe:4111111111111111'];
    const { body: seen } = await console.post('/api/jobs/preview', { filter: { ids } });
    const asked = { filter: { ids, until: seen.until }, hash: seen.hash, reason: 'why' };
    const { body } = await console.post('/api/jobs', asked);

    expect(body.filter.ids).toHaveLength(2);
    expect(JSON.stringify(await home.operatorHome.jobs.get(body.jobId))).not.toContain('4111111111111111');
  });

  test('goes as fast as is asked for, within bounds', async () => {
    expect((await request()).body.webhooksPerSecond).toBe(10);
    expect((await request({ webhooksPerSecond: 3 })).body.webhooksPerSecond).toBe(3);
    for (const webhooksPerSecond of [0, 1.5, LIMITS.jobWebhooksPerSecondMax + 1, '3']) {
      expect((await request({ webhooksPerSecond })).status).toBe(400);
    }
  });

  test('says before whether it needs a second person', async () => {
    expect((await console.post('/api/jobs/preview', { filter })).body.whyApproval).toBeNull();
    const over = openConsole(home, 'operator', {}, { jobs: { approvalAboveWebhooks: 0 } });
    await over.logIn();
    expect((await over.post('/api/jobs/preview', { filter })).body.whyApproval).toBe('more than 0 webhooks');
  });

  test('does what was seen, or nothing: when a webhook has changed since, it has to be looked at again', async () => {
    const { body } = await console.post('/api/jobs/preview', { filter });
    await console.post(`${BAD_PATH}/redrive`);

    const { status, body: refused } = await console.post('/api/jobs', {
      filter: { ...filter, until: body.until },
      hash: body.hash,
      reason: 'why',
    });

    expect([status, refused.error]).toEqual([409, 'preview_changed']);
  });

  test('is never for everything by saying nothing, and never without a reason', async () => {
    expect((await console.post('/api/jobs/preview', { filter: {} })).body.message).toMatch(/say which/);
    expect((await request({ reason: ' ' })).status).toBe(400);
  });

  test('is asked for by those who may put back, and only where a server carries it on', async () => {
    for (const role of ['viewer', 'auditor'] as const) {
      const over = openConsole(home, role);
      await over.logIn();
      for (const path of ['/api/jobs/preview', '/api/jobs', '/api/jobs/x/pause']) {
        expect((await over.post(path, { filter })).body.error).toBe('not_allowed');
      }
    }
    console = openConsole(home, 'operator', { jobsAreCarriedBy: 'command' });
    await console.logIn();
    expect((await request()).body.error).toBe('not_here');
  });
});

describe('a job that cannot be read', () => {
  test.each([{ work: null }, { filter: {} }, { filter: { until: Number.MAX_SAFE_INTEGER } }, { approval: {} }])(
    'is named, and hides no other, in lists and in what is exported: %o',
    async (broken) => {
      const { body } = await console.post('/api/jobs/preview', { filter: { cause: 'handler_failed' } });
      const asked = { filter: { cause: 'handler_failed', until: body.until }, hash: body.hash, reason: 'it is back' };
      const { jobId } = (await console.post('/api/jobs', asked)).body;
      const job = await home.operatorHome.jobs.get(jobId);
      const requestedAt = home.clock.now();
      await home.operatorHome.jobs.create({ ...job, id: `${jobId}-2`, requestedAt, ...broken } as never, []);

      const damaged = [{ id: `${jobId}-2`, why: expect.stringContaining('cannot be read') }];
      expect((await console.get('/api/jobs')).body).toMatchObject({ items: [{ jobId }], damaged });
      expect((await console.get('/api/approvals')).body).toEqual({ items: [], damaged: [] });
      const { body: lines } = await console.get('/api/export/jobs?format=ndjson');
      expect(String(lines)).toMatch(new RegExp(`"jobId":"${jobId}-2","stateReason":"[^"]*cannot be read`));
    },
  );
});

describe('destinations and the trail', () => {
  test('what waits for a destination, without what of its address may be a secret', async () => {
    const { body } = await console.get('/api/destinations');

    expect(body).toMatchObject([
      {
        name: 'ledger',
        waiting: 0,
        givenUp: 0,
        where: 'https://ledger.example.com/…',
        deliveredLastDay: 7,
        callMsP99: 812,
      },
    ]);
  });

  test('the newest entries come first', async () => {
    const { body } = await console.get('/api/audit?limit=2');

    expect(body.items).toMatchObject([
      { event: 'STATUS_CHANGED', change: { to: 'dead_lettered' } },
      { event: 'WEBHOOK_ACCEPTED' },
    ]);
    const { body: older } = await console.get(`/api/audit?limit=2&after=${body.next}`);
    expect(older.items).toMatchObject([{ position: 4 }, { position: 3 }]);
  });

  test.each([
    ['event=WEBHOOK_ACCEPTED', 3],
    ['event=WEBHOOK_ACCEPTED,STATUS_CHANGED&outcome=success', 5],
    ['outcome=failure', 1],
    ['actor=nobody', 0],
    ['since=1500ms', -1],
    ['event=NOTHING', -1],
    ['event=WEBHOOK_ACCEPTED&object=webhook:stripe:evt_1', 1],
    ['actor=component:*', 3],
    ['chain=operators', 0],
    ['object=stripe:evt_1', -1],
    ['actor=operator', -1],
    ['chain=x', -1],
  ])('entries are filtered by %s', async (query, expected) => {
    const { status, body } = await console.get(`/api/audit?${query}`);

    expect([status, body.items?.length ?? -1]).toEqual([expected < 0 ? 400 : 200, expected]);
  });

  /** The lines of a check, as a page reads them. */
  const verifyLines = async (over: TestConsole) => {
    const { body } = await over.post('/api/audit/verify');
    return String(body)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };

  test('the trail is found whole, told how far it has come meanwhile', async () => {
    const lines = await verifyLines(console);

    expect(lines[0]).toEqual({ progress: { entries: expect.any(Number), digests: expect.any(Number), of: 6 } });
    expect(lines.at(-1)).toMatchObject({ verified: { outcome: 'whole', entries: 6, webhooks: 3, problems: [] } });
  });

  test('after an edit it is broken, and says of each problem what to do', async () => {
    const read: ConsoleHome['auditLog']['read'] = async (after, limit) =>
      (await home.auditLog.read(after, limit)).map((entry) => ({ ...entry, text: `${entry.text} ` }));
    const edited = openConsole(home, 'auditor', { auditLog: { ...home.auditLog, read } });
    await edited.logIn();

    expect((await verifyLines(edited)).at(-1)).toMatchObject({
      verified: {
        outcome: 'broken',
        problems: [{ kind: 'edited', toDo: expect.stringContaining('security incident') }],
      },
    });
  });

  test('a check that breaks off says why in its last line, and the next one begins anew', async () => {
    const away = { is: true };
    const digests: ConsoleHome['auditLog']['digests'] = async (...asked) => {
      if (away.is) throw new PayhookError('store_unavailable', 'the store is away');
      return home.auditLog.digests(...asked);
    };
    const broken = openConsole(home, 'auditor', { auditLog: { ...home.auditLog, digests } });
    await broken.logIn();

    expect((await verifyLines(broken)).at(-1)).toEqual({
      failed: { error: 'store_unavailable', message: 'the store is away' },
    });
    away.is = false;
    expect((await verifyLines(broken)).at(-1)).toMatchObject({ verified: { outcome: 'whole' } });
  });
});

describe('a day in review', () => {
  test('says what a person goes through, and who went through it, under their name', async () => {
    await console.post(`${BAD_PATH}/redrive`, { reason: 'the warehouse is back' });
    const day = new Date(home.clock.now()).toISOString().slice(0, 10);
    home.clock.advance(DAY_MS);
    const auditor = openConsole(home, 'auditor');
    await auditor.logIn();

    const { body } = await auditor.get('/api/audit/review');
    expect(body).toMatchObject({
      day,
      yesterday: day,
      lines: [{ subject: 'operators', event: 'REDRIVEN', count: 1, actor: { id: 'alice' } }],
      reviews: [],
      actions: [{ name: 'review', isAllowed: true }],
    });
    expect((await auditor.post('/api/audit/review', { day, reason: 'looked at all of it' })).body).toMatchObject({
      day,
      by: { id: 'alice' },
      note: 'looked at all of it',
    });
    expect((await auditor.get(`/api/audit/review?day=${day}`)).body).toMatchObject({
      reviews: [{ by: { id: 'alice' } }],
      newest: [{ day }],
    });
    expect((await home.auditLog.latest(1))[0]?.text).toContain('"event":"DAY_REVIEWED"');
  });

  test('is reviewed when it has ended, and by those whose actions are no part of it', async () => {
    const day = new Date(home.clock.now()).toISOString().slice(0, 10);
    const auditor = openConsole(home, 'auditor');
    await auditor.logIn();

    expect((await auditor.post('/api/audit/review', { day })).body.message).toMatch(/has not ended yet/);
    expect((await auditor.get(`/api/audit/review?day=${day}`)).body.actions).toEqual([]);
    expect((await console.get('/api/audit/review')).body.actions).toMatchObject([{ isAllowed: false }]);
    expect((await console.post('/api/audit/review', { day })).body.error).toBe('not_allowed');
    expect((await console.get('/api/audit/review?day=someday')).status).toBe(400);
  });
});

test('evidence says who may do what, how long things are kept, keys, secrets, and how far the trail is signed', async () => {
  const { body } = await console.get('/api/evidence');

  expect(body).toMatchObject({
    version: '0.0.0',
    mode: 'test',
    operators: [],
    actsWithoutOperators: 'alice',
    permissions: { look: ROLES, approve: ['approver'] },
    retention: { webhookDays: 400, auditDaysMin: 400, rejectedDays: 7 },
    keys: [{ purpose: 'audit', fingerprint: 'c0ffee00' }],
    secrets: [{ provider: 'stripe', verdict: 'in_use', webhooks: 3 }],
    trail: { entries: 6, lastDigest: null },
    cardData: { lookedAt: 3, webhooks: 0 },
  });
});

describe('a payload', () => {
  const open = (over: TestConsole = console, reason = 'ticket 4711') => over.post(`${BAD_PATH}/payload`, { reason });

  test('is opened for a reason, and who did it for what is in the trail', async () => {
    const { body, headers } = await open();

    expect(JSON.parse(body.payload)).toMatchObject({ id: 'evt_bad' });
    expect(headers.get('cache-control')).toBe('no-store');
    const [newest] = await home.auditLog.latest(1);
    expect(newest?.text).toContain('"event":"PAYLOAD_READ"');
    expect(newest?.text).toContain('"reason":"ticket 4711"');
    expect(newest?.text).toContain('"id":"alice"');
  });

  test('stays closed without a reason', async () => {
    expect((await open(console, ' ')).status).toBe(400);
    expect((await console.post(`${BAD_PATH}/payload`)).status).toBe(400);
  });

  test('stays closed when the trail cannot be written', async () => {
    const broken = openConsole(home, 'operator', {
      auditLog: {
        ...home.auditLog,
        append: async () => {
          throw new PayhookError('audit_unavailable', 'the trail cannot be written');
        },
      },
    });
    await broken.logIn();

    const { status, body } = await open(broken);

    expect(status).toBe(503);
    expect(body).toEqual({ error: 'audit_unavailable', message: 'the trail cannot be written' });
  });

  test('is one of sixty in an hour', async () => {
    for (let opened = 0; opened < LIMITS.consolePayloadsPerHourMax; opened += 1)
      expect((await open()).status).toBe(200);

    expect((await open()).body.error).toBe('too_many_payloads');
    home.clock.advance(HOUR_MS);
    await console.logIn();
    expect((await open()).status).toBe(200);
  });
});

const UNKNOWN_SECRET = 'whsec_anewsecretthatisnotconfiguredyet';
const CAUSE = { cause: 'handler_failed' };

interface Asked {
  readonly path: string;
  readonly body?: unknown;
}

interface RouteRow {
  readonly may: readonly Role[];
  /** What is asked, of a home in which it can be answered. @default the route itself */
  readonly ask?: (over: TestConsole) => Promise<Asked>;
}

const WHY = { reason: 'why' };
const PUT_BACK = ['operator', 'approver'] as const;
const READ_AUDIT = ['auditor', 'operator', 'approver'] as const;
const at = (path: string, body?: unknown) => async (): Promise<Asked> => ({ path, body });
const withRejected = (below: string, body?: unknown) => async (): Promise<Asked> => ({
  path: `/api/deliveries/${encodeURIComponent(await home.reject('evt_rolled', UNKNOWN_SECRET))}${below}`,
  body,
});
const withJob = (screen: 'jobs' | 'approvals', below: string, body?: unknown) => async (): Promise<Asked> => ({
  path: `/api/${screen}/${(await home.ask()).id}${below}`,
  body,
});

/** Every route of the code, who may, and how it is asked. A route without a row here fails. */
const ROUTES: Readonly<Record<string, RouteRow>> = {
  'GET /api/session': { may: ROLES },
  'POST /api/logout': { may: ROLES },
  'GET /api/overview': { may: ROLES },
  'GET /api/activity': { may: ROLES },
  'GET /api/webhooks': { may: ROLES },
  'GET /api/webhooks/:id': { may: ROLES, ask: at(BAD_PATH) },
  'POST /api/webhooks/:id/redrive': { may: PUT_BACK, ask: at(`${BAD_PATH}/redrive`, {}) },
  'POST /api/webhooks/:id/replay': { may: PUT_BACK, ask: at(`${BAD_PATH}/replay`, WHY) },
  'POST /api/webhooks/:id/payload': { may: PUT_BACK, ask: at(`${BAD_PATH}/payload`, WHY) },
  'GET /api/payments': { may: ROLES },
  'GET /api/payments/sums': { may: ROLES },
  'GET /api/payments/:provider/:id': { may: ROLES, ask: at('/api/payments/stripe/pi_evt_1') },
  'POST /api/reconcile/payments': { may: ROLES },
  'GET /api/causes': { may: ROLES },
  'GET /api/find': { may: ROLES, ask: at('/api/find?q=evt_1') },
  'GET /api/destinations': { may: ROLES },
  'GET /api/destinations/:name': { may: ROLES, ask: at('/api/destinations/ledger') },
  'GET /api/destinations/:name/entries': { may: ROLES, ask: at('/api/destinations/ledger/entries') },
  'POST /api/destinations/:name/test': { may: PUT_BACK, ask: at('/api/destinations/ledger/test', {}) },
  'GET /api/settings': { may: ROLES },
  'GET /api/settings/secrets': { may: ROLES },
  'GET /api/settings/operators': { may: ROLES },
  'GET /api/audit': { may: READ_AUDIT },
  'POST /api/audit/verify': { may: READ_AUDIT },
  'GET /api/audit/review': { may: READ_AUDIT },
  'POST /api/audit/review': { may: ['auditor'], ask: at('/api/audit/review', { day: '2026-11-01' }) },
  'POST /api/audit/export': {
    may: READ_AUDIT,
    ask: async () => {
      await home.closeDigests();
      return { path: '/api/audit/export' };
    },
  },
  'GET /api/audit/export/:link': {
    may: READ_AUDIT,
    ask: async (over) => {
      await home.closeDigests();
      const { path = '/api/audit/export/none' } = (await over.post('/api/audit/export')).body;
      return { path };
    },
  },
  'GET /api/evidence': { may: READ_AUDIT },
  'GET /api/deliveries': { may: ROLES },
  'GET /api/deliveries/counts': { may: ROLES },
  'GET /api/deliveries/turned-away': { may: ROLES },
  'GET /api/deliveries/:id': { may: ROLES, ask: withRejected('') },
  'POST /api/deliveries/:id/verify': { may: ROLES, ask: withRejected('/verify') },
  'POST /api/deliveries/:id/accept': { may: PUT_BACK, ask: withRejected('/accept', WHY) },
  'GET /api/jobs': { may: ROLES },
  'GET /api/jobs/:id': { may: ROLES, ask: withJob('jobs', '') },
  'POST /api/jobs/:id/:action': { may: PUT_BACK, ask: withJob('jobs', '/cancel', {}) },
  'POST /api/jobs/preview': { may: PUT_BACK, ask: at('/api/jobs/preview', { filter: CAUSE }) },
  'POST /api/jobs': {
    may: PUT_BACK,
    ask: async (over) => {
      const { until, hash } = (await over.post('/api/jobs/preview', { filter: CAUSE })).body;
      return { path: '/api/jobs', body: { filter: { ...CAUSE, until }, hash, ...WHY } };
    },
  },
  'GET /api/approvals': { may: ROLES },
  'GET /api/approvals/:id': { may: ROLES, ask: withJob('approvals', '') },
  'POST /api/approvals/:id/:decision': { may: ['approver'], ask: withJob('approvals', '/approve', WHY) },
  'GET /api/export/:list': { may: ROLES, ask: at('/api/export/webhooks?format=csv') },
  'GET /api/hints': { may: ROLES },
};

/** For whoever is not in yet. */
const OPEN = ['POST /api/login', 'POST /api/login/wait', 'POST /api/login/ask'];

const callOf =
  (route: string) =>
  async (over: TestConsole, { path, body }: Asked): Promise<{ status: number; error?: string }> => {
    if (path === '/api/hints') {
      const stream = await over.stream(path);
      await stream.body?.cancel();
      return { status: stream.status };
    }
    const answer = route.startsWith('GET ') ? await over.get(path) : await over.post(path, body ?? {});
    return { status: answer.status, error: answer.body.error };
  };

const askedOf = async (route: string, over: TestConsole): Promise<Asked> =>
  (await ROUTES[route]?.ask?.(over)) ?? { path: route.split(' ')[1] ?? '' };

describe.each(Object.entries(ROUTES))('%s', (route, { may }) => {
  const call = callOf(route);

  test('is for nobody without a session', async () => {
    const path = (route.split(' ')[1] ?? '').replaceAll(/:\w+/g, 'x');

    expect(await call(openConsole(home), { path })).toMatchObject({ status: 401 });
  });

  test(`is for ${may.join(', ')}, and for nobody else`, async () => {
    for (const role of ROLES) {
      const over = openConsole(home, role);
      await over.logIn();
      const { status, error } = await call(over, await askedOf(route, over));

      if (may.includes(role)) expect([role, error, status]).toEqual([role, undefined, 200]);
      else expect([role, error, status]).toEqual([role, 'not_allowed', 403]);
    }
  });
});

test.each(Object.keys(ROUTES).filter((route) => route.startsWith('GET ')))('%s changes nothing', async (route) => {
  const kept = async () =>
    JSON.stringify(
      await Promise.all([
        home.store.list({ limit: 100 }),
        home.payments.list({ limit: 100 }),
        home.operatorHome.jobs.list({ limit: 100 }),
        home.operatorHome.rejected.list({ limit: 100 }),
        home.auditLog.latest(1),
      ]),
      (_, value) => (typeof value === 'bigint' ? String(value) : value),
    );
  const over = openConsole(home, 'approver');
  await over.logIn();
  const asked = await askedOf(route, over);
  const before = await kept();

  await callOf(route)(over, asked);

  expect(await kept()).toBe(before);
});

test('every route of the code has a row that says who may', () => {
  expect(console.routes.toSorted()).toEqual([...Object.keys(ROUTES), ...OPEN].toSorted());
});

test('nothing is asked by other methods than GET and POST', async () => {
  for (const route of console.routes) {
    const [, path = ''] = route.split(' ');
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const { status } = await console.send(path.replaceAll(/:\w+/g, 'x'), method);
      expect([route, method, status]).toEqual([route, method, 405]);
    }
  }
});

describe('what breaks', () => {
  test('in a home is told with its code, and what is a bug only that it is one', async () => {
    const list = async (): Promise<never> => {
      throw new TypeError('a secret of the inside');
    };
    const broken = openConsole(home, 'operator', { store: { ...home.store, list } });
    await broken.logIn();

    const { status, body } = await broken.get('/api/webhooks');

    expect(status).toBe(500);
    expect(body.error).toBe('internal');
    expect(JSON.stringify(body)).not.toContain('secret of the inside');
    expect(broken.bugs).toHaveLength(1);
  });
});
