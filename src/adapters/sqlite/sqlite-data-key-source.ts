/** Data keys on one machine: wrapped with AES-256-GCM under the home's key file, kept in the database. */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { PayhookError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { DataKeySource } from '../../core/ports/data-key-source.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import type { SqliteExecutor } from './sqlite-executor.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

export interface SqliteDataKeySourceDeps {
  readonly executor: SqliteExecutor;
  /** 256 bits, out of the key file. */
  readonly wrappingKey: KeyObject;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

/** The wrapped form is nonce, tag, ciphertext; the key id is authenticated, so two wrapped keys cannot be swapped. */
export const createSqliteDataKeySource = (deps: SqliteDataKeySourceDeps): DataKeySource => ({
  async generate() {
    const keyId = deps.randomness.id();
    const key = deps.randomness.bytes(KEY_BYTES);
    const nonce = deps.randomness.bytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', deps.wrappingKey, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(keyId, 'utf8'));
    const ciphertext = Buffer.concat([cipher.update(key), cipher.final()]);
    const wrapped = Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
    await deps.executor.run('dataKeyKeep', { keyId, wrapped, createdAt: deps.clock.now() });
    return { keyId, key };
  },
  async open(keyId) {
    const stored = await deps.executor.run('dataKeyGet', keyId);
    if (stored === undefined) throw new PayhookError('data_key_unknown', `data key ${keyId} is not in the database`);
    const { wrapped } = stored;
    try {
      const nonce = wrapped.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', deps.wrappingKey, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(keyId, 'utf8'));
      decipher.setAuthTag(wrapped.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const key = Buffer.concat([decipher.update(wrapped.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
      return { keyId, key };
    } catch (error) {
      throw new PayhookError(
        'data_key_unknown',
        `data key ${keyId} was wrapped by another key file or is damaged: put the key file back that this database was made with`,
        { cause: error },
      );
    }
  },
});
