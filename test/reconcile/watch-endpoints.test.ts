/** Whether our endpoint hears anything, in each local home: a person is told once when it does not. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import type { EndpointSource, EndpointsOutcome, RegisteredEndpoint } from '../../src/core/ports/provider-endpoints.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
import { MAPPINGS } from '../../src/providers/mappings.ts';
import { createWatchEndpoints } from '../../src/reconcile/endpoints/watch-endpoints.ts';
import { HOMES, type OpenLocalHome } from '../contract/homes.ts';
import { configuredOf, createReconcileHome } from './reconcile-home.ts';

const OURS: RegisteredEndpoint = {
  id: 'we_1',
  url: 'https://hooks.shop.example/webhook/stripe',
  isEnabled: true,
  eventTypes: ['*'],
  apiVersion: null,
};

const openWith = async (openHome: OpenLocalHome) => {
  const harness = await openHome();
  const home = createReconcileHome(harness);
  let answer: EndpointsOutcome = { outcome: 'endpoints', endpoints: [OURS] };
  let asked = 0;
  const notWritten = async () => ({ outcome: 'refused', reason: 'not_in_this_test' }) as const;
  const source: EndpointSource = {
    provider: 'stripe',
    id: 'stripe:test',
    mode: 'test',
    credentialId: 'stripe-api#1',
    formerTypes: [],
    endpoints: {
      canBeDisabled: true,
      async list() {
        asked += 1;
        return answer;
      },
      create: notWritten,
      update: notWritten,
    },
  };
  const deps = {
    ...home,
    providers: new Map([['stripe', configuredOf('stripe')]]),
    mappings: MAPPINGS,
    eventTypes: {},
    endpointUrls: {},
  };
  return {
    ...home,
    asked: () => asked,
    answers: (next: EndpointsOutcome) => {
      answer = next;
    },
    /** As a server that was started anew would. */
    look: () => createWatchEndpoints(deps)(source),
    later: () => home.clock.advance(LIMITS.endpointsEveryMs + MINUTE_MS),
    told: () => home.alerts.raised.map(({ kind, summary }) => `${kind}: ${summary}`),
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
};

const of = (...endpoints: readonly RegisteredEndpoint[]): EndpointsOutcome => ({ outcome: 'endpoints', endpoints });

for (const { name, open } of HOMES) {
  describe(`watching our endpoint, ${name}`, () => {
    test('tells nobody while it is enabled, and asks once an hour', async () => {
      await using home = await openWith(open);

      await home.look();
      home.clock.advance(10 * MINUTE_MS);
      await home.look();
      home.later();
      await home.look();

      expect(home.asked()).toBe(2);
      expect(home.told()).toEqual([]);
    });

    test('tells once that it is disabled, also over restarts, and again when it happens again', async () => {
      await using home = await openWith(open);
      const rounds = [
        of({ ...OURS, isEnabled: false }),
        of({ ...OURS, isEnabled: false }),
        of(OURS),
        of({ ...OURS, isEnabled: false }),
      ];
      for (const round of rounds) {
        home.answers(round);
        await home.look();
        home.later();
      }

      expect(home.told()).toEqual(
        Array(2).fill(expect.stringMatching(/^endpoint_deaf: stripe:test has disabled our endpoint/)),
      );
    });

    test('tells that none leads here', async () => {
      await using home = await openWith(open);
      home.answers(of({ ...OURS, url: 'https://hooks.shop.example/elsewhere' }));

      await home.look();

      expect(home.told()).toEqual([
        expect.stringContaining('no endpoint that is registered with stripe:test leads here'),
      ]);
    });

    test('does not take what it could not ask for news, in either direction', async () => {
      await using home = await openWith(open);
      const disabled = of({ ...OURS, isEnabled: false });
      for (const round of [disabled, { outcome: 'unavailable', reason: 'http_500' } as const, disabled]) {
        home.answers(round);
        await home.look();
        home.later();
      }

      expect(home.told()).toHaveLength(1);
    });

    test('is told by one of two that look at once', async () => {
      await using home = await openWith(open);
      home.answers(of());

      await Promise.all([home.look(), home.look()]);

      expect(home.told()).toHaveLength(1);
    });
  });
}
