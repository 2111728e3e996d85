/** The rejected box in memory. */
import type { Clock } from '../../core/ports/clock.ts';
import { pageOfRejected, placeOf, type RejectedBox, type RejectedDelivery } from '../../core/ports/rejected-box.ts';

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
    list: async (filter) =>
      pageOfRejected(
        present().map(({ payload: _, ...summary }) => summary),
        filter,
      ),
    async markAccepted(id, { at, webhookIds }) {
      const delivery = find(id);
      if (delivery !== undefined) byPlace.set(placeOf(id), { ...delivery, acceptedAt: at, webhookIds });
    },
  };
};
