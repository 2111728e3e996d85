/** A home in which everything is, and every text that a stranger, a handler or a destination chooses wants to be more than text. */
import { DAY_MS } from '../../../src/core/time.ts';
import type { Webhook } from '../../../src/core/webhook.ts';
import type { DestinationEntry } from '../../../src/destinations/destination-queue.ts';
import { createDecideOnJob } from '../../../src/jobs/decide-on-job.ts';
import { stripeDelivery } from '../../support/test-home.ts';
import { type ConsoleHome, openConsoleHome } from '../console-home.ts';

/** What somebody would send who wants more than a payment. */
export const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  'javascript:alert(1)',
  '"><svg onload=alert(1)>',
  '\u202egnirts desrever\u2066',
  '{{constructor.constructor("alert(1)")()}}',
];
const ALL = HOSTILE.join(' ');
/** As ids are: one word. */
const ID = '"><svg/onload=alert(1)>';

/** Not configured, until a test does it. */
export const NEW_SECRET = 'whsec_anewsecretthatisnotconfiguredyet';

const LONG_CHARS = 1024 * 256;
const DEPTH = 60;
const nested = (depth: number): unknown => (depth === 0 ? ALL : { [HOSTILE[0] ?? '']: nested(depth - 1) });

const PAYMENT = `pi_${ID}`;

export const openHostileHome = (): ConsoleHome =>
  openConsoleHome({
    handler: (webhook) => {
      if (webhook.webhookId.includes('hostile')) throw new Error(ALL);
      if (webhook.webhookId.includes('bad')) throw new Error('the warehouse is down');
    },
  });

/** Headers that are kept with the webhook say it too. */
const deliverHostile = async (
  home: ConsoleHome,
  id: string,
  overrides: Parameters<typeof stripeDelivery>[2],
): Promise<string> => {
  const { body, headers } = stripeDelivery(home.clock, id, overrides);
  const outcome = await home.receive({
    providerName: 'stripe',
    delivery: {
      body,
      headers: new Map(
        Object.entries({ ...headers, 'user-agent': ALL }).map(([name, value]) => [name.toLowerCase(), [value]]),
      ),
      method: 'POST',
      query: '',
      publicUrl: null,
    },
    receivedAt: home.clock.now(),
    traceId: ALL,
  });
  if (outcome.outcome !== 'accepted') throw new Error(`${id} was ${outcome.outcome}`);
  await home.work();
  home.clock.advance(1000);
  return outcome.events[0]?.webhookId ?? '';
};

const webhookOf = async ({ store }: ConsoleHome, webhookId: string): Promise<Webhook> => {
  const [found] = await store.find(webhookId);
  if (found === undefined) throw new Error(`${webhookId} is not there`);
  return found;
};

/** The ledger was sent this event, and answered. */
const answerBadly = async (home: ConsoleHome, { webhookId, timestamp }: Webhook): Promise<void> => {
  const entry: DestinationEntry = {
    destination: 'ledger',
    eventId: webhookId,
    webhookId,
    timestamp,
    provider: 'stripe',
    traceId: ALL,
    news: 'news',
  };
  await home.destinations.put([entry], home.clock.now());
  const claims = await home.destinations.claim('ledger', 1, DAY_MS);
  await home.destinations.settle(
    claims.map((claim) => ({ claim, outcome: 'given_up', error: ALL })),
    home.clock.now(),
  );
};

/** Paths of what was made, by name: those of the screens have them in them. */
export interface HostilePaths {
  readonly webhook: string;
  readonly payment: string;
  readonly delivery: string;
  readonly job: string;
  readonly waiting: string;
}

export const fillWithHostile = async (home: ConsoleHome): Promise<HostilePaths> => {
  await home.deliver('evt_1');
  await home.deliver('evt_bad_1');
  await home.deliver('evt_bad_2');
  const webhookId = await deliverHostile(home, `evt_hostile_${ID}`, {
    object: {
      id: PAYMENT,
      latest_charge: `ch_${ID}`,
      customer: `cus_${ID}`,
      description: HOSTILE,
      __proto__own: '__proto__',
      long: 'x'.repeat(LONG_CHARS),
      nested: nested(DEPTH),
      metadata: { [ALL]: ALL },
    },
  });
  await deliverHostile(home, `evt_declined_${ID}`, {
    type: 'payment_intent.payment_failed',
    object: { id: PAYMENT, amount_received: 0, last_payment_error: { code: ALL, decline_code: ALL, message: ALL } },
  });
  await deliverHostile(home, 'evt_of_a_type', { type: HOSTILE[0] ?? '', object: { id: ID, object: ALL } });
  await answerBadly(home, await webhookOf(home, webhookId));
  await home.redrive(await webhookOf(home, webhookId), { type: 'operator', id: 'alice' }, ALL);
  await home.work();
  const delivery = await home.reject('evt_rolled', NEW_SECRET);
  const job = await home.ask({ reason: ALL });
  const by = { type: 'operator', id: 'carol' } as const;
  await createDecideOnJob(home.operatorHome)(job.id, { outcome: 'approved', by, reason: ALL });
  const waiting = await home.ask({ reason: ALL, by: 'alice' });
  const path = (id: string): string => encodeURIComponent(id);
  return {
    webhook: path(webhookId),
    payment: path(PAYMENT),
    delivery: path(delivery),
    job: path(job.id),
    waiting: path(waiting.id),
  };
};

/** What a console shows of destinations, and is answered by one. */
export const hostileDesk = ({ destinationDesk }: ReturnType<ConsoleHome['restOf']>): typeof destinationDesk => ({
  list: async () =>
    (await destinationDesk.list()).map((row) => ({
      ...row,
      lastError: { at: '2026-11-23T12:00:00.000Z', error: ALL },
    })),
  test: async () => ({ outcome: 'failed', messageId: 'payhook:test-1', detail: ALL }),
});
