/** The lists of objects that a provider's API has: each `providers/<name>/objects-api.ts` says how they are asked. */
import type { ApiAnswer } from '../core/ports/call-api.ts';
import type { Refusal } from '../core/ports/provider-events.ts';
import type { ObjectSource } from '../core/ports/provider-objects.ts';
import type { JsonObject } from '../core/read-json.ts';
import { DAY_MS } from '../core/time.ts';
import { NOT_UNDERSTOOD, type OpenEventsInput, objectOfAnswer, refusalOf } from './events-api.ts';

export interface ObjectsApi {
  readonly provider: string;
  /** With the credentials of the provider's list of events, which need more rights for this: docs/reconcile.md. */
  open(input: OpenEventsInput): readonly ObjectSource[];
}

/** Where a provider lists all of it. */
export const ALL_LISTED = { payment: null, refund: null, dispute: null, payout: null } as const;

/** For lists of which their provider states no end. */
export const NO_END_MS = 3650 * DAY_MS;

export type ReadAnswer = { readonly outcome: 'read'; readonly object: JsonObject } | Refusal;

/** The object that an answer is, or why there is none. */
export const readAnswer = (answer: ApiAnswer): ReadAnswer => {
  if (answer.outcome !== 'answered' || answer.status !== 200) return refusalOf(answer);
  const object = objectOfAnswer(answer.body);
  return object === null ? NOT_UNDERSTOOD : { outcome: 'read', object };
};
