/** Adds and removes operators. Each is in the trail before it takes effect. */
import type { AuditAppend } from '../audit/audit-log.ts';
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Randomness } from '../core/ports/randomness.ts';
import type { Actor } from '../core/webhook.ts';
import type { OperatorStore } from './operator.ts';
import { entryForOperator } from './operator-entry.ts';
import { hashPassphrase } from './passphrase.ts';
import type { Role } from './roles.ts';

export interface ChangeOperatorsDeps {
  readonly store: OperatorStore;
  readonly auditLog: AuditAppend;
  readonly clock: Pick<Clock, 'now'>;
  readonly randomness: Pick<Randomness, 'bytes'>;
}

export interface AddOperator {
  readonly name: string;
  readonly role: Role;
  readonly passphrase: string;
  readonly by: Actor;
}

export type AddOperatorOutcome = 'added' | 'there' | 'full';

export const createAddOperator =
  ({ store, auditLog, clock, randomness }: ChangeOperatorsDeps) =>
  async ({ name, role, passphrase: text, by }: AddOperator): Promise<AddOperatorOutcome> => {
    const passphrase = await hashPassphrase(text, randomness);
    const before = store.all();
    if (before.some((one) => one.name === name)) return 'there';
    if (before.length >= LIMITS.operatorsMax) return 'full';
    const at = clock.now();
    const change = { from: null, to: role };
    await auditLog.append([entryForOperator({ event: 'OPERATOR_ADDED', at, actor: by, name, reason: null, change })]);
    store.write([...before, { name, role, passphrase, addedAt: at }].toSorted((a, b) => (a.name < b.name ? -1 : 1)));
    return 'added';
  };

export type RemoveOperatorOutcome = 'removed' | 'missing' | 'last_approver';

export const createRemoveOperator =
  ({ store, auditLog, clock }: Omit<ChangeOperatorsDeps, 'randomness'>) =>
  async (name: string, by: Actor, reason: string | null): Promise<RemoveOperatorOutcome> => {
    const before = store.all();
    const removed = before.find((one) => one.name === name);
    if (removed === undefined) return 'missing';
    const left = before.filter((one) => one !== removed);
    // Of those who stay nobody could add another one.
    if (removed.role === 'approver' && left.length > 0 && !left.some(({ role }) => role === 'approver')) {
      return 'last_approver';
    }
    const change = { from: removed.role, to: 'removed' };
    const told = { event: 'OPERATOR_REMOVED', at: clock.now(), actor: by, name, reason, change } as const;
    await auditLog.append([entryForOperator(told)]);
    store.write(left);
    return 'removed';
  };
