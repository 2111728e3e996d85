/** The lists of objects that the suite of lists of events runs against too: each provider's over HTTP against a fake of its API. */
import { createCallApi } from '../../src/adapters/http/call-api.ts';
import type { ObjectList } from '../../src/core/ports/provider-objects.ts';
import type { EpochMs } from '../../src/core/webhook.ts';
import type { ObjectsApi } from '../../src/providers/objects-api.ts';
import { OBJECTS_APIS } from '../../src/providers/objects-apis.ts';
import { createTestClock } from '../support/clock.ts';
import { API_CREDENTIALS, type ApiFault, openFakeApis } from '../support/fake-apis.ts';
import type { Adapter, SkippedTest } from './contract-tests.ts';
import type { ProviderEventsHarness } from './provider-events-contract.ts';
import type { OpenProviderObjects } from './provider-objects-contract.ts';

type Name = keyof typeof API_CREDENTIALS;

type BodyOf = (id: string, at: EpochMs, member: string) => string;

/** Of an object, an id that the suite puts into it would be its own. */
const madeUp = (member: string): string => member.replace('"id": "x1"', '"x": 1');

const timeOf = (at: EpochMs): string => new Date(at).toISOString();

const stripeBody: BodyOf = (id, at, member) =>
  `{"id": "${id}", "created": ${at / 1000}, "livemode": false, "status": "succeeded", ${madeUp(member)}}`;

const squareBody: BodyOf = (id, at, member) =>
  `{"id": "${id}", "created_at": "${timeOf(at)}", "status": "COMPLETED", ${madeUp(member)}}`;

const BODIES: Readonly<Record<Name, Readonly<Record<string, BodyOf>>>> = {
  stripe: {
    payment_intents: stripeBody,
    charges: stripeBody,
    refunds: stripeBody,
    disputes: stripeBody,
    payouts: stripeBody,
  },
  square: { payments: squareBody, refunds: squareBody, disputes: squareBody, payouts: squareBody },
  paypal: {
    transactions: (id, at, member) =>
      `{"transaction_id": "${id}", "transaction_event_code": "T0006", "transaction_initiation_date": "${timeOf(at)}", "transaction_status": "S", "transaction_amount": {"currency_code": "USD", "value": "1.00"}, ${madeUp(member)}}`,
    disputes: (id, at, member) =>
      `{"dispute_id": "${id}", "create_time": "${timeOf(at)}", "status": "OPEN", ${madeUp(member)}}`,
  },
};

const LISTS = ['data', 'payments', 'refunds', 'disputes', 'payouts', 'locations', 'transaction_details', 'items'];

/** An answer in which whatever the provider calls its list is this. */
const listed = (list: string): ApiFault => ({
  status: 200,
  body: `{${LISTS.map((name) => `"${name}": ${list}`).join(', ')}}`,
});

const FAULTS: Readonly<Record<Parameters<ProviderEventsHarness['refuse']>[0], ApiFault>> = {
  too_often: { status: 429, body: 'slow down, canary' },
  too_often_for_a_minute: { status: 429, retryAfter: '60' },
  server_error: { status: 500, body: 'canary' },
  dropped: 'dropped',
  not_json: { status: 200, body: '<html>canary</html>' },
  no_list: listed('"canary"'),
  too_deep: listed(`[{"id": "x1", "canary": ${'['.repeat(100_000)}${']'.repeat(100_000)}}]`),
  too_many: listed(`[${Array.from({ length: 200_000 }, () => '{}').join(',')}]`),
};

const idIn = (body: Uint8Array): string => {
  const { id, event_id: eventId } = JSON.parse(Buffer.from(body).toString('utf8'));
  return id ?? eventId;
};

const openList =
  (api: ObjectsApi, listName: string): OpenProviderObjects =>
  async () => {
    const name = api.provider as Name;
    const clock = createTestClock();
    const apis = await openFakeApis(clock.now);
    const [source] = api.open({
      credentials: [API_CREDENTIALS[name]],
      accounts: [],
      apiUrl: apis.urls[name],
      call: createCallApi({ clock }),
      clock,
    });
    const list = source?.lists.find((one) => one.name === listName) as ObjectList;
    const bodyOf = BODIES[name][listName] as BodyOf;
    // Whatever comes before the list, such as a token, is got before a fault is put in.
    if (name !== 'stripe') await list.list({ since: clock.now() - 1000, until: clock.now(), cursor: null });
    return {
      list,
      events: list,
      clock,
      happen(id, at, { listedFrom, member = '"id": "x1"' } = {}) {
        const body = bodyOf(id, at, member);
        apis[name].held.push({ list: listName, id, at, body, ...(listedFrom === undefined ? {} : { listedFrom }) });
      },
      idOf: idIn,
      // Each of its objects is asked for where events are.
      presentKinds: [],
      hold: () => undefined,
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

/** Objects are compared list by list: nobody asks for one. */
const NOT_FOUND_ALONE: readonly SkippedTest[] = [
  'gives one event by the id that its deliveries have, and says when there is none yet',
  'is refused one event as it is refused a list',
].map((test) => ({ test, reason: 'objects are listed; nobody asks for one of them' }));

export const PROVIDER_OBJECTS: readonly Adapter<OpenProviderObjects>[] = OBJECTS_APIS.flatMap((api) =>
  Object.keys(BODIES[api.provider as Name]).map((list) => ({
    name: `${list} of ${api.provider}`,
    open: openList(api, list),
    skip: NOT_FOUND_ALONE,
  })),
);
