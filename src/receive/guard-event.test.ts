import { describe, expect, test } from 'vitest';
import { createScriptedProvider, providerEvent, verifiedBy } from '../../test/support/scripted-provider.ts';
import { hashedId } from '../core/hashed-id.ts';
import type { Delivery, Provider, ProviderEvent } from '../core/ports/provider.ts';
import type { JsonObject } from '../core/read-json.ts';
import { guardEvent } from './guard-event.ts';
import { identifyEvents } from './identify.ts';

const PAN = '4242424242424242';
const MASKED = '424242******4242';

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Reads its fields out of the body, and its id out of a header. */
const readingProvider = (overrides: Partial<Provider> = {}): Provider =>
  createScriptedProvider({
    storedHeaders: ['user-agent', 'acme-id'],
    parse: ({ body, headers }) => {
      const event = JSON.parse(Buffer.from(body).toString()) as JsonObject;
      const id = headers.get('acme-id')?.[0] ?? 'evt_1';
      const parents = Array.isArray(event.parents) ? event.parents.map(textOf).filter((one) => one !== null) : [];
      return {
        outcome: 'parsed',
        events: [
          providerEvent({
            dedupeKey: id,
            providerEventId: id,
            eventType: textOf(event.type) ?? 'none',
            objectId: textOf(event.object),
            account: textOf(event.account),
            parentIds: parents,
            ordering: typeof event.version === 'number' ? { by: 'version', value: event.version } : null,
          }),
        ],
      };
    },
    ...overrides,
  });

interface Given {
  readonly body?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  readonly provider?: Provider;
  readonly transmissionId?: string;
}

const guard = ({ body = {}, headers = {}, provider = readingProvider(), transmissionId }: Given) => {
  const delivery: Delivery = {
    body: Buffer.from(JSON.stringify(body)),
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
    method: 'POST',
    query: '',
    publicUrl: null,
  };
  const verification = verifiedBy(transmissionId === undefined ? {} : { transmission: { id: transmissionId } });
  const [identified] = identifyEvents(provider, delivery, verification, 'ab'.repeat(32));
  if (identified === undefined) throw new Error('no event');
  return { delivery, identified, ...guardEvent({ provider, delivery, verification }, identified, 0) };
};

describe('guardEvent', () => {
  test('keeps the very event and bytes where there is no card data', () => {
    const { delivery, identified, event, payload, key, headers } = guard({
      body: { type: 'a', object: 'pay_1' },
      headers: { 'user-agent': 'Acme/1', 'x-other': PAN },
    });

    expect(event).toBe(identified.event);
    expect(payload).toBe(delivery.body);
    expect(key).toBe(identified.key);
    expect(headers).toEqual({ 'user-agent': 'Acme/1' });
  });

  test('keeps ids that are card numbers as their hash, and text masked', () => {
    const { event, payload, findings } = guard({
      body: { type: `card ${PAN}`, object: PAN, account: PAN, parents: ['order_1', `${PAN}x`], version: Number(PAN) },
    });

    expect(event).toMatchObject({
      eventType: `card ${MASKED}`,
      objectId: hashedId(PAN),
      account: hashedId(PAN),
      parentIds: ['order_1', hashedId(`${PAN}x`)],
      ordering: { by: 'version', value: 4242420000004242 },
    });
    expect(Buffer.from(payload).toString()).not.toContain(PAN);
    expect(findings.cardNumbers).toBe(5);
  });

  test('keeps an event under the hash of an id that came in a header, the same on every delivery', () => {
    const first = guard({ headers: { 'acme-id': PAN, 'user-agent': `card ${PAN}` } });
    const second = guard({ body: { type: 'another' }, headers: { 'acme-id': PAN } });

    expect(first.key.webhookId).toBe(`acme:${hashedId(PAN)}`);
    expect(second.key).toEqual(first.key);
    expect(first.event.providerEventId).toBe(hashedId(PAN));
    expect(first.headers).toEqual({ 'acme-id': MASKED, 'user-agent': `card ${MASKED}` });
    expect(first.findings.cardNumbers).toBe(2);
  });

  test('hashes the id of a transmission: two of one id are still found to be one', () => {
    const transmissionId = '4242-4242-4242-4242';

    expect(guard({ transmissionId }).transmission).toEqual({ id: hashedId(transmissionId) });
    expect(guard({ transmissionId: '0b6ee6d0-1584' }).transmission).toEqual({ id: '0b6ee6d0-1584' });
  });

  test('leaves what its provider alone makes as it came', () => {
    const provider = readingProvider({
      cardDataExemptions: [{ path: 'object', values: /^\d{16}$/, reason: 'Acme counts' }],
    });

    const { event, payload } = guard({ provider, body: { type: `card ${PAN}`, object: PAN } });

    expect(event).toMatchObject({ objectId: PAN, eventType: `card ${MASKED}` });
    expect(JSON.parse(Buffer.from(payload).toString()).object).toBe(PAN);
  });

  test('screens each field by itself where the masks made the body unreadable', () => {
    const read = readingProvider().parse;
    const provider = readingProvider({
      parse: (delivery, verification) =>
        Buffer.from(delivery.body).includes('*')
          ? { outcome: 'unparsable', reason: 'shape_unexpected' }
          : read(delivery, verification),
    });

    const { event } = guard({
      provider,
      body: { type: `card ${PAN}`, object: PAN, parents: [PAN, 'order_1'], version: Number(PAN) },
    });

    expect(event).toMatchObject({
      eventType: `card ${MASKED}`,
      objectId: hashedId(PAN),
      parentIds: [hashedId(PAN), 'order_1'],
      ordering: null,
    });
  });

  test('reads the event of a batch again out of its own payload', () => {
    const parts = [{ object: 'pay_1' }, { object: PAN }];
    const provider = readingProvider({
      parse: ({ body }) => {
        const value = JSON.parse(Buffer.from(body).toString());
        const list: { object: string }[] = Array.isArray(value.list) ? value.list : [value];
        return {
          outcome: 'parsed',
          events: list.map(
            (one, index): ProviderEvent =>
              providerEvent({
                dedupeKey: `evt_${index}`,
                objectId: one.object,
                payload: Buffer.from(JSON.stringify(one)),
              }),
          ),
        };
      },
    });
    const delivery: Delivery = {
      body: Buffer.from(JSON.stringify({ list: parts })),
      headers: new Map(),
      method: 'POST',
      query: '',
      publicUrl: null,
    };
    const from = { provider, delivery, verification: verifiedBy() };
    const events = identifyEvents(provider, delivery, from.verification, 'ab'.repeat(32));

    const guarded = events.map((one, index) => guardEvent(from, one, index));

    expect(guarded.map(({ event }) => event.objectId)).toEqual(['pay_1', hashedId(PAN)]);
  });

  test('masks the body of what could not be understood, and finds nothing else in it', () => {
    const provider = readingProvider({ parse: () => ({ outcome: 'unparsable', reason: 'shape_unexpected' }) });

    const { identified, event, key, payload } = guard({ provider, body: { note: PAN } });

    expect(event).toBe(identified.event);
    expect(key).toEqual(identified.key);
    expect(Buffer.from(payload).toString()).toBe(`{"note":"${MASKED}"}`);
  });
});
