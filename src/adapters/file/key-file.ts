/** The kinds of key files of the local home: how each is made, read, and named by its fingerprint. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { type ErrorCode, PayhookError } from '../../core/errors.ts';
import { generateDestinationSecret, problemOfDestinationSecret } from '../../destinations/destination-secret.ts';
import { createSecretFile, findSecretFile } from './secret-file.ts';

export interface KeyKind<Key, Purpose extends string = string> {
  readonly purpose: Purpose;
  /** What it is called in a sentence. */
  readonly title: string;
  /** What a file of this kind holds, in a sentence. */
  readonly content: string;
  /** The text of a new file. */
  readonly make: () => string;
  /** Undefined when the text holds no such key. White space around it does not matter. */
  readonly read: (text: string) => Key | undefined;
  readonly fingerprintOf: (key: Key) => string;
}

export interface FingerprintedKey<Key> {
  readonly key: Key;
  readonly fingerprint: string;
}

/** As of a secret file; `found` when there is a key of the kind in it. */
export type FoundKey<Key> =
  | ({ readonly outcome: 'found' } & FingerprintedKey<Key>)
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'unusable'; readonly code: ErrorCode; readonly why: string; readonly advice: string };

/** Names a key and gives nothing of it away: 64 bits of a hash over at least 192 random ones. */
const FINGERPRINT_CHARS = 16;
const KEY_BYTES = 32;

const fingerprint = (kind: string, bytes: Uint8Array): string =>
  createHash('sha256').update(kind).update(bytes).digest('hex').slice(0, FINGERPRINT_CHARS);

/** Wraps the data keys of payloads. */
export const PAYLOAD_KEY: KeyKind<KeyObject, 'payload'> = {
  purpose: 'payload',
  title: 'payload key',
  content: `a key of ${KEY_BYTES} bytes in base64`,
  make: () => `${randomBytes(KEY_BYTES).toString('base64')}\n`,
  read(text) {
    const bytes = Buffer.from(text.trim(), 'base64');
    return bytes.length === KEY_BYTES ? createSecretKey(bytes) : undefined;
  },
  fingerprintOf: (key) => fingerprint('payhook payload key', key.export()),
};

/** Signs the digests of the audit trail. Its fingerprint is the key id that they carry. */
export const AUDIT_KEY: KeyKind<KeyObject, 'audit'> = {
  purpose: 'audit',
  title: 'audit signing key',
  content: 'an Ed25519 private key in PEM form',
  make: () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  read(text) {
    try {
      const key = createPrivateKey(text.trim());
      return key.asymmetricKeyType === 'ed25519' ? key : undefined;
    } catch {
      // What it complains of could quote the file; that there is no key in it says enough.
      return undefined;
    }
  },
  fingerprintOf: (key) => fingerprint('', createPublicKey(key).export({ type: 'spki', format: 'der' })),
};

/** Signs the messages to one destination while none is configured. */
export const DESTINATION_SECRET: KeyKind<string, 'destination'> = {
  purpose: 'destination',
  title: 'secret of the destination',
  content: 'whsec_ and 24 to 64 bytes in base64',
  make: () => `${generateDestinationSecret(randomBytes)}\n`,
  read(text) {
    const secret = text.trim();
    return problemOfDestinationSecret(secret) === null ? secret : undefined;
  },
  fingerprintOf: (secret) => fingerprint('payhook destination secret', Buffer.from(secret)),
};

/** What stands in the place of the key; changes nothing. */
export const findKeyFile = <Key>(kind: KeyKind<Key>, path: string): FoundKey<Key> => {
  const found = findSecretFile(path);
  if (found.outcome !== 'found') return found;
  const key = kind.read(found.text);
  if (key !== undefined) return { outcome: 'found', key, fingerprint: kind.fingerprintOf(key) };
  const why = found.text.trim() === '' ? 'is empty' : `does not hold ${kind.content}`;
  return { outcome: 'unusable', code: 'configuration_invalid', why, advice: 'restore it from a backup' };
};

/** Makes a key, and the file at `pathOf(fingerprint)` with it. A file that is there already is used as it is. */
export const createKeyFile = <Key>(
  kind: KeyKind<Key>,
  pathOf: (fingerprint: string) => string,
): FingerprintedKey<Key> => {
  const text = kind.make();
  const made = kind.read(text);
  const path = pathOf(made === undefined ? '' : kind.fingerprintOf(made));
  createSecretFile(path, text);
  const found = findKeyFile(kind, path);
  if (found.outcome === 'found') return found;
  throw new PayhookError(
    'store_unavailable',
    `${path} vanished while it was made: is another program cleaning the folder?`,
  );
};
