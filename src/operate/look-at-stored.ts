/** How a home is doing as far as what is stored says it, whichever home it is. */
import type { AuditReader } from '../audit/audit-log.ts';
import type { SilenceRecords } from '../core/ports/silence-records.ts';
import type { EpochMs } from '../core/webhook.ts';
import type { DestinationDepth, DestinationReader } from '../destinations/destination-queue.ts';
import { describeSilences } from './watch-silence.ts';

export interface StoredHealth {
  readonly destinations: readonly DestinationDepth[];
  readonly lastDigest: { readonly number: number; readonly closedAt: EpochMs } | null;
  /** What a person has to look at, a sentence each; empty when there is nothing. */
  readonly problems: readonly string[];
}

const eventsText = (count: number): string => (count === 1 ? '1 event that was' : `${count} events that were`);

export const lookAtStored = async (
  home: {
    readonly destinations: Pick<DestinationReader, 'depth'>;
    readonly auditLog: Pick<AuditReader, 'lastDigest'>;
    readonly silence: Pick<SilenceRecords, 'get'>;
  },
  destinationNames: readonly string[],
): Promise<StoredHealth> => {
  const destinations = destinationNames.length === 0 ? [] : await home.destinations.depth([...destinationNames]);
  const digest = await home.auditLog.lastDigest();
  const givenUp = destinations
    .filter((destination) => destination.givenUp > 0)
    .map((one) => `destination ${one.destination} has ${eventsText(one.givenUp)} given up`);
  return {
    destinations,
    lastDigest: digest === undefined ? null : { number: digest.number, closedAt: digest.createdAt },
    problems: [...givenUp, ...(await describeSilences(home.silence))],
  };
};
