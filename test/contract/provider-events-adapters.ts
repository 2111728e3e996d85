/** The lists of events that the suite runs against: one in memory, and each provider's over HTTP against a fake of its API. */
import { createCallApi } from '../../src/adapters/http/call-api.ts';
import type { ListOutcome, ProviderEvents } from '../../src/core/ports/provider-events.ts';
import type { PresentKind } from '../../src/core/present-state.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
import type { EpochMs } from '../../src/core/webhook.ts';
import type { EventsApi } from '../../src/providers/events-api.ts';
import { EVENTS_APIS } from '../../src/providers/events-apis.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import { createTestClock } from '../support/clock.ts';
import { API_CREDENTIALS, type ApiFault, type Happened, openFakeApis } from '../support/fake-apis.ts';
import { createMemoryProviderEvents } from '../support/memory-provider-events.ts';
import type { Adapter } from './contract-tests.ts';
import type { OpenProviderEvents, ProviderEventsHarness } from './provider-events-contract.ts';

type Fault = Parameters<ProviderEventsHarness['refuse']>[0];

const BODIES = {
  stripe: (id: string, at: EpochMs, member: string) =>
    `{"id": "${id}", "object": "event", "created": ${at / 1000}, "type": "charge.succeeded", "livemode": false, "data": {"object": {${member}}}}`,
  paypal: (id: string, at: EpochMs, member: string) =>
    `{"id": "${id}", "create_time": "${new Date(at).toISOString()}", "event_type": "PAYMENT.CAPTURE.COMPLETED", "resource": {${member}}}`,
  square: (id: string, at: EpochMs, member: string) =>
    `{"event_id": "${id}", "created_at": "${new Date(at).toISOString()}", "type": "payment.updated", "data": {${member}}}`,
} as const;

const idIn = (body: Uint8Array): string => {
  const { id, event_id: eventId } = JSON.parse(Buffer.from(body).toString('utf8'));
  return id ?? eventId;
};

const happenIn =
  (happened: Happened[], bodyOf: (typeof BODIES)[keyof typeof BODIES]): ProviderEventsHarness['happen'] =>
  (id, at, { listedFrom, member = '"id": "x1"' } = {}) => {
    happened.push({ id, at, body: bodyOf(id, at, member), ...(listedFrom === undefined ? {} : { listedFrom }) });
  };

/** Whatever the provider calls its list. */
const listed = (events: string): string => `{"data": [${events}], "events": [${events}]}`;

const FAULTS: Readonly<Record<Fault, ApiFault>> = {
  too_often: { status: 429, body: 'slow down, canary' },
  too_often_for_a_minute: { status: 429, retryAfter: '60' },
  server_error: { status: 500, body: 'canary' },
  dropped: 'dropped',
  not_json: { status: 200, body: '<html>canary</html>' },
  no_list: { status: 200, body: '{"data": "canary", "events": {"canary": 1}}' },
  too_deep: { status: 200, body: listed(`{"id": "evt1", "canary": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`) },
  too_many: { status: 200, body: listed(Array.from({ length: 1_100_000 }, () => '{}').join(',')) },
};

const ANSWERS: Readonly<Record<Fault, ListOutcome>> = {
  too_often: { outcome: 'rate_limited', retryAfterMs: null },
  too_often_for_a_minute: { outcome: 'rate_limited', retryAfterMs: MINUTE_MS },
  server_error: { outcome: 'unavailable', reason: 'http_500' },
  dropped: { outcome: 'unavailable', reason: 'dropped' },
  not_json: { outcome: 'unavailable', reason: 'answer_not_understood' },
  no_list: { outcome: 'unavailable', reason: 'answer_not_understood' },
  too_deep: { outcome: 'unavailable', reason: 'answer_not_understood' },
  too_many: { outcome: 'unavailable', reason: 'answer_not_understood' },
};

/** Where the fake APIs keep what. */
const LISTS: Readonly<Record<PresentKind, string>> = {
  order: 'orders',
  payment: 'payments',
  authorization: 'authorizations',
  capture: 'captures',
  charge: 'charges',
  dispute: 'disputes',
  refund: 'refunds',
  review: 'reviews',
};

const openInMemory: OpenProviderEvents = async () => {
  const clock = createTestClock();
  const events = createMemoryProviderEvents(clock.now);
  return {
    events,
    clock,
    happen: happenIn(events.happened, BODIES.stripe),
    idOf: idIn,
    presentKinds: ['payment', 'refund'],
    hold: ({ kind, id }) => events.held.set(`${kind} ${id}`, `{"id": "${id}"}`),
    refuse: (fault) => events.answers.push(ANSWERS[fault]),
    revokeCredential: () => {
      events.isCredentialRevoked = true;
    },
    forgetCursors: () => {
      events.areCursorsForgotten = true;
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
};

const openOverHttp =
  (api: EventsApi, areThinListed = false): OpenProviderEvents =>
  async () => {
    const name = api.provider as keyof typeof BODIES;
    const clock = createTestClock();
    const apis = await openFakeApis(clock.now);
    const sources = api.open({
      credentials: [API_CREDENTIALS[name]],
      accounts: [],
      areThinListed,
      apiUrl: apis.urls[name],
      call: createCallApi({ clock }),
      clock,
    });
    const { events } = sources.at(-1) as { readonly events: ProviderEvents };
    // Whatever comes before the list, such as a token, is got before a fault is put in.
    if (name === 'paypal') await events.list({ since: clock.now() - 1000, until: clock.now(), cursor: null });
    return {
      events,
      clock,
      happen: happenIn(apis[name].happened, BODIES[name]),
      idOf: idIn,
      // Thin events are a list, and nothing else.
      presentKinds: areThinListed ? [] : (providerNamed(name)?.presentKinds ?? []),
      hold: ({ kind, id }) => {
        const body = JSON.stringify({ [name === 'paypal' && kind === 'dispute' ? 'dispute_id' : 'id']: id });
        apis[name].held.push({
          list: name === 'stripe' && kind === 'payment' ? 'payment_intents' : LISTS[kind],
          id,
          at: clock.now(),
          body,
        });
      },
      ...(name === 'square' ? { cannotFind: true as const } : {}),
      refuse: (fault) => apis[name].faults.push(FAULTS[fault]),
      revokeCredential: () => {
        apis[name].isCredentialRevoked = true;
      },
      forgetCursors: () => {
        apis[name].areCursorsForgotten = true;
      },
      [Symbol.asyncDispose]: () => apis[Symbol.asyncDispose](),
    };
  };

export const PROVIDER_EVENTS: readonly Adapter<OpenProviderEvents>[] = [
  { name: 'in memory', open: openInMemory },
  ...EVENTS_APIS.map((api) => ({ name: `${api.provider}, over HTTP`, open: openOverHttp(api) })),
  ...EVENTS_APIS.filter(({ provider }) => provider === 'stripe').map((api) => ({
    name: 'thin events of stripe, over HTTP',
    open: openOverHttp(api, true),
  })),
];
