/** The rejected box in memory. */
import type { Clock } from '../../core/ports/clock.ts';
import { placeOf, type RejectedBox, type RejectedDelivery } from '../../core/ports/rejected-box.ts';

export const createMemoryRejectedBox = (clock: Clock): RejectedBox => {
  const byPlace = new Map<string, RejectedDelivery>();
  const present = (): readonly RejectedDelivery[] =>
    [...byPlace.values()].filter(({ expiresAt }) => expiresAt > clock.now());
  const find = (id: string): RejectedDelivery | undefined => present().find((delivery) => delivery.id === id);
  return {
    async keep(delivery) {
      byPlace.set(placeOf(delivery.id), structuredClone(delivery));
    },
    get: async (id) => structuredClone(find(id)),
    list: async ({ provider, since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY, limit }) =>
      present()
        .filter((one) => (provider ?? one.provider) === one.provider)
        .filter(({ rejectedAt }) => rejectedAt >= since && rejectedAt < until)
        .toSorted((left, right) => right.rejectedAt - left.rejectedAt)
        .slice(0, limit)
        .map(({ payload: _, ...summary }) => summary),
    async markAccepted(id, at) {
      const delivery = find(id);
      if (delivery !== undefined) byPlace.set(placeOf(id), { ...delivery, acceptedAt: at });
    },
  };
};
