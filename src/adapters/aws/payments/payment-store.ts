/**
 * Payments in a DynamoDB table whose only key is `id`. A webhook of a payment that is known under the first of its names
 * costs one strongly consistent read and one conditional write of the payment's item; one with a new name costs a
 * transaction over the payment and the items of the new names.
 */

import assert from 'node:assert/strict';
import { PayhookError } from '../../../core/errors.ts';
import type { Randomness } from '../../../core/ports/randomness.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import type { ApplyOutcome, PaymentStore } from '../../../payments/payment-store.ts';
import { recordEvents } from '../../../payments/record-events.ts';
import type { EventsOfPayment } from '../../../payments/reduce-payment.ts';
import { damaged } from '../dynamodb/errors.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { pauseAfter, TRIES_MAX } from './if-unchanged.ts';
import { NAMES_MAX, nameKey, type PaymentItem, packRecorded, paymentItemOf } from './items.ts';
import { createDynamodbPaymentList } from './list.ts';
import { findPayments, lookUpPayments } from './lookup.ts';
import { applyToSubject } from './subject.ts';
import { type PaymentWrite, type Renaming, writePayment } from './write.ts';

export interface DynamodbPaymentStoreDeps {
  readonly client: DynamodbCalls;
  readonly tableName: string;
  readonly randomness: Pick<Randomness, 'fraction'>;
}

/**
 * A payment that would not fit into one item of 400 KB, or would have more names than one transaction holds
 * (`NAMES_MAX`), is answered as `too_many_events`, as more events than a payment may have are.
 */
export const createDynamodbPaymentStore = (deps: DynamodbPaymentStoreDeps): PaymentStore => ({
  apply: (change, at) => applyChange(deps, change, at),
  applyToSubject: (change, at) => applyToSubject(deps, change, at),
  find: (paymentId) => findPayments(deps, paymentId),
  list: createDynamodbPaymentList(deps),
});

const applyChange = async (
  deps: DynamodbPaymentStoreDeps,
  change: EventsOfPayment,
  at: EpochMs,
): Promise<ApplyOutcome> => {
  const names = [...new Set(change.names.map(({ id }) => id))];
  assert(names.length > 0, 'events of a payment name it');
  if (names.length > NAMES_MAX) return { outcome: 'too_many_events' };
  let isEverFound = false;
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    const lookup = await lookUpPayments(deps, change, names);
    if (lookup.outcome === 'looked_up') {
      isEverFound = true;
      const plan = planOf(lookup.payments, change, names, at);
      if (plan.write === null || (await writePayment(deps, plan.write)) === 'written') return plan.outcome;
    }
    await pauseAfter(tries, deps.randomness);
  }
  if (!isEverFound) throw damaged(deps.tableName, nameKey(names[0] ?? ''), new TypeError('it leads to no payment'));
  throw new PayhookError(
    'store_busy',
    `a payment in table ${deps.tableName} was changed by others each of ${TRIES_MAX} times: try again later`,
  );
};

interface Plan {
  readonly outcome: ApplyOutcome;
  /** Null when nothing has to be written. */
  readonly write: PaymentWrite | null;
}

const TOO_MANY: Plan = { outcome: { outcome: 'too_many_events' }, write: null };

/** The oldest stays and the others are joined to it: so the time it was stored at, which lists go by, never changes. */
const compareByAge = (a: PaymentItem, b: PaymentItem): number =>
  a.storedAt - b.storedAt || (a.anchor < b.anchor ? -1 : 1);

const planOf = (
  found: readonly PaymentItem[],
  change: EventsOfPayment,
  names: readonly string[],
  at: EpochMs,
): Plan => {
  const [kept, ...joined] = found.toSorted(compareByAge);
  const result = recordEvents(
    found.map(({ recorded }) => recorded),
    change,
  );
  if (result.outcome === 'too_many_events') return TOO_MANY;
  const { payment, received, recorded, isChanged } = result;
  const outcome: ApplyOutcome = { outcome: 'applied', payment, received };

  const anchor = kept?.anchor ?? payment.paymentId;
  const allNames = new Set([...payment.names.map(({ id }) => id), ...names, ...found.flatMap((item) => item.names)]);
  const renamings = renamingsOf(allNames, kept, joined);
  if (kept !== undefined && !isChanged && renamings.length === 0) return { outcome, write: null };

  const packed = packRecorded(recorded);
  if (packed === null || allNames.size > NAMES_MAX) return TOO_MANY;
  const stored = {
    anchor,
    names: [...allNames],
    storedAt: kept?.storedAt ?? at,
    changedAt: isChanged ? at : (kept?.changedAt ?? at),
    revision: (kept?.revision ?? 0) + 1,
  };
  const item = paymentItemOf(change, stored, packed, payment);
  return { outcome, write: { owner: change, anchor, item, revision: kept?.revision ?? null, renamings, joined } };
};

const renamingsOf = (
  names: ReadonlySet<string>,
  kept: PaymentItem | undefined,
  joined: readonly PaymentItem[],
): readonly Renaming[] => {
  const leadsTo = new Map(joined.flatMap((item) => item.names.map((name): [string, string] => [name, item.anchor])));
  const known = new Set(kept?.names);
  return [...names].filter((name) => !known.has(name)).map((name) => ({ name, from: leadsTo.get(name) ?? null }));
};
