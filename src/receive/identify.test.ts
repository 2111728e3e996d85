import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createScriptedProvider, providerEvent, verifiedBy } from '../../test/support/scripted-provider.ts';
import { LIMITS } from '../core/limits.ts';
import type { Delivery, ParseOutcome, Verified } from '../core/ports/provider.ts';
import { identifyEvents } from './identify.ts';

const BODY_SHA256 = 'b'.repeat(64);
const delivery: Delivery = { body: Buffer.from('{}'), headers: new Map(), method: 'POST', query: '', publicUrl: null };

const identify = (parsed: ParseOutcome, verification: Verified = verifiedBy()) =>
  identifyEvents(createScriptedProvider({ parse: () => parsed }), delivery, verification, BODY_SHA256);

const keysOf = (...dedupeKeys: string[]): string[] =>
  identify({ outcome: 'parsed', events: dedupeKeys.map((dedupeKey) => providerEvent({ dedupeKey })) }).map(
    ({ key }) => key.webhookId,
  );

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('the key of an event', () => {
  test('is the provider with the event’s own key, and the time that the provider states', () => {
    const event = providerEvent({ dedupeKey: 'evt_1', eventAt: 1234 });

    expect(identify({ outcome: 'parsed', events: [event] })).toEqual([
      { key: { webhookId: 'acme:evt_1', timestamp: 1234 }, event, unparsable: null },
    ]);
  });

  test('has the same time on every delivery where the provider states none', () => {
    const [only] = identify({ outcome: 'parsed', events: [providerEvent({ eventAt: null })] });

    expect(only?.key.timestamp).toBe(0);
  });

  test('has at most as many characters as are allowed, else their hash', () => {
    const longest = 'k'.repeat(LIMITS.dedupeKeyCharsMax);

    expect(keysOf(longest, `${longest}k`)).toEqual([`acme:${longest}`, `acme:sha256-${sha256(`${longest}k`)}`]);
  });

  test.each(['', 'two words', 'a\nline', 'tab\there', 'späte', 'no\u0000thing', '🧾'])(
    'prints on one line whatever the provider calls its event: %j',
    (dedupeKey) => {
      expect(keysOf(dedupeKey)).toEqual([`acme:sha256-${sha256(dedupeKey)}`]);
    },
  );

  test('tells different events apart, though both have to be hashed', () => {
    expect(new Set(keysOf('ä 1', 'ä 2', 'ä  1')).size).toBe(3);
  });
});

describe('a batch', () => {
  const batchOf = (count: number) =>
    Array.from({ length: count }, (_, index) => providerEvent({ dedupeKey: `evt_${index}` }));

  test('is as many webhooks as it has events, in their order', () => {
    const events = batchOf(LIMITS.eventsPerDeliveryMax);

    expect(identify({ outcome: 'parsed', events }).map(({ event }) => event)).toEqual(events);
  });

  test('of more events than are allowed is kept as one body that was not understood', () => {
    const identified = identify({ outcome: 'parsed', events: batchOf(LIMITS.eventsPerDeliveryMax + 1) });

    expect(identified).toMatchObject([{ unparsable: 'too_many_events', event: { eventType: 'unparsable' } }]);
  });
});

describe('a signed body that the provider’s parser does not understand', () => {
  test('stands for itself under the hash of its bytes, and claims nothing that was not read', () => {
    expect(identify({ outcome: 'unparsable', reason: 'event_id_missing' })).toEqual([
      {
        key: { webhookId: `acme:sha256-${BODY_SHA256}`, timestamp: 0 },
        unparsable: 'event_id_missing',
        event: {
          dedupeKey: `sha256-${BODY_SHA256}`,
          providerEventId: null,
          eventType: 'unparsable',
          eventAt: null,
          objectId: null,
          parentIds: [],
          account: null,
          mode: 'unknown',
          isSimulated: false,
          ordering: null,
          payload: null,
        },
      },
    ]);
  });

  test('is known to be simulated when the signature says so', () => {
    const [only] = identify({ outcome: 'unparsable', reason: 'event_id_missing' }, verifiedBy({ isSimulated: true }));

    expect(only?.event.isSimulated).toBe(true);
  });
});
