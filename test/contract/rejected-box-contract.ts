/** What every rejected box keeps, forgets and never grows beyond. */
import { describe, expect } from 'vitest';
import { cursorOf } from '../../src/core/page.ts';
import { placeOf, type RejectedBox, type RejectedDelivery, rejectedId } from '../../src/core/ports/rejected-box.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import { NOW, type TestClock } from '../support/clock.ts';
import { type ContractOptions, defineContract } from './contract-tests.ts';

export interface RejectedBoxHarness extends AsyncDisposable {
  readonly box: RejectedBox;
  readonly clock: TestClock;
}

export type OpenRejectedBox = () => Promise<RejectedBoxHarness>;

const rejectedOf = (place: string, overrides: Partial<RejectedDelivery> = {}): RejectedDelivery => {
  const { provider = 'stripe', rejectedAt = NOW } = overrides;
  return {
    id: rejectedId(provider, place, rejectedAt),
    provider,
    rejectedAt,
    reason: 'signature_mismatch',
    sourceAddress: '192.0.2.1',
    isFromKnownSender: false,
    bodyBytes: 4,
    cardDataCount: 0,
    traceId: 'trace-1',
    expiresAt: rejectedAt + DAY_MS,
    acceptedAt: null,
    payload: { keyId: 'key-1', bytes: Uint8Array.of(0, 255, 1, 128) },
    ...overrides,
  };
};

const summaryOf = ({ payload: _, ...summary }: RejectedDelivery) => summary;

export const describeRejectedBox = (name: string, open: OpenRejectedBox, options: ContractOptions = {}): void => {
  describe(`RejectedBox: ${name}`, () => {
    defineContract(options, (test) => {
      test('gives back what was kept, byte for byte', async () => {
        await using harness = await open();
        const { box } = harness;
        const delivery = rejectedOf('p1', { cardDataCount: 2, isFromKnownSender: true });
        await box.keep(delivery);

        const kept = await box.get(delivery.id);

        expect({ ...kept, payload: null }).toEqual({ ...delivery, payload: null });
        expect(Buffer.from(kept?.payload.bytes ?? [])).toEqual(Buffer.from(delivery.payload.bytes));
        expect(await box.get(rejectedId('stripe', 'p2', NOW))).toBeUndefined();
      });

      test('gives a place to the last that came, and knows the one before no more', async () => {
        await using harness = await open();
        const { box } = harness;
        const [first, second] = [rejectedOf('p1'), rejectedOf('p1', { rejectedAt: NOW + 1 })];
        await box.keep(first);
        await box.keep(second);

        expect(await box.get(first.id)).toBeUndefined();
        expect((await box.list({ limit: 10 })).items).toEqual([summaryOf(second)]);
        expect(placeOf(first.id)).toBe(placeOf(second.id));
      });

      test('keeps the places of providers apart', async () => {
        await using harness = await open();
        const { box } = harness;
        await box.keep(rejectedOf('p1'));
        await box.keep(rejectedOf('p1', { provider: 'square' }));

        expect((await box.list({ limit: 10 })).items).toHaveLength(2);
        expect((await box.list({ limit: 10, provider: 'square' })).items).toMatchObject([{ provider: 'square' }]);
      });

      test('lists the newest first, between two times, as many as are asked for', async () => {
        await using harness = await open();
        const { box, clock } = harness;
        const deliveries = [0, 1, 2, 3].map((hour) => rejectedOf(`p${hour}`, { rejectedAt: NOW + hour * HOUR_MS }));
        for (const delivery of deliveries) await box.keep(delivery);
        clock.advance(4 * HOUR_MS);

        const times = async (filter: object) =>
          (await box.list({ limit: 10, ...filter })).items.map(({ rejectedAt }) => (rejectedAt - NOW) / HOUR_MS);

        expect(await times({})).toEqual([3, 2, 1, 0]);
        expect(await times({ since: NOW + HOUR_MS, until: NOW + 3 * HOUR_MS })).toEqual([2, 1]);
        expect(await times({ limit: 2 })).toEqual([3, 2]);
      });

      test('hands out each once over pages, whatever comes and goes meanwhile and many in one millisecond', async () => {
        await using harness = await open();
        const { box } = harness;
        const kept = Array.from({ length: 12 }, (_, index) =>
          rejectedOf(`p${index}`, { rejectedAt: NOW + (index % 2) }),
        );
        for (const delivery of kept) await box.keep(delivery);
        const { items: all, cursors } = await box.list({ limit: 100 });
        const walked: string[] = [];
        for (let after: string | undefined; ; ) {
          const page = await box.list({ limit: 5, after });
          walked.push(...page.items.map(({ id }) => id));
          if (page.next === null) break;
          after = page.next;
          // A newer one, and another at the place of the first, which was handed out.
          await box.keep(rejectedOf(`n${walked.length}`, { rejectedAt: NOW + 9 }));
          await box.keep(rejectedOf(placeOf(walked[0] ?? '').slice('stripe:'.length), { rejectedAt: NOW + 10 }));
        }

        expect(all).toHaveLength(12);
        expect(walked).toEqual(all.map(({ id }) => id));
        expect((await box.list({ limit: 9, after: cursors[10], until: NOW + 9 })).items).toEqual(all.slice(11));
      });

      test('lists by reason, and says of a cursor of another list that it is none', async () => {
        await using harness = await open();
        const { box } = harness;
        await box.keep(rejectedOf('p1'));
        await box.keep(rejectedOf('p2', { reason: 'timestamp_too_old', sourceAddress: '198.51.100.7', skewMs: -7200 }));

        expect((await box.list({ limit: 9, address: '198.51.100.7' })).items).toMatchObject([{ skewMs: -7200 }]);
        expect((await box.list({ limit: 9, address: '198.51.100' })).items).toEqual([]);
        expect((await box.list({ limit: 9, reason: 'signature_mismatch' })).items).toMatchObject([
          { reason: 'signature_mismatch' },
        ]);
        const foreign = cursorOf('webhooks', 1, 2);
        // Thrown at once or later: an adapter may read it before it promises anything.
        await expect((async () => box.list({ limit: 9, after: foreign }))()).rejects.toThrow(
          'is no cursor of this list',
        );
      });

      test('forgets each when its time is over', async () => {
        await using harness = await open();
        const { box, clock } = harness;
        const delivery = rejectedOf('p1');
        await box.keep(delivery);
        clock.advance(DAY_MS - 1);
        expect((await box.list({ limit: 10 })).items).toHaveLength(1);
        clock.advance(1);

        expect((await box.list({ limit: 10 })).items).toEqual([]);
        expect(await box.get(delivery.id)).toBeUndefined();
      });

      test('remembers that one was accepted and as which webhooks, and not of another at its place', async () => {
        await using harness = await open();
        const { box } = harness;
        const [first, second] = [rejectedOf('p1'), rejectedOf('p1', { rejectedAt: NOW + 1 })];
        await box.keep(first);
        const webhookIds = ['stripe:evt_"1"', 'stripe:evt_2'];
        await box.markAccepted(first.id, { at: NOW + 5, webhookIds });
        expect((await box.list({ limit: 10 })).items).toEqual([
          { ...summaryOf(first), acceptedAt: NOW + 5, webhookIds },
        ]);
        expect(await box.get(first.id)).toMatchObject({
          acceptedAt: NOW + 5,
          webhookIds,
          reason: 'signature_mismatch',
        });
        await box.keep(second);
        await box.markAccepted(first.id, { at: NOW + 9, webhookIds });

        expect((await box.list({ limit: 10 })).items).toEqual([summaryOf(second)]);
      });
    });
  });
};
