/** A provider that holds things, and a local home that is compared with it. */
import { createCallApi } from '../../src/adapters/http/call-api.ts';
import type { ObjectSource } from '../../src/core/ports/provider-objects.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../src/core/time.ts';
import { createPaymentMapping } from '../../src/payments/map-webhook.ts';
import { MAPPINGS } from '../../src/providers/mappings.ts';
import { OBJECTS_APIS } from '../../src/providers/objects-apis.ts';
import {
  type CheckInput,
  type CheckObjectsDeps,
  createCheckObjects,
} from '../../src/reconcile/objects/check-objects.ts';
import type { ListReport } from '../../src/reconcile/objects/object-report.ts';
import type { OpenLocalHome } from '../contract/homes.ts';
import { NOW } from '../support/clock.ts';
import { API_CREDENTIALS, openFakeApis } from '../support/fake-apis.ts';
import { configuredOf, createReconcileHome, type Name } from './reconcile-home.ts';

export const MADE = NOW - 2 * HOUR_MS;
export const seconds = (at: number): number => Math.floor(at / SECOND_MS);

export const intent = (id: string, more: object = {}): object => ({
  id,
  object: 'payment_intent',
  created: seconds(MADE),
  livemode: false,
  status: 'succeeded',
  amount: 2000,
  amount_received: 2000,
  currency: 'usd',
  ...more,
});

export const openObjectsHome = async (openHome: OpenLocalHome, provider: Name, retentionMs = 400 * DAY_MS) => {
  const harness = await openHome();
  const home = createReconcileHome(harness);
  const { clock } = home;
  const apis = await openFakeApis(clock.now);
  const waits: number[] = [];
  const configured = configuredOf(provider);
  const deps: CheckObjectsDeps = {
    ...home,
    mapping: createPaymentMapping(MAPPINGS, () => configured.settings),
    now: clock.now,
    retentionMs,
    wait: async (ms) => {
      waits.push(ms);
    },
    onNotKept: (error) => {
      throw error;
    },
  };
  const [source] = OBJECTS_APIS.filter((api) => api.provider === provider).flatMap((api) =>
    api.open({
      credentials: [API_CREDENTIALS[provider]],
      accounts: [],
      apiUrl: apis.urls[provider],
      call: createCallApi({ clock }),
      clock,
    }),
  );
  const checkWith =
    (other: Partial<CheckObjectsDeps>) =>
    (since = NOW - 30 * DAY_MS, more: Partial<CheckInput> = {}): Promise<readonly ListReport[]> =>
      createCheckObjects({ ...deps, ...other })({ configured, source: source as ObjectSource, since, ...more });
  let sent = 0;
  return {
    ...home,
    apis,
    waits,
    /** A delivery of Stripe, processed. */
    async tell(type: string, object: object, at = MADE): Promise<void> {
      sent += 1;
      await home.deliver(
        'stripe',
        JSON.stringify({
          id: `evt_${sent}`,
          object: 'event',
          created: seconds(at) + sent,
          type,
          livemode: false,
          data: { object },
        }),
      );
      await home.work();
    },
    hold(list: string, object: object, at = MADE): void {
      const { id } = object as { readonly id: string };
      apis[provider].held.push({ list, id, at, body: JSON.stringify(object) });
    },
    source: source as ObjectSource,
    check: checkWith({}),
    /** With some of what it needs exchanged. */
    checkWith,
    async [Symbol.asyncDispose]() {
      await apis[Symbol.asyncDispose]();
      await harness[Symbol.asyncDispose]();
    },
  };
};
