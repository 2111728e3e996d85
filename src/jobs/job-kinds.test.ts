/** What each kind of job does, and what it says beforehand that it cannot do. */
import { describe, expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Actor } from '../core/webhook.ts';
import type {
  DestinationQueues,
  DestinationReader,
  DestinationStatus,
  Settlement,
} from '../destinations/destination-queue.ts';
import { done, giveUp } from '../handlers/handler.ts';
import { on } from '../handlers/on.ts';
import { createCarryJob } from './carry-job.ts';
import { type Job, type JobWork, partToText } from './job.ts';
import { createPreviewJob } from './preview-job.ts';
import { createReportJob } from './report-job.ts';
import { createRequestJob } from './request-job.ts';

const ALICE: Actor = { type: 'operator', id: 'alice' };
const LEASE_MS = 1000;

const openHome = async () => {
  const calls: string[] = [];
  const home = createTestHome({
    destinations: [{ name: 'ledger', events: ['*'] }],
    handlers: {
      book: on('payment.succeeded', (event) => {
        calls.push(`book ${event.webhookId}`);
        return done();
      }),
      ship: on('payment.succeeded', (event) => {
        calls.push(`ship ${event.webhookId}`);
        return event.webhookId.includes('bad') ? giveUp('no such order') : done();
      }),
    },
  });
  for (const id of ['evt_1', 'evt_2', 'evt_bad']) {
    await home.deliver(stripeDelivery(home.clock, id));
    home.clock.advance(1);
  }
  await home.deliver(stripeDelivery(home.clock, 'evt_odd', { body: Buffer.from('not JSON') }));
  await home.work();
  home.clock.advance(SECOND_MS);
  calls.length = 0;
  const { jobs } = home.memory;
  const filter = () => ({ until: home.clock.now() });
  return {
    ...home,
    jobs,
    calls,
    preview: async (work: JobWork) => (await createPreviewJob(home)(work, filter(), 'test')).preview,
    request: (work: JobWork) =>
      createRequestJob({ ...home, jobs })({
        work,
        filter: filter(),
        mode: 'test',
        reason: 'INC-812',
        requestedBy: ALICE,
        webhooksPerSecond: 10,
        approvalLimits: { webhooksMax: null, amountMax: null },
      }),
  };
};

type Home = Awaited<ReturnType<typeof openHome>>;

/** Everything that waits for the destination comes to this end. */
const settleAll = async (
  { destinations, clock }: Home,
  outcome: { readonly outcome: 'delivered' } | { readonly outcome: 'given_up'; readonly error: string },
): Promise<readonly string[]> => {
  const claims = await (destinations as DestinationQueues).claim('ledger', 100, LEASE_MS);
  const settlements = claims.map((claim): Settlement => ({ claim, ...outcome }));
  await (destinations as DestinationQueues).settle(settlements, clock.now());
  return claims.map(({ entry }) => entry.eventId).toSorted();
};

const carryToRest = async (home: Home, { id }: Job, between: () => Promise<unknown>): Promise<Job> => {
  const carry = createCarryJob({ ...home, carrierId: 'carrier-1' });
  for (let steps = 0; steps < 50; steps += 1) {
    const carried = await carry(id);
    if (carried.outcome === 'rests') return carried.job;
    home.clock.advance(SECOND_MS);
    await between();
  }
  throw new Error('the job does not come to an end');
};

describe('a resend', () => {
  const WORK: JobWork = { kind: 'resend', destination: 'ledger' };

  test('has what a destination gave up wait for it again, and nothing else', async () => {
    const home = await openHome();
    await settleAll(home, { outcome: 'given_up', error: 'answered_5xx' });
    home.clock.advance(SECOND_MS);
    expect(await home.preview(WORK)).toMatchObject({
      webhooks: 3,
      handlers: [],
      notReached: 0,
      destinations: [{ destination: 'ledger', events: 3 }],
      impossible: [],
    });
    const job = await home.request(WORK);
    const delivered: string[] = [];

    const ended = await carryToRest(home, job, async () => {
      delivered.push(...(await settleAll(home, { outcome: 'delivered' })));
    });

    expect(ended).toMatchObject({ state: 'done', counts: { delivered: 3 } });
    expect(delivered.toSorted()).toEqual(['stripe:evt_1', 'stripe:evt_2', 'stripe:evt_bad']);
    expect(home.calls).toEqual([]);
    expect(await home.preview(WORK)).toMatchObject({
      webhooks: 0,
      impossible: [{ why: 'none_given_up', webhooks: 3 }],
    });
  });

  test('stops when the first event is given up again', async () => {
    const home = await openHome();
    await settleAll(home, { outcome: 'given_up', error: 'answered_5xx' });
    home.clock.advance(SECOND_MS);
    const job = await home.request(WORK);

    const ended = await carryToRest(home, job, () => settleAll(home, { outcome: 'given_up', error: 'answered_429' }));

    expect(ended).toMatchObject({ state: 'stopped', stateReason: 'first_failed_again' });
    const { webhooks } = await createReportJob(home)(ended);
    expect(webhooks.map(({ outcome, detail }) => [outcome, detail])).toEqual([
      ['failed_again', 'answered_429'],
      ['to_do', undefined],
      ['to_do', undefined],
    ]);
  });

  test('sends what whoever died had only written down as waiting, where states and queues are apart', async () => {
    const home = await openHome();
    await settleAll(home, { outcome: 'given_up', error: 'answered_5xx' });
    home.clock.advance(SECOND_MS);
    const job = await home.request(WORK);
    const sent: string[] = [];
    let isQueueThere = false;
    const destinations: DestinationQueues = {
      ...(home.destinations as DestinationQueues),
      put: async (entries, at) => {
        await home.destinations.put(entries, at);
        if (!isQueueThere) throw new PayhookError('queue_unavailable', 'the queue is away');
        sent.push(...entries.map(({ eventId }) => eventId));
      },
    };
    const carry = createCarryJob({ ...home, destinations, carrierId: 'carrier-1' });
    await expect(carry(job.id)).rejects.toThrow('the queue is away');
    isQueueThere = true;
    home.clock.advance(SECOND_MS);

    expect(await carry(job.id)).toMatchObject({ outcome: 'goes_on', job: { counts: { queued: 1, to_do: 2 } } });
    expect(sent).toHaveLength(1);
  });

  test('does not call delivered what is not there any more, nor failed what somebody else had sent again', async () => {
    const home = await openHome();
    await settleAll(home, { outcome: 'given_up', error: 'answered_5xx' });
    home.clock.advance(SECOND_MS);
    const job = await home.request(WORK);
    await createCarryJob({ ...home, carrierId: 'carrier-1' })(job.id);
    home.clock.advance(SECOND_MS);
    const report = async (of: readonly DestinationStatus[]) => {
      const destinations = { ofWebhook: async () => of };
      return (await createReportJob({ ...home, destinations })((await home.jobs.get(job.id))!)).webhooks;
    };
    const [{ webhookId } = { webhookId: '' }] = (await home.jobs.part(job.id, 0))?.webhooks ?? [];
    const [ours] = await home.destinations.ofWebhook({ webhookId, timestamp: 1_795_000_000_000 });
    const others = { ...ours!, enqueuedAt: home.clock.now(), failures: 3, lastError: 'answered_5xx' };

    expect(await report([ours!])).toMatchObject([{ outcome: 'queued' }, {}, {}]);
    expect(await report([{ ...ours!, state: 'delivered' }])).toMatchObject([{ outcome: 'delivered' }, {}, {}]);
    expect(await report([])).toMatchObject([{ outcome: 'not_done', detail: 'changed_meanwhile' }, {}, {}]);
    expect(await report([others])).toMatchObject([{ outcome: 'not_done', detail: 'changed_meanwhile' }, {}, {}]);
  });

  test('is written down in parts that an item holds, however many events each webhook has', async () => {
    const home = await openHome();
    await settleAll(home, { outcome: 'given_up', error: 'answered_5xx' });
    home.clock.advance(SECOND_MS);
    const ofWebhook: DestinationReader['ofWebhook'] = async (key) => {
      const [status] = await home.destinations.ofWebhook(key);
      const ids = Array.from({ length: 2800 }, (_, index) => `${key.webhookId}#${index}${'x'.repeat(40)}`);
      return status === undefined ? [] : ids.map((eventId) => ({ ...status, eventId }));
    };
    const destinations = { ...(home.destinations as DestinationQueues), ofWebhook };
    const { jobs } = home;
    const job = await createRequestJob({ ...home, destinations, jobs })({
      work: WORK,
      filter: { until: home.clock.now() },
      mode: 'test',
      reason: 'INC-812',
      requestedBy: ALICE,
      webhooksPerSecond: 10,
      approvalLimits: { webhooksMax: null, amountMax: null },
    });

    expect(job.parts).toBe(2);
    const parts = await Promise.all([0, 1].map(async (number) => (await jobs.part(job.id, number))!));
    expect(parts.map(({ webhooks }) => webhooks.length)).toEqual([2, 1]);
    for (const part of parts) expect(partToText(part).length).toBeLessThan(LIMITS.jobPartBytesMax);
  });

  test('leaves alone what was sent again by somebody else meanwhile', async () => {
    const home = await openHome();
    await settleAll(home, { outcome: 'given_up', error: 'answered_5xx' });
    home.clock.advance(SECOND_MS);
    const job = await home.request(WORK);
    const [webhook] = await home.store.find('stripe:evt_1');
    if (webhook === undefined) throw new Error('it is stored');
    const { provider, traceId, webhookId, timestamp } = webhook;
    const entry = { webhookId, timestamp, destination: 'ledger', eventId: webhookId, provider, traceId };
    await home.destinations.put([{ ...entry, news: 'news' }], home.clock.now());
    home.clock.advance(1);

    const ended = await carryToRest(home, job, () => settleAll(home, { outcome: 'delivered' }));

    expect(ended.counts).toMatchObject({ delivered: 2, not_done: 1 });
  });
});

describe('a replay', () => {
  test('calls all handlers again and has destinations get it again', async () => {
    const home = await openHome();
    const work: JobWork = { kind: 'replay', only: null };
    expect(await home.preview(work)).toMatchObject({
      webhooks: 3,
      handlers: [
        { handler: 'book', called: 3, notCalled: 0 },
        { handler: 'ship', called: 3, notCalled: 0 },
      ],
      destinations: [{ destination: 'ledger', events: 3 }],
      impossible: [{ why: 'unparsable', webhooks: 1, examples: [expect.stringMatching(/^stripe:sha256-/)] }],
    });
    await settleAll(home, { outcome: 'delivered' });

    const ended = await carryToRest(home, await home.request(work), home.work);

    expect(ended).toMatchObject({ state: 'stopped', counts: { failed_again: 1, to_do: 2 } });
    expect(home.calls).toEqual(['book stripe:evt_bad', 'ship stripe:evt_bad']);
    expect(await settleAll(home, { outcome: 'delivered' })).toEqual(['stripe:evt_bad']);
  });

  test('of one handler calls this one, and says for which webhooks it cannot', async () => {
    const home = await openHome();
    const work: JobWork = { kind: 'replay', only: 'book' };
    expect(await home.preview(work)).toMatchObject({
      webhooks: 3,
      handlers: [
        { handler: 'book', called: 3, notCalled: 0 },
        { handler: 'ship', called: 0, notCalled: 3 },
      ],
      destinations: [],
    });
    expect(await home.preview({ kind: 'replay', only: 'nobody' })).toMatchObject({
      webhooks: 0,
      impossible: [{ why: 'unparsable' }, { why: 'not_given_to_handler', webhooks: 3 }],
    });
    await expect(home.request({ kind: 'replay', only: 'nobody' })).rejects.toMatchObject({ code: 'not_found' });

    const ended = await carryToRest(home, await home.request(work), home.work);

    expect(home.calls.toSorted()).toEqual(['book stripe:evt_1', 'book stripe:evt_2', 'book stripe:evt_bad']);
    expect(ended.counts.to_do).toBe(0);
  });
});

describe('a job of what was not understood', () => {
  test('waits for a second person where money has a limit: nobody knows how much hangs on it', async () => {
    const home = await openHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_shape', { object: { currency: 'zzz' } }));
    await home.work();
    home.clock.advance(1);
    const job = (amountMax: Readonly<Record<string, number>> | null) =>
      createRequestJob(home)({
        work: { kind: 'redrive' },
        filter: { until: home.clock.now(), ids: ['stripe:evt_shape'] },
        mode: 'test',
        reason: 'the release of today reads it',
        requestedBy: ALICE,
        webhooksPerSecond: 10,
        approvalLimits: { webhooksMax: null, amountMax },
      });

    expect(await job({ USD: 1_000_000 })).toMatchObject({
      state: 'waiting_for_approval',
      preview: { unread: 1 },
      approval: { why: '1 webhook of which nobody knows the money' },
    });
    expect(await job(null)).toMatchObject({ state: 'running' });
  });
});

describe('a job of webhooks that were picked', () => {
  test('is about each of them once, and says of the others why not', async () => {
    const home = await openHome();
    const { items } = await home.store.list({ status: 'dead_lettered', limit: 10 });
    const odd = items.find(({ webhookId }) => webhookId !== 'stripe:evt_bad')?.webhookId ?? '';
    const ids = ['stripe:evt_bad', 'stripe:evt_1', odd, 'stripe:evt_of_nobody', 'stripe:evt_bad'];

    const filter = { ids, status: 'dead_lettered', until: home.clock.now() } as const;
    const { preview, webhooks } = await createPreviewJob(home)({ kind: 'redrive' }, filter, 'test');

    expect(webhooks.map(({ webhookId }) => webhookId)).toEqual(['stripe:evt_bad']);
    expect(preview.impossible).toEqual([
      { why: 'not_there', webhooks: 1, examples: ['stripe:evt_of_nobody'] },
      { why: 'not_meant', webhooks: 1, examples: ['stripe:evt_1'] },
      { why: 'unparsable', webhooks: 1, examples: [odd] },
    ]);
  });

  test('keeps to what else is asked for, and comes to its end', async () => {
    const home = await openHome();
    const { request: _, ...rest } = home;
    const request = (over: Partial<Job['filter']>) =>
      createRequestJob({ ...rest, jobs: home.jobs })({
        work: { kind: 'replay', only: null },
        filter: { ids: ['stripe:evt_2', 'stripe:evt_1'], until: home.clock.now(), ...over },
        mode: 'test',
        reason: 'INC-812',
        requestedBy: ALICE,
        webhooksPerSecond: 10,
        approvalLimits: { webhooksMax: null, amountMax: null },
      });

    await expect(request({ since: home.clock.now() })).rejects.toThrow('nothing can be');
    await expect(request({ provider: 'paypal' })).rejects.toThrow('there is nothing that this job could do');
    const job = await request({});

    expect(job).toMatchObject({ state: 'running', preview: { webhooks: 2, impossible: [] } });
    expect((await home.jobs.get(job.id))?.filter.ids).toEqual(['stripe:evt_2', 'stripe:evt_1']);
  });
});
