/**
 * Who may act on a home. Where operators are defined, only they, each by name and passphrase; elsewhere whoever runs the
 * process, as the system or AWS knows them.
 */
import { readRecord, SIGN_IN_CHAIN } from '../audit/audit.ts';
import type { AuditAppend, AuditReader } from '../audit/audit-log.ts';
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Actor, EpochMs } from '../core/webhook.ts';
import type { Operator, OperatorStore } from './operator.ts';
import { entryForOperator } from './operator-entry.ts';
import { isPassphrase } from './passphrase.ts';
import { type Permission, type Role, whyNot } from './roles.ts';

/** Whoever acts, for the trail, and what they may. */
export interface Person {
  readonly operator: Actor;
  readonly role: Role;
}

export type SignInOutcome =
  | { readonly outcome: 'in'; readonly person: Person }
  /** No such name, or not this passphrase: which of both is not said. */
  | { readonly outcome: 'wrong' }
  /** Too many were wrong: the right one is wrong too until then. */
  | { readonly outcome: 'locked'; readonly until: EpochMs };

export interface Operators {
  /** Whoever runs this process. Acts where no operators are defined. */
  readonly user: Actor;
  areDefined(): boolean;
  /** Those that are defined, by name; never a passphrase. */
  list(): readonly Pick<Operator, 'name' | 'role' | 'addedAt'>[];
  /** Of those that are defined, as of now: null for whoever was removed, or never was one. */
  roleOf(operator: Actor): Role | null;
  /** Wrong ones are in the trail, and are counted there: for whichever process asks next. */
  signIn(name: string, passphrase: string): Promise<SignInOutcome>;
  /** Null for whoever may; else the reason, which is in the trail then, where operators are defined. */
  refuse(person: Person, permission: Permission): Promise<string | null>;
}

export interface OperatorsDeps {
  readonly store: Pick<OperatorStore, 'all'>;
  readonly user: Actor;
  readonly auditLog: AuditAppend & Pick<AuditReader, 'chain'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Wrong ones of one name are counted where they are told. Those of no operator are counted together. */
const chainOf = (known: Operator | undefined): string =>
  known === undefined ? SIGN_IN_CHAIN : `${SIGN_IN_CHAIN}:${known.name}`;

export const createOperators = ({ store, user, auditLog, clock }: OperatorsDeps): Operators => {
  const named = (name: string): Operator | undefined => store.all().find((one) => one.name === name);

  const lockedUntil = async (chainId: string): Promise<EpochMs | null> => {
    const refused = (await auditLog.chain(chainId, LIMITS.signInsWrongMax)).map(readRecord);
    const [oldest] = refused;
    if (oldest === undefined || refused.length < LIMITS.signInsWrongMax) return null;
    const until = Date.parse(oldest.ts) + LIMITS.signInLockMs;
    const leftMs = until - clock.now();
    // What was told while the clock was ahead must not keep everybody out until then.
    return leftMs > 0 && leftMs <= LIMITS.signInLockMs ? until : null;
  };

  const signIn = async (name: string, passphrase: string): Promise<SignInOutcome> => {
    const known = named(name);
    const chainId = chainOf(known);
    const until = await lockedUntil(chainId);
    if (until !== null) return { outcome: 'locked', until };
    if ((await isPassphrase(passphrase, known?.passphrase)) && known !== undefined) {
      return { outcome: 'in', person: { operator: { type: 'operator', id: known.name }, role: known.role } };
    }
    const reason = known === undefined ? 'unknown_operator' : 'wrong_passphrase';
    // What was typed for a name may be a passphrase.
    const told = { event: 'OPERATOR_REFUSED', at: clock.now(), actor: user, reason, chainId } as const;
    await auditLog.append([entryForOperator({ ...told, name: known?.name ?? 'unknown' })]);
    return { outcome: 'wrong' };
  };

  /** One after the other: many at once would all be compared before the first wrong one is counted. */
  let last: Promise<unknown> = Promise.resolve();
  return {
    user,
    areDefined: () => store.all().length > 0,
    list: () => store.all().map(({ name, role, addedAt }) => ({ name, role, addedAt })),
    roleOf: ({ type, id }) => (type === 'operator' ? (named(id)?.role ?? null) : null),
    signIn(name, passphrase) {
      const next = last.then(() => signIn(name, passphrase));
      last = next.catch(() => undefined);
      return next;
    },
    async refuse({ operator, role }, permission) {
      const why = whyNot(role, permission);
      if (why === null || store.all().length === 0) return why;
      const told = { event: 'OPERATOR_REFUSED', at: clock.now(), actor: operator, name: operator.id } as const;
      await auditLog.append([entryForOperator({ ...told, reason: `role_${role}_may_not_${permission}` })]);
      return why;
    },
  };
};
