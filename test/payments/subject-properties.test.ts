/** What holds of everything that has a life of its own beside payments, whatever its life and however its webhooks arrive. */
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { News } from '../../src/core/effects.ts';
import type { MapOutcome } from '../../src/payments/map-webhook.ts';
import type { PaymentEvent } from '../../src/payments/payment-event.ts';
import { recordSubject, type SubjectRecord } from '../../src/payments/subject.ts';
import { runs } from '../support/property-runs.ts';
import { DOCUMENTED_WEBHOOKS, type DocumentedWebhook } from './documented/documented-webhooks.ts';
import { mapBody, paymentMapping } from './webhooks.ts';

const RUNS = runs(600);
const START = Date.UTC(2026, 2, 1);

/** One webhook of a life: the type and the status of the object, and whether time has passed since the one before. */
interface Step {
  readonly webhook: number;
  readonly status: string;
  readonly seconds: number;
}

/** Words of more than one provider, and one that is new: which of them means something differs. */
const STATUSES = (
  'open paid void active canceled paused succeeded failed pending ACTIVE CANCELLED SUSPENDED PAID PARTIALLY_PAID ' +
  'booked returned NEW_WORD'
).split(' ');

/** The documented webhooks by what they are about. A batch, whose `batch_header` has its status, stands for itself. */
const families: readonly (readonly DocumentedWebhook[])[] = [
  ...Map.groupBy(
    DOCUMENTED_WEBHOOKS.filter(({ provider, around, object }) => isOfSubject(mapBody(provider, around(object)))),
    ({ provider, object }) => `${provider} ${object.object ?? Object.keys(object).sort().join()}`,
  ).values(),
];

function isOfSubject(mapped: MapOutcome): boolean {
  return mapped.outcome === 'events' && paymentMapping.changesOf(mapped.events).subjects.length > 0;
}

const life: fc.Arbitrary<readonly (readonly PaymentEvent[])[]> = fc
  .tuple(
    fc.constantFrom(...families),
    fc.array(
      fc.record({
        webhook: fc.nat(),
        status: fc.constantFrom(...STATUSES),
        seconds: fc.integer({ min: 1, max: 3 }),
      }),
      // As many as the record keeps answers for.
      { minLength: 1, maxLength: 10 },
    ),
  )
  .map(([family, steps]) => toldAs(family, steps));

const toldAs = (family: readonly DocumentedWebhook[], steps: readonly Step[]): readonly (readonly PaymentEvent[])[] => {
  let at = START;
  return steps.flatMap(({ webhook, status, seconds }, index) => {
    at += seconds * 1000;
    const { provider, around, object } = family[webhook % family.length] as DocumentedWebhook;
    const mapped = mapBody(provider, around({ ...object, status }));
    if (mapped.outcome !== 'events') return [];
    // The provider's clock and ids, which the documents do not vary.
    const id = `${provider}:${index}`;
    return [
      mapped.events.map((event) => ({ ...event, id, webhookId: id, occurredAt: at, ordering: null }) as PaymentEvent),
    ];
  });
};

interface Received {
  readonly event: PaymentEvent;
  readonly news: News;
}

/** What is known of each subject after these webhooks, and how each event was received. */
const tellAll = (webhooks: readonly (readonly PaymentEvent[])[]) => {
  const known = new Map<string, SubjectRecord>();
  const received: (Received & { readonly subject: string })[] = [];
  for (const event of webhooks.flat()) {
    for (const change of paymentMapping.changesOf([event]).subjects) {
      const subject = `${change.kind} ${change.id}`;
      const { received: answer, record } = recordSubject(known.get(subject) ?? null, change);
      if (record !== null) known.set(subject, record);
      received.push({ event, subject, news: answer.news });
    }
  }
  return { known, received };
};

const SOURCE = ['id', 'webhookId', 'providerType', 'occurredAt', 'ordering', 'related', 'paymentIds'];

/** What an event says, in words. */
const saidBy = (event: PaymentEvent): string =>
  inspect(Object.fromEntries(Object.entries(event).filter(([name]) => !SOURCE.includes(name) && name !== 'type')), {
    depth: 5,
    sorted: true,
  });

const withDuplicates = (webhooks: readonly (readonly PaymentEvent[])[]) =>
  fc.shuffledSubarray([...webhooks, ...webhooks], { minLength: webhooks.length * 2 });

describe('a subject beside payments', () => {
  test('is of every kind', () => {
    const kinds = families.flatMap(([webhook]) => {
      const mapped = webhook === undefined ? null : mapBody(webhook.provider, webhook.around(webhook.object));
      return mapped?.outcome === 'events'
        ? paymentMapping.changesOf(mapped.events).subjects.map(({ kind }) => kind.replace(/_.*/, ''))
        : [];
    });

    expect([...new Set(kinds)].sort()).toEqual(
      expect.arrayContaining([
        'account',
        'balance',
        'checkout',
        'credit',
        'invoice',
        'order',
        'payment',
        'payout',
        'platform',
        'report',
        'subscription',
        'transfer',
      ]),
    );
  });

  test('is news once for each change of what it is, in the order of what happened', () => {
    fc.assert(
      fc.property(life, (webhooks) => {
        const before = new Map<string, { readonly said: string; readonly type: string }>();
        for (const { event, subject, news } of tellAll(webhooks).received) {
          const known = before.get(subject);
          const said = saidBy(event);
          const isSame = known?.said === said && (known.type === event.type || event.type.endsWith('.updated'));
          expect(news).toBe(isSame ? 'repeated' : 'news');
          before.set(subject, { said, type: isSame && known !== undefined ? known.type : event.type });
        }
      }),
      RUNS,
    );
  });

  test('is the same in any order and with duplicates', () => {
    const lives = life.chain((webhooks) => fc.tuple(fc.constant(webhooks), withDuplicates(webhooks)));
    const whatIsKnown = (webhooks: readonly (readonly PaymentEvent[])[]) =>
      [...tellAll(webhooks).known].map(([subject, { place, state }]) => [subject, place, state]).sort();

    fc.assert(
      fc.property(lives, ([webhooks, arrived]) => {
        expect(whatIsKnown(arrived)).toEqual(whatIsKnown(webhooks));
      }),
      RUNS,
    );
  });

  test('answers a webhook that comes again as the first time, and takes none that is older than the known for news', () => {
    const lives = life.chain(withDuplicates);

    fc.assert(
      fc.property(lives, (arrived) => {
        const answers = new Map<string, News>();
        const newest = new Map<string, number>();
        for (const { event, subject, news } of tellAll(arrived).received) {
          const key = `${subject} ${event.id}`;
          const at = event.occurredAt ?? 0;
          expect(news).toBe(answers.get(key) ?? ((newest.get(subject) ?? 0) > at ? 'stale' : news));
          answers.set(key, news);
          newest.set(subject, Math.max(newest.get(subject) ?? 0, at));
        }
      }),
      RUNS,
    );
  });
});
