/** What it costs to turn webhooks into payment events and to add these up: one thread, whole lives of payments. */
import { performance } from 'node:perf_hooks';
import type { Delivery } from '../src/core/ports/provider.ts';
import { type ExactJson, readExactJson } from '../src/payments/exact-json.ts';
import { createPaymentMapping } from '../src/payments/map-webhook.ts';
import type { WebhookToMap } from '../src/payments/mapping.ts';
import { knownOf, type RecordedPayment, recordEvents } from '../src/payments/record-events.ts';
import type { EventsOfPayment } from '../src/payments/reduce-payment.ts';
import { MAPPINGS } from '../src/providers/mappings.ts';
import { providerNamed } from '../src/providers/providers.ts';
import { paymentsOf, scenarioNamed } from '../src/samples/scenarios/scenarios.ts';
import { median } from './statistics.ts';

/** Rounds that are not counted: a process that has run for a second, as a server has. */
const WARM_UP_ROUNDS = 20;
const ROUNDS = 15;
const LIVES = 700;

interface Mapped {
  readonly webhook: WebhookToMap;
  readonly body: Uint8Array;
  readonly json: ExactJson;
}

/** All webhooks of one payment, in the order of what happened. */
export type LifeToMap = readonly Mapped[];

const parsed = (provider: string, body: Uint8Array): Mapped => {
  const delivery: Delivery = { body, headers: new Map(), method: 'POST', query: '', publicUrl: null };
  const verified = { outcome: 'verified', secretId: 'bench', isSimulated: false, transmission: null } as const;
  const result = providerNamed(provider)?.parse(delivery, verified);
  const event = result?.outcome === 'parsed' ? result.events[0] : undefined;
  const payload = event?.payload ?? body;
  const read = readExactJson(payload);
  if (event === undefined || read.outcome !== 'read') throw new Error(`a webhook of ${provider} is not understood`);
  const { eventType, account, mode, isSimulated, ordering } = event;
  const webhookId = `${provider}:${event.dedupeKey}`;
  const webhook = {
    webhookId,
    provider,
    eventType,
    timestamp: event.eventAt ?? 0,
    account,
    mode,
    isSimulated,
    ordering,
  };
  return { webhook, body: payload, json: read.value };
};

/** Whole lives of payments at Stripe, PayPal and Square, with every payload read. */
export const createLives = (count: number): readonly LifeToMap[] => {
  const scenario = scenarioNamed('three-providers');
  if (scenario === undefined) throw new Error('there is no scenario three-providers');
  const input = { key: 'bench', now: Date.now(), settingsOf: () => undefined };
  return paymentsOf(scenario, input, count).map(({ webhooks }) =>
    webhooks.map(({ provider, body }) => parsed(provider, body)),
  );
};

/** Payment events a second. */
export interface PaymentCosts {
  /** From a payload that is read to payment events, put together by payment. */
  readonly mapPerSecond: number;
  /** The same, and each webhook recorded: news judged, names, status and amounts computed. What every webhook takes. */
  readonly recordPerSecond: number;
  /** The same, and the whole payment computed for each webhook. What handlers need. */
  readonly wholePerSecond: number;
  /** As `recordPerSecond`, with reading the JSON. */
  readonly readPerSecond: number;
  readonly events: number;
}

const mapping = createPaymentMapping(MAPPINGS, () => undefined);

/** What the webhook of this body changes in payments. */
export const changesOfDelivery = (provider: string, body: Uint8Array) => {
  const { webhook, json } = parsed(provider, body);
  const result = mapping.map(webhook, json);
  if (result.outcome !== 'events') throw new Error(`a webhook of ${provider} becomes no events`);
  return mapping.changesOf(result.events).payments;
};

interface Pass {
  readonly read: (mapped: Mapped) => ExactJson;
  /** What is done with the changes of each webhook of a life, the stored events of which are `recorded`. */
  readonly take: (recorded: RecordedPayment, change: EventsOfPayment) => RecordedPayment;
}

/** One pass over all lives. Returns how many events there were. */
const runOnce = (lives: readonly LifeToMap[], { read, take }: Pass): number => {
  let events = 0;
  for (const life of lives) {
    let recorded: RecordedPayment = [];
    for (const mapped of life) {
      const result = mapping.map(mapped.webhook, read(mapped));
      if (result.outcome !== 'events') continue;
      events += result.events.length;
      for (const change of mapping.changesOf(result.events).payments) recorded = take(recorded, change);
    }
  }
  return events;
};

const readAgain = ({ body }: Mapped): ExactJson => {
  const read = readExactJson(body);
  if (read.outcome !== 'read') throw new Error('the payload was readable before');
  return read.value;
};

const recordWith =
  (isPaymentWanted: boolean): Pass['take'] =>
  (recorded, change) => {
    const applied = recordEvents(recorded.length === 0 ? [] : [recorded], change);
    if (applied.outcome !== 'recorded') throw new Error('a life has few events');
    const { payment, summary } = knownOf(applied.recorded, isPaymentWanted);
    if ((payment ?? summary).names.length === 0) throw new Error('a payment has a name');
    return applied.recorded;
  };

/** Medians of rounds in which each of the passes has its turn. */
export const measurePayments = (): PaymentCosts => {
  const lives = createLives(LIVES);
  const asRead = ({ json }: Mapped): ExactJson => json;
  const passes = {
    mapPerSecond: { read: asRead, take: (recorded) => recorded },
    recordPerSecond: { read: asRead, take: recordWith(false) },
    wholePerSecond: { read: asRead, take: recordWith(true) },
    readPerSecond: { read: readAgain, take: recordWith(false) },
  } as const satisfies Readonly<Record<string, Pass>>;
  const names = Object.keys(passes) as (keyof typeof passes)[];
  const rates = new Map(names.map((name): [typeof name, number[]] => [name, []]));
  let events = 0;
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    for (const name of names) {
      const startedAt = performance.now();
      events = runOnce(lives, passes[name]);
      if (round >= WARM_UP_ROUNDS) rates.get(name)?.push(events / ((performance.now() - startedAt) / 1000));
    }
  }
  const medianOf = (name: keyof typeof passes): number => median(rates.get(name) ?? []);
  return {
    mapPerSecond: medianOf('mapPerSecond'),
    recordPerSecond: medianOf('recordPerSecond'),
    wholePerSecond: medianOf('wholePerSecond'),
    readPerSecond: medianOf('readPerSecond'),
    events,
  };
};
