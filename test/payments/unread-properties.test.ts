/** What Payhook does not read changes nothing: fields and types that a provider adds tomorrow. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MapOutcome } from '../../src/payments/map-webhook.ts';
import { samplesOf } from '../../src/samples/samples.ts';
import { runs } from '../support/property-runs.ts';
import { DOCUMENTED_WEBHOOKS } from './documented/documented-webhooks.ts';
import { adyenNotification, adyenPlatformWebhook, mapBody, sampleObject, type Wire } from './webhooks.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const PROVIDERS = ['stripe', 'paypal', 'square', 'adyen'] as const;

/** Every body that the project has: those of the samples, and those that the providers document. */
const bodies: readonly { readonly provider: string; readonly body: Json }[] = [
  ...PROVIDERS.flatMap((provider) =>
    samplesOf(provider).map(({ eventType }) => ({ provider, body: sampleObject(provider, eventType) as Json })),
  ),
  ...DOCUMENTED_WEBHOOKS.map(({ provider, around, object }) => ({ provider, body: around(object) as Json })),
];

/** Its keys are data: a balance by currency. */
const BY_CURRENCY = 'available';

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const anything: fc.Arbitrary<Json> = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>;

/** The body with fields that nobody has heard of, in as many of its objects as `places` says. */
const withUnknown = (body: Json, places: () => Json | undefined, key = ''): Json => {
  if (Array.isArray(body)) return (body as readonly Json[]).map((item) => withUnknown(item, places));
  if (!isObject(body)) return body;
  const inside = Object.entries(body).map(([name, value]) => [name, withUnknown(value, places, name)] as const);
  const added = key === BY_CURRENCY ? undefined : places();
  return Object.fromEntries(added === undefined ? inside : [...inside, ['added_tomorrow', added]]);
};

/** Without the webhook's id, which is a digest of the body where the provider gives none. */
const saidBy = (mapped: MapOutcome): object =>
  mapped.outcome === 'events' ? mapped.events.map((event) => ({ ...event, id: '', webhookId: '' })) : mapped;

/** Thin events of Stripe say what they are by another field than their type. */
const isThin = (body: Json): boolean => isObject(body) && body.object === 'v2.core.event';

describe('what is not read', () => {
  test('changes nothing, wherever a provider adds it', () => {
    const told = fc.tuple(
      fc.constantFrom(...bodies),
      fc.array(fc.option(anything, { nil: undefined }), { minLength: 1 }),
    );

    fc.assert(
      fc.property(told, ([{ provider, body }, values]) => {
        let turn = 0;
        const changed = withUnknown(body, () => {
          turn += 1;
          return values[turn % values.length];
        });

        expect(saidBy(mapBody(provider, changed as Wire))).toEqual(saidBy(mapBody(provider, body as Wire)));
      }),
      runs(2000),
    );
  });

  test('gives no event, whatever is in it, when its type is one that nobody has heard of', () => {
    const TYPE_FIELDS = { stripe: 'type', paypal: 'event_type', square: 'type' } as const;

    for (const [provider, field] of Object.entries(TYPE_FIELDS)) {
      const ofProvider = bodies.filter((one) => one.provider === provider && !isThin(one.body));
      const results = ofProvider.map(({ body }) =>
        mapBody(provider, { ...(body as object), [field]: 'payment.added_tomorrow' }),
      );

      expect(results).toEqual(ofProvider.map(() => ({ outcome: 'ignored', reason: 'unknown_type' })));
    }
  });

  test.each(['ADDED_TOMORROW', 'balancePlatform.added.tomorrow'])("nor does Adyen's %s", (added) => {
    const items = DOCUMENTED_WEBHOOKS.filter(({ provider }) => provider === 'adyen');
    const isItem = added === 'ADDED_TOMORROW';
    const results = items.map(({ object }) =>
      mapBody('adyen', isItem ? adyenNotification(added, object) : adyenPlatformWebhook(added, object)),
    );

    expect(results).toEqual(items.map(() => ({ outcome: 'ignored', reason: 'unknown_type' })));
  });
});
