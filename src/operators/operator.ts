/** An operator with a name of their own, and where operators are kept. */
import type { EpochMs } from '../core/webhook.ts';
import type { PassphraseHash } from './passphrase.ts';
import type { Role } from './roles.ts';

export interface Operator {
  readonly name: string;
  readonly role: Role;
  readonly passphrase: PassphraseHash;
  readonly addedAt: EpochMs;
}

/** One process changes it at a time; the others see the change with their next call. */
export interface OperatorStore {
  /** By name; none where no operators are defined. Throws `configuration_invalid` when what is kept cannot be read. */
  all(): readonly Operator[];
  /** Replaces all. Durable once this returns. */
  write(operators: readonly Operator[]): void;
}

/** Null for a name that may be used: it stands in the trail, in lists and on the command line. */
export const problemOfOperatorName = (name: string): string | null =>
  /^[a-z][a-z0-9._-]{0,31}$/.test(name)
    ? null
    : 'is no name of an operator: give 1 to 32 of a-z, 0-9, dot, dash and underscore, a letter first';
