/** A home in which everything is, and every text that a stranger, a handler or a destination chooses wants to be more than text. */
import { LIMITS } from '../../../src/core/limits.ts';
import { DAY_MS } from '../../../src/core/time.ts';
import type { Webhook } from '../../../src/core/webhook.ts';
import { createDecideOnJob } from '../../../src/jobs/decide-on-job.ts';
import { STRIPE_SECRET, stripeDelivery } from '../../support/test-home.ts';
import { type ConsoleHome, openConsoleHome } from '../console-home.ts';

/** What somebody would send who wants more than a payment. */
export const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  'javascript:alert(1)',
  '"><svg onload=alert(1)>',
  '\u202egnirts desrever\u2066',
  '{{constructor.constructor("alert(1)")()}}',
  '\u001b[2J\u0000\u200b\ufeff\u2028\u0007',
];
const ALL = HOSTILE.join(' ');
/** As ids are: one word. */
const ID = '"><svg/onload=alert(1)>';

/** Not configured, until a test does it. */
export const NEW_SECRET = 'whsec_anewsecretthatisnotconfiguredyet';

/** As much as a delivery may have, with what is around it. */
const LONG_CHARS = LIMITS.bodyBytesMax - 64 * 1024;
/** Below the event, its data and its object. */
const DEPTH = LIMITS.jsonDepthMax - 3;
const nested = (depth: number, text: string): unknown =>
  depth === 0 ? text : { [HOSTILE[0] ?? '']: nested(depth - 1, text) };
/** A name of its own, and nothing that another object inherits. */
const PROTOTYPE: object = JSON.parse(`{"__proto__":{"isAdmin":true,"toString":${JSON.stringify(ALL)}}}`);

const PAYMENT = `pi_${ID}`;
/** More than events are made here. */
const WAITING_MAX = 100;

/** `text`: what every stranger says. */
export const openHostileHome = (text = ALL): ConsoleHome =>
  openConsoleHome({
    destinations: [{ name: 'ledger', events: ['payment.*'] }],
    handler: (webhook) => {
      if (webhook.webhookId.includes('hostile')) throw new Error(text);
      if (webhook.webhookId.includes('bad')) throw new Error('the warehouse is down');
    },
  });

/** Headers that are kept with the webhook say it too. */
const deliverHostile = async (
  home: ConsoleHome,
  id: string,
  overrides: Parameters<typeof stripeDelivery>[2],
  text: string,
): Promise<string> => {
  const { body, headers } = stripeDelivery(home.clock, id, overrides);
  const outcome = await home.receive({
    providerName: 'stripe',
    delivery: {
      body,
      headers: new Map(
        Object.entries({ ...headers, 'user-agent': text }).map(([name, value]) => [name.toLowerCase(), [value]]),
      ),
      method: 'POST',
      query: '',
      publicUrl: null,
    },
    receivedAt: home.clock.now(),
    traceId: text,
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

/** The ledger was sent what waited for it, and took all but the event of this webhook. */
const answerBadly = async (home: ConsoleHome, webhookId: string, text: string): Promise<void> => {
  const claims = await home.destinations.claim('ledger', WAITING_MAX, DAY_MS);
  await home.destinations.settle(
    claims.map((claim) =>
      claim.entry.webhookId === webhookId
        ? { claim, outcome: 'given_up', error: text }
        : { claim, outcome: 'delivered' },
    ),
    home.clock.now(),
  );
};

/** Paths of what was made, by name: those of the screens have them in them. */
export interface HostilePaths {
  readonly webhook: string;
  readonly payment: string;
  readonly delivery: string;
  /** Its signature came under a name that nobody would give to a header. */
  readonly renamed: string;
  /** Of no thing: every text of a stranger at once. */
  readonly all: string;
  readonly job: string;
  readonly waiting: string;
}

export const fillWithHostile = async (home: ConsoleHome, text = ALL): Promise<HostilePaths> => {
  await home.deliver('evt_1');
  await home.deliver('evt_bad_1');
  await home.deliver('evt_bad_2');
  const webhookId = await deliverHostile(
    home,
    `evt_hostile_${ID}`,
    {
      object: {
        id: PAYMENT,
        latest_charge: `ch_${ID}`,
        customer: `cus_${ID}`,
        description: HOSTILE,
        ...PROTOTYPE,
        long: 'x'.repeat(LONG_CHARS),
        nested: nested(DEPTH, text),
        metadata: { [text]: text },
      },
    },
    text,
  );
  await deliverHostile(
    home,
    `evt_declined_${ID}`,
    {
      type: 'payment_intent.payment_failed',
      object: {
        id: PAYMENT,
        amount_received: 0,
        last_payment_error: { code: text, decline_code: text, message: text },
      },
    },
    text,
  );
  await deliverHostile(home, 'evt_of_a_type', { type: HOSTILE[0] ?? '', object: { id: ID, object: text } }, text);
  await answerBadly(home, webhookId, text);
  await home.redrive(await webhookOf(home, webhookId), { type: 'operator', id: 'alice' }, text);
  await home.work();
  const delivery = await home.reject('evt_rolled', NEW_SECRET);
  const renamed = await home.reject('evt_renamed', STRIPE_SECRET, text, '<Stripe\u202e\u0007-Signature="">');
  const job = await home.ask({ reason: text });
  const by = { type: 'operator', id: 'carol' } as const;
  await createDecideOnJob(home.operatorHome)(job.id, { outcome: 'approved', by, reason: text });
  const waiting = await home.ask({ reason: text, by: 'alice' });
  const path = (id: string): string => encodeURIComponent(id);
  return {
    webhook: path(webhookId),
    payment: path(PAYMENT),
    delivery: path(delivery),
    renamed: path(renamed),
    all: path(text),
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
