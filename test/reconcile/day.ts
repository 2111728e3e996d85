/**
 * A day of payments over three providers in which deliveries are dropped, two hours are dark and an endpoint is disabled: what
 * was delivered, what was not, and what each event means. The same for every home.
 */
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import type { EpochMs } from '../../src/core/webhook.ts';
import { createPaymentMapping } from '../../src/payments/map-webhook.ts';
import type { PaymentView } from '../../src/payments/payment.ts';
import { MAPPINGS } from '../../src/providers/mappings.ts';
import { identifyListed } from '../../src/receive/recover-event.ts';
import { eventsIn } from '../../src/reconcile/compare-meaning.ts';
import { eventText } from '../../src/reconcile/tally.ts';
import { paypalAuthorizeVoid, paypalOrderCaptureRefund } from '../../src/samples/scenarios/paypal-lives.ts';
import type { Life, PlannedPayment, ScenarioPayment } from '../../src/samples/scenarios/scenario.ts';
import { createSeededRandomness } from '../../src/samples/scenarios/seeded-randomness.ts';
import { squarePaymentRefund } from '../../src/samples/scenarios/square-lives.ts';
import { stripeCheckoutRefund, stripeDeclineThenSuccess } from '../../src/samples/scenarios/stripe-lives.ts';
import { configuredOf, type Name, RECONCILER } from './reconcile-home.ts';

export const NAMES = ['stripe', 'paypal', 'square'] as const;

/** `PAYHOOK_TEST_DAY_PAYMENTS=10000` is the whole day; otherwise as many as show everything in a test of its kind. */
export const paymentsOr = (few: number): number => Number(process.env.PAYHOOK_TEST_DAY_PAYMENTS ?? few);

/** All of what they tell happened within four days: their providers list it. */
const LIVES: readonly Life[] = [
  stripeCheckoutRefund,
  paypalOrderCaptureRefund,
  squarePaymentRefund,
  stripeDeclineThenSuccess,
  paypalAuthorizeVoid,
];

export interface Told {
  readonly provider: Name;
  readonly webhookId: string;
  readonly at: EpochMs;
  /** JSON of the event: of a whole day there is each text once. */
  readonly body: string;
  /** Whether its delivery came. */
  readonly isDelivered: boolean;
}

type Planned = Pick<ScenarioPayment, 'provider' | 'paymentId' | 'planned'>;

export interface Day {
  /** Before anything of it happened. */
  readonly begun: EpochMs;
  readonly payments: readonly Planned[];
  /** By when it happened. */
  readonly told: readonly Told[];
  /** Ids of what no delivery brought. */
  readonly dropped: ReadonlySet<string>;
}

/** Ends at `now`, in whole seconds as providers count. The same number of payments gives the same day. */
export const createDay = (now: EpochMs, count: number): Day => {
  const payments: Planned[] = [];
  const tellings: Omit<Told, 'isDelivered'>[] = [];
  for (let index = 0; index < count; index += 1) {
    const life = LIVES[index % LIVES.length] as Life;
    const endedAt = now - Math.floor((index * 20 * HOUR_MS) / count / 1000) * 1000;
    const lived = life({ key: `day/${now}/${index}`, now: endedAt, settingsOf: (name) => configuredOf(name).settings });
    const { provider, paymentId, planned, webhooks } = lived;
    payments.push({ provider, paymentId, planned });
    tellings.push(...webhooks.map(toldOf));
  }
  const draws = createSeededRandomness('drops');
  const told = tellings
    .toSorted((left, right) => left.at - right.at)
    .map((one) => ({ ...one, isDelivered: isDelivered(one, now, draws.fraction()) }));
  const dropped = new Set(told.filter((one) => !one.isDelivered).map(({ webhookId }) => webhookId));
  return { begun: now - 4 * DAY_MS, payments, told, dropped };
};

const toldOf = ({ provider, body: bytes }: ScenarioPayment['webhooks'][number]): Omit<Told, 'isDelivered'> => {
  const body = Buffer.from(bytes).toString('utf8');
  const event = JSON.parse(body);
  const at: EpochMs = provider === 'stripe' ? event.created * 1000 : Date.parse(event.create_time ?? event.created_at);
  return { provider: provider as Name, webhookId: `${provider}:${event.event_id ?? event.id}`, at, body };
};

/** Three of a hundred never come; nothing does in the dark, and nothing of Square's once its endpoint is disabled. */
const isDelivered = ({ provider, at }: Pick<Told, 'provider' | 'at'>, now: EpochMs, draw: number): boolean =>
  draw >= 0.03 &&
  !(at >= now - 5 * HOUR_MS && at < now - 3 * HOUR_MS) &&
  !(provider === 'square' && at >= now - 9 * HOUR_MS);

export const isAsPlanned = (view: PaymentView | undefined, planned: PlannedPayment): boolean =>
  view !== undefined &&
  view.status === planned.status &&
  (view.captured?.minor ?? 0n) === planned.captured &&
  (view.refunded?.minor ?? 0n) === planned.refunded;

const mapping = createPaymentMapping(MAPPINGS, (name) => configuredOf(name).settings);

/** What a report says of it when it is recovered: its events, with their money. */
const meaningOf = ({ provider, body: text, at }: Pick<Told, 'provider' | 'body' | 'at'>): string => {
  const body = Buffer.from(text);
  const identity = identifyListed({
    configured: configuredOf(provider),
    source: { mode: 'test', credentialId: `${provider}-api#1` },
    listed: { body },
    recoveredBy: RECONCILER,
    at,
    traceId: 'trace',
  });
  if (identity.outcome === 'unreadable') throw new Error(`an event of ${provider} is ${identity.reason}`);
  const { event, key } = identity.guarded();
  const events = eventsIn(mapping, { ...event, ...key, provider }, body);
  return typeof events === 'string' ? '' : events.map(eventText).join(', ');
};

/** What was named as recovered: each once, of what no delivery brought, with its money. */
export const createNamed = (day: Day) => {
  const byId = new Map(day.told.filter(({ isDelivered }) => !isDelivered).map((one) => [one.webhookId, one]));
  const named = new Set<string>();
  const wrong: string[] = [];
  return {
    /** Fields of a log line. */
    add(webhookId: string, message: string): void {
      const told = byId.get(webhookId);
      const isRight = told !== undefined && !named.has(webhookId) && message === meaningOf(told);
      if (!isRight) wrong.push(`${webhookId}: ${message}`);
      named.add(webhookId);
    },
    count: (): number => named.size,
    /** The first of them; none if all is well. */
    wrong: (): readonly string[] => wrong.slice(0, 20),
  };
};

/** What is asked of each webhook or payment of the day one after the other: the first for which it is not so. */
export const firstWrong = async <One>(
  all: Iterable<One>,
  nameOf: (one: One) => string,
  isRight: (one: One) => boolean | Promise<boolean>,
): Promise<readonly string[]> => {
  const wrong: string[] = [];
  for (const one of all) {
    if (wrong.length === 20) break;
    if (!(await isRight(one))) wrong.push(nameOf(one));
  }
  return wrong;
};
