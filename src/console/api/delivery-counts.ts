/** How many deliveries came in the last hours, and what became of them, as far as a server says it. */
import type { DeliveryCountsJson } from '../api-types.ts';
import type { ConsoleDeps } from './console-deps.ts';

export const deliveryCounts = async ({ readServer }: Pick<ConsoleDeps, 'readServer'>): Promise<DeliveryCountsJson> => {
  const server = await readServer();
  const { lastHour = null, hourBefore = null } = server?.receiving ?? {};
  return { lastHour, hourBefore };
};
