/** How each configured destination is doing, whichever home it is asked of. */
import { destinationsOf, isInHome } from '../config/destinations-of.ts';
import type { CompleteConfig } from '../config/schema.ts';
import { shownUrl } from '../core/shown-url.ts';
import type { DestinationReader } from '../destinations/destination-queue.ts';
import { timeText } from '../operate/webhook-json.ts';
import type { HomeChoice } from './operator-home.ts';

export interface DestinationRow {
  readonly name: string;
  readonly kind: string;
  readonly isInHome: boolean;
  readonly where: string;
  readonly events: readonly string[];
  readonly waiting: number;
  readonly givenUp: number;
  readonly oldestEnqueuedAt: string | null;
}

type Configured = CompleteConfig['destinations'][string];

/** A URL's path and query may be secrets. */
const whereOf = (destination: Configured): string => {
  switch (destination.kind) {
    case 'http':
      return shownUrl(destination.url);
    case 'ndjson':
      return destination.path;
    case 'eventbridge':
      return 'bus of the stack';
    default:
      return destination satisfies never;
  }
};

/** Zeros for those that do not work in this home. */
export const listDestinationRows = async (
  config: Pick<CompleteConfig, 'destinations'>,
  kind: HomeChoice['kind'],
  depthsOf: DestinationReader['depth'],
): Promise<readonly DestinationRow[]> => {
  const names = destinationsOf(config, kind).map(({ name }) => name);
  const depths = names.length === 0 ? [] : await depthsOf(names);
  return Object.entries(config.destinations).map(([name, destination]): DestinationRow => {
    const depth = depths.find((one) => one.destination === name);
    const { waiting = 0, givenUp = 0, oldestEnqueuedAt = null } = depth ?? {};
    return {
      name,
      kind: destination.kind,
      isInHome: isInHome(destination.kind, kind),
      where: whereOf(destination),
      events: destination.events,
      waiting,
      givenUp,
      oldestEnqueuedAt: oldestEnqueuedAt === null ? null : timeText(oldestEnqueuedAt),
    };
  });
};
