/** What every rejected box keeps, forgets and never grows beyond. */
import { describe, expect } from 'vitest';
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
        expect(await box.list({ limit: 10 })).toEqual([summaryOf(second)]);
        expect(placeOf(first.id)).toBe(placeOf(second.id));
      });

      test('keeps the places of providers apart', async () => {
        await using harness = await open();
        const { box } = harness;
        await box.keep(rejectedOf('p1'));
        await box.keep(rejectedOf('p1', { provider: 'square' }));

        expect(await box.list({ limit: 10 })).toHaveLength(2);
        expect(await box.list({ limit: 10, provider: 'square' })).toMatchObject([{ provider: 'square' }]);
      });

      test('lists the newest first, between two times, as many as are asked for', async () => {
        await using harness = await open();
        const { box, clock } = harness;
        const deliveries = [0, 1, 2, 3].map((hour) => rejectedOf(`p${hour}`, { rejectedAt: NOW + hour * HOUR_MS }));
        for (const delivery of deliveries) await box.keep(delivery);
        clock.advance(4 * HOUR_MS);

        const times = async (filter: object) =>
          (await box.list({ limit: 10, ...filter })).map(({ rejectedAt }) => (rejectedAt - NOW) / HOUR_MS);

        expect(await times({})).toEqual([3, 2, 1, 0]);
        expect(await times({ since: NOW + HOUR_MS, until: NOW + 3 * HOUR_MS })).toEqual([2, 1]);
        expect(await times({ limit: 2 })).toEqual([3, 2]);
      });

      test('forgets each when its time is over', async () => {
        await using harness = await open();
        const { box, clock } = harness;
        const delivery = rejectedOf('p1');
        await box.keep(delivery);
        clock.advance(DAY_MS - 1);
        expect(await box.list({ limit: 10 })).toHaveLength(1);
        clock.advance(1);

        expect(await box.list({ limit: 10 })).toEqual([]);
        expect(await box.get(delivery.id)).toBeUndefined();
      });

      test('remembers that one was accepted, and not of another at its place', async () => {
        await using harness = await open();
        const { box } = harness;
        const [first, second] = [rejectedOf('p1'), rejectedOf('p1', { rejectedAt: NOW + 1 })];
        await box.keep(first);
        await box.markAccepted(first.id, NOW + 5);
        expect(await box.list({ limit: 10 })).toMatchObject([{ id: first.id, acceptedAt: NOW + 5 }]);
        expect(await box.get(first.id)).toMatchObject({ acceptedAt: NOW + 5, reason: 'signature_mismatch' });
        await box.keep(second);
        await box.markAccepted(first.id, NOW + 9);

        expect(await box.list({ limit: 10 })).toMatchObject([{ id: second.id, acceptedAt: null }]);
      });
    });
  });
};
