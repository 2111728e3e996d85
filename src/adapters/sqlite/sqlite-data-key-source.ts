/** Data keys on one machine: wrapped under the payload keys of the home, kept in the database. */
import type { KeyObject } from 'node:crypto';
import { PayhookError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { DataKeySource } from '../../core/ports/data-key-source.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import type { SqliteExecutor } from './sqlite-executor.ts';
import { unwrapDataKey, WRAPPING_NONCE_BYTES, wrapDataKey } from './wrapped-data-key.ts';

const KEY_BYTES = 32;

/** Out of a key file: 256 bits, and what they are called. */
export interface PayloadKey {
  readonly key: KeyObject;
  readonly fingerprint: string;
}

export interface SqliteDataKeySourceDeps {
  readonly executor: SqliteExecutor;
  /** Wraps new data keys. */
  readonly payloadKey: PayloadKey;
  /** Open those that they have wrapped. @default none */
  readonly olderPayloadKeys?: readonly PayloadKey[];
  readonly clock: Clock;
  readonly randomness: Randomness;
}

export const createSqliteDataKeySource = (deps: SqliteDataKeySourceDeps): DataKeySource => {
  const { executor, payloadKey, olderPayloadKeys = [], clock, randomness } = deps;
  const keys = new Map([payloadKey, ...olderPayloadKeys].map(({ fingerprint, key }) => [fingerprint, key]));
  return {
    async generate() {
      const keyId = randomness.id();
      const key = randomness.bytes(KEY_BYTES);
      const wrapped = wrapDataKey(payloadKey.key, keyId, key, randomness.bytes(WRAPPING_NONCE_BYTES));
      const wrappedBy = payloadKey.fingerprint;
      await executor.run('dataKeyKeep', { keyId, wrapped, createdAt: clock.now(), wrappedBy });
      return { keyId, key };
    },
    async open(keyId) {
      const stored = await executor.run('dataKeyGet', keyId);
      if (stored === undefined) throw new PayhookError('data_key_unknown', `data key ${keyId} is not in the database`);
      const wrappingKey = keys.get(stored.wrappedBy ?? '');
      const key = wrappingKey === undefined ? undefined : unwrapDataKey(wrappingKey, keyId, stored.wrapped);
      if (key !== undefined) return { keyId, key };
      throw new PayhookError(
        'data_key_unknown',
        `data key ${keyId} was wrapped by another key file or is damaged: restore database and key files from the same backup`,
      );
    },
  };
};
