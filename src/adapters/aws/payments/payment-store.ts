/**
 * Payments in a DynamoDB table whose only key is `id`. A webhook of a payment that was first stored under the first of its
 * names costs one read, of what may be a moment old, and one conditional write of one item, the first one of a payment with one name
 * too. A further name costs a write of its item, before the payment's; joining payments costs a transaction.
 */

import assert from 'node:assert/strict';
import { PayhookError } from '../../../core/errors.ts';
import type { Randomness } from '../../../core/ports/randomness.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import type { ApplyOutcome, PaymentStore } from '../../../payments/payment-store.ts';
import { knownOf, recordEvents } from '../../../payments/record-events.ts';
import type { EventsOfPayment } from '../../../payments/reduce-payment.ts';
import { damaged } from '../dynamodb/errors.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { pauseAfter, TRIES_MAX } from './if-unchanged.ts';
import { NAMES_MAX, nameKey, type PaymentItem } from './items.ts';
import { createDynamodbPaymentList } from './list.ts';
import { amountsOfPayments, findPayments, type LookedUp, lookUpPayments } from './lookup.ts';
import { packRecorded } from './pack-events.ts';
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
  apply: (change, at, { isPaymentWanted = true } = {}) => applyChange(deps, change, at, isPaymentWanted),
  applyToSubject: (change, at) => applyToSubject(deps, change, at),
  find: (paymentId) => findPayments(deps, paymentId),
  amountsOf: (paymentIds) => amountsOfPayments(deps, paymentIds),
  list: createDynamodbPaymentList(deps),
});

const applyChange = async (
  deps: DynamodbPaymentStoreDeps,
  change: EventsOfPayment,
  at: EpochMs,
  isPaymentWanted: boolean,
): Promise<ApplyOutcome> => {
  const names = [...new Set(change.names.map(({ id }) => id))];
  assert(names.length > 0, 'events of a payment name it');
  if (names.length > NAMES_MAX) return { outcome: 'too_many_events' };
  let isEverFound = false;
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    // What was read a moment too early is not written: the second time it is read as it stands.
    const lookup = await lookUpPayments(deps, change, names, { isConsistent: tries > 1 });
    if (lookup.outcome === 'looked_up') {
      isEverFound = true;
      const plan = planOf(lookup, change, names, at, isPaymentWanted);
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
  found: LookedUp,
  change: EventsOfPayment,
  names: readonly string[],
  at: EpochMs,
  isPaymentWanted: boolean,
): Plan => {
  const [kept, ...joined] = found.payments.toSorted(compareByAge);
  const result = recordEvents(
    found.payments.map(({ recorded }) => recorded),
    change,
  );
  if (result.outcome === 'too_many_events') return TOO_MANY;
  const { received, recorded, isChanged } = result;
  const known = knownOf(recorded, isPaymentWanted);
  const { summary } = known;
  const outcome: ApplyOutcome = { outcome: 'applied', ...known, received };

  const anchor = kept?.anchor ?? newAnchorOf(summary.paymentId, names);
  const allNames = new Set([
    ...summary.names.map(({ id }) => id),
    ...names,
    ...found.payments.flatMap((item) => item.names),
  ]);
  const renamings = renamingsOf(allNames, found, kept, joined);
  if (kept !== undefined && !isChanged && renamings.length === 0) return { outcome, write: null };

  const packed = packRecorded(recorded);
  if (packed === null || allNames.size > NAMES_MAX) return TOO_MANY;
  const payment = {
    anchor,
    names: [...allNames],
    storedAt: kept?.storedAt ?? at,
    changedAt: isChanged ? at : (kept?.changedAt ?? at),
    revision: (kept?.revision ?? 0) + 1,
  };
  const isApart = kept?.isApart ?? found.taken.has(anchor);
  return { outcome, write: { owner: change, payment, isApart, packed, view: summary, renamings, joined } };
};

/** One of the names that were looked up: whether it is taken is known of these only. */
const newAnchorOf = (paymentId: string, names: readonly string[]): string =>
  names.includes(paymentId) ? paymentId : (names[0] ?? paymentId);

const renamingsOf = (
  names: ReadonlySet<string>,
  { leadsTo }: LookedUp,
  kept: PaymentItem | undefined,
  joined: readonly PaymentItem[],
): readonly Renaming[] => {
  const before = new Map(joined.flatMap((item) => item.names.map((name): [string, string] => [name, item.anchor])));
  const known = new Set(kept?.names);
  return [...names]
    .filter((name) => !known.has(name))
    .map((name) => ({ name, from: leadsTo.get(name) ?? before.get(name) ?? null }));
};
