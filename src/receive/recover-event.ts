/**
 * Makes a webhook of an event that its provider's API lists and no delivery brought: under the key that a delivery of it
 * would have, guarded, sealed, stored and queued by the same code. A delivery that comes later is a duplicate.
 */
import { hash as digestOf } from 'node:crypto';
import type { ConfiguredProvider, Delivery, Verified } from '../core/ports/provider.ts';
import type { EventSource, ListedEvent } from '../core/ports/provider-events.ts';
import type { UnparsableReason } from '../core/read-json.ts';
import type { Actor, EpochMs } from '../core/webhook.ts';
import { type GuardedEvent, guardEvent } from './guard-event.ts';
import { type IdentifiedEvent, identifyEvents } from './identify.ts';
import { type Received, type ReceiveOutcome, type StoreEventsDeps, storeEvents } from './receive.ts';

/** A listed event as a webhook of it would be. */
export interface IdentifiedListed {
  readonly identified: IdentifiedEvent;
  readonly received: Received;
  /** What is stored of it, and the key: those of its delivery, masked where that would be. Screened once, when it is asked for. */
  readonly guarded: () => GuardedEvent;
}

export type ListedIdentity =
  | ({ readonly outcome: 'identified' } & IdentifiedListed)
  /** It has no id or no type: nobody can tell whether it is there. */
  | { readonly outcome: 'unreadable'; readonly reason: UnparsableReason };

export interface ListedInput {
  readonly configured: ConfiguredProvider;
  readonly source: Pick<EventSource, 'mode' | 'credentialId'>;
  readonly listed: ListedEvent;
  readonly recoveredBy: Actor;
  readonly at: EpochMs;
  readonly traceId: string;
}

/** What is listed is written anew: its text is compared with that of no delivery. */
const LISTED_FORM = 'as listed';

export const identifyListed = (input: ListedInput): ListedIdentity => {
  const { configured, source, listed, recoveredBy, at, traceId } = input;
  const { provider } = configured;
  const { body } = listed;
  const delivery: Delivery = { body, headers: new Map(), method: 'GET', query: '', publicUrl: null };
  const verification: Verified = {
    outcome: 'verified',
    secretId: source.credentialId,
    isSimulated: false,
    transmission: null,
    label: source.mode,
  };
  const bodySha256 = digestOf('sha256', body, 'hex');
  const [first] = identifyEvents(provider, delivery, verification, bodySha256);
  if (first === undefined || first.unparsable !== null) {
    return { outcome: 'unreadable', reason: first?.unparsable ?? 'shape_unexpected' };
  }
  const { event } = first;
  // Some providers say the mode only by how they sign.
  const mode = event.mode === 'unknown' ? source.mode : event.mode;
  const identified = { ...first, event: { ...event, mode, content: { form: LISTED_FORM, text: [body] } } };
  const received: Received = {
    input: { providerName: provider.name, delivery, receivedAt: at, traceId },
    provider,
    delivery,
    verification,
    bodySha256,
    synthetic: null,
    recoveredBy,
  };
  let screened: GuardedEvent | undefined;
  const guarded = (): GuardedEvent => {
    screened ??= guardEvent(received, identified, 0);
    return screened;
  };
  return { outcome: 'identified', identified, received, guarded };
};

/** Safe to call again, and while a delivery of the event comes: one webhook comes of it. Throws what the ports throw. */
export const createRecoverEvent =
  (deps: StoreEventsDeps) =>
  ({ received, identified, guarded }: IdentifiedListed): Promise<ReceiveOutcome> =>
    storeEvents(deps, received, [identified], guarded);
