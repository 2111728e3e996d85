/**
 * Asks a provider's API for the present state of what was delivered: of what names no payment, before anything is done about it;
 * and of a payment whose events contradict each other, after all else is done. What it says is kept with the webhook. It names
 * the payment of an event that names none; it changes no amount, and a difference is told to a person.
 */
import type { News, NotNow, Presence } from '../core/effects.ts';
import { LIMITS } from '../core/limits.ts';
import type { ConfiguredProvider } from '../core/ports/provider.ts';
import type { EventSource, ListedEvent } from '../core/ports/provider-events.ts';
import type { Randomness } from '../core/ports/randomness.ts';
import type { AskedObject, PresentOutcome, PresentState } from '../core/present-state.ts';
import type { Webhook } from '../core/webhook.ts';
import { askedObjectOf, contradictionsOf, isSameObject, isUnattributed } from '../payments/asked-object.ts';
import type { PaymentMapping } from '../payments/map-webhook.ts';
import { formatMoney } from '../payments/money.ts';
import type { PaymentView } from '../payments/payment.ts';
import type { PaymentEvent } from '../payments/payment-event.ts';
import { identifyListed } from '../receive/recover-event.ts';
import { type AskApiDeps, createAskApi } from './ask-api.ts';
import { RECONCILER } from './catch-up.ts';
import { eventsIn } from './compare-meaning.ts';
import { compareObject, type Said } from './objects/compare-object.ts';
import { createPresentAnswers } from './present-answers.ts';

export interface AskPresentDeps extends AskApiDeps {
  /** Providers that are asked. */
  readonly toAskPresent: readonly string[];
  /** The configured providers by name. */
  readonly providers: ReadonlyMap<string, ConfiguredProvider>;
  readonly mapping: PaymentMapping;
  readonly randomness: Pick<Randomness, 'id' | 'fraction'>;
}

/** An event as it was received, with its payment. */
export interface ReceivedWithPayment {
  readonly event: PaymentEvent;
  readonly news: News;
  readonly payment: PaymentView | null;
}

/** Both throw what `sourcesOf` throws. */
export interface AskPresent {
  isAsked(provider: string): boolean;
  attribute(webhook: Webhook, events: readonly PaymentEvent[]): Promise<Presence>;
  compare(webhook: Webhook, received: readonly ReceivedWithPayment[]): Promise<Presence>;
}

type Look = (webhook: Webhook, object: AskedObject) => Promise<Looked | NotNow>;

/** The events that tell of the object as it is now, or why there are none. */
type Looked =
  | { readonly outcome: 'events'; readonly events: readonly PaymentEvent[] }
  | { readonly outcome: 'not_found' | 'not_understood' };

/** Undefined where nothing is asked. */
export const createAskPresent = (deps: AskPresentDeps): AskPresent | undefined => {
  const wanted = new Set(deps.toAskPresent);
  if (wanted.size === 0) return undefined;
  const look = createLook(deps);

  const lookAll = async (
    webhook: Webhook,
    objects: readonly AskedObject[],
    stateOf: (object: AskedObject, looked: Looked) => Omit<PresentState, 'kind' | 'id' | 'at'>,
  ): Promise<Presence> => {
    const states: PresentState[] = [];
    for (const object of objects.slice(0, LIMITS.presentObjectsMax)) {
      const looked = await look(webhook, object);
      if (looked.outcome === 'failed' || looked.outcome === 'rests') return looked;
      states.push({ ...object, ...stateOf(object, looked), at: deps.clock.now() });
    }
    return { outcome: 'said', states };
  };

  return {
    isAsked: (provider) => wanted.has(provider),
    attribute(webhook, events) {
      const objects = askable(deps, webhook, 'unattributed', events.filter(isUnattributed).map(askedObjectOf));
      return lookAll(webhook, objects, attributionOf);
    },
    async compare(webhook, received) {
      const contradictory = received.filter(isContradictory);
      const objects = askable(
        deps,
        webhook,
        'contradictory',
        contradictory.flatMap(({ event, payment }) => [askedObjectOf(event), ...payment.names]),
      );
      const payments = contradictory.map(({ payment }) => payment);
      const presence = await lookAll(webhook, objects, (object, looked) => comparisonOf(object, looked, payments));
      if (presence.outcome === 'said') tellDifferences(deps, webhook, payments, presence.states);
      return presence;
    },
  };
};

type Contradictory = ReceivedWithPayment & { readonly payment: PaymentView };

/** Each event that says something new about it has it asked for again. */
const isContradictory = (one: ReceivedWithPayment): one is Contradictory =>
  one.news === 'news' && one.payment !== null && contradictionsOf(one.payment).length > 0;

/** Once each, without those that were asked for in an attempt before, and without what the API cannot be asked for. */
const askable = (
  { providers }: AskPresentDeps,
  { provider, isSimulated, effects }: Webhook,
  why: PresentState['why'],
  wanted: readonly (AskedObject | null)[],
): readonly AskedObject[] => {
  const kinds = isSimulated ? [] : (providers.get(provider)?.provider.presentKinds ?? []);
  const before = (effects.present ?? []).filter((state) => state.why === why);
  const objects: AskedObject[] = [];
  for (const object of wanted) {
    if (object === null || !kinds.includes(object.kind)) continue;
    if (![...before, ...objects].some((known) => isSameObject(known, object))) objects.push(object);
  }
  return objects.map(({ kind, id }) => ({ kind, id }));
};

/** As providers write ids: no other becomes a part of a path that is asked for with a credential. */
const ID = /^[A-Za-z0-9_-]{1,255}$/;

const createLook = (deps: AskPresentDeps): Look => {
  const askApi = createAskApi(deps);
  const answers = createPresentAnswers<Answer>(deps.clock);
  const ask = async (webhook: Webhook, object: AskedObject): Promise<Answer | NotNow> => {
    const presentOf = ({ events }: EventSource) => events.present?.(object, webhook.account);
    return askApi({ what: 'present_state', webhook, ask: presentOf });
  };
  return async (webhook, object) => {
    if (!ID.test(object.id)) return { outcome: 'not_understood' };
    const answer = await answers.shared(webhook, object, () => ask(webhook, object));
    return answer.outcome === 'failed' || answer.outcome === 'rests' ? answer : lookedOf(deps, webhook, answer);
  };
};

type Answer = { readonly outcome: 'found'; readonly event: ListedEvent; readonly source: EventSource } | NotFound;
interface NotFound {
  readonly outcome: 'not_found';
}

/** Read and masked by the code that reads deliveries. */
const lookedOf = (
  { providers, mapping, clock, randomness }: AskPresentDeps,
  webhook: Webhook,
  answer: Answer,
): Looked => {
  if (answer.outcome === 'not_found') return answer;
  const configured = providers.get(webhook.provider);
  if (configured === undefined) throw new TypeError(`provider ${webhook.provider} is not configured`);
  const identity = identifyListed({
    configured,
    source: answer.source,
    listed: answer.event,
    recoveredBy: RECONCILER,
    at: clock.now(),
    traceId: randomness.id(),
  });
  if (identity.outcome === 'unreadable') return { outcome: 'not_understood' };
  const { event, key, payload } = identity.guarded();
  const events = eventsIn(mapping, { ...event, ...key, provider: webhook.provider, isSimulated: false }, payload);
  return typeof events === 'string' ? { outcome: 'not_understood' } : { outcome: 'events', events };
};

const unknown = (why: PresentState['why'], outcome: PresentOutcome) => ({ why, outcome });

/** What is said of the object that was asked for, and of no other. */
const aboutObject = (object: AskedObject, events: readonly PaymentEvent[]): readonly PaymentEvent[] =>
  events.filter((event) => {
    const about = askedObjectOf(event);
    if (about !== null) return isSameObject(about, object);
    return 'paymentNames' in event && event.paymentNames.some((name) => isSameObject(name, object));
  });

const attributionOf = (object: AskedObject, looked: Looked): Omit<PresentState, 'kind' | 'id' | 'at'> => {
  const why = 'unattributed';
  if (looked.outcome !== 'events') return unknown(why, looked.outcome);
  const [said, ...others] = aboutObject(object, looked.events);
  if (said === undefined || !('paymentNames' in said)) return unknown(why, 'not_understood');
  if (others.length > 0) return unknown(why, 'names_several');
  const { paymentNames: names } = said;
  if (names.length === 0) return unknown(why, 'names_no_payment');
  const part = 'part' in said && said.part !== null ? { part: said.part } : {};
  return { why, outcome: 'attributed', names, ...part };
};

const comparisonOf = (
  object: AskedObject,
  looked: Looked,
  payments: readonly PaymentView[],
): Omit<PresentState, 'kind' | 'id' | 'at'> => {
  const why = 'contradictory';
  if (looked.outcome !== 'events') return unknown(why, looked.outcome);
  const said = aboutObject(object, looked.events);
  if (said.length === 0) return unknown(why, 'not_understood');
  const compared = said.map((event) => compareObject(event, paymentsNamed(event, payments), undefined));
  const differs = compared.find(({ outcome }) => outcome === 'differs');
  if (differs?.outcome === 'differs') {
    const detail = `the API says ${textOf(differs.listed)}, and it is ${textOf(differs.here)} here`;
    return { why, outcome: 'differs', detail };
  }
  return unknown(why, compared.some(({ outcome }) => outcome === 'same') ? 'same' : 'not_compared');
};

/** The answer may name it by less than all of its names. */
const paymentsNamed = (event: PaymentEvent, payments: readonly PaymentView[]): readonly PaymentView[] => {
  const names = 'paymentNames' in event ? event.paymentNames : [];
  return payments.filter((payment) => names.some((name) => payment.names.some(({ id }) => id === name.id)));
};

const textOf = (said: Said | null): string => {
  if (said === null) return 'not known';
  return said.amount === null ? said.state : `${said.state} ${formatMoney(said.amount)}`;
};

const tellDifferences = (
  { alerts }: AskPresentDeps,
  { provider, webhookId }: Webhook,
  payments: readonly PaymentView[],
  states: readonly PresentState[],
): void => {
  for (const { kind, id, outcome, detail } of states) {
    if (outcome !== 'differs') continue;
    const flags = [...new Set(payments.flatMap(contradictionsOf))].join(', ');
    const summary = `the events of a payment contradict each other (${flags}), and of ${kind} ${id} ${detail}`;
    alerts.raise({ kind: 'webhooks_differ', provider, webhookId, summary });
  }
};
