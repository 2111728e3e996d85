/**
 * Seals payloads: zstd where that is worth its time, then AES-256-GCM under a data key, bound to the webhook they belong
 * to. A sealed payload cannot be read, changed or moved to another webhook without the key.
 */
import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import {
  AS_IT_WAS,
  COMPRESSED,
  compressPayload,
  decompressPayload,
  isPayloadFormat,
  PAYLOAD_BYTES_MAX,
  type PayloadFormat,
  WITH_DICTIONARY,
} from './compress-payload.ts';
import { PayhookError } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { Clock } from './ports/clock.ts';
import type { DataKey, DataKeySource } from './ports/data-key-source.ts';
import type { Randomness } from './ports/randomness.ts';
import { sealLater, unsealedOf } from './seal-later.ts';
import type { EpochMs, SealedPayload, WebhookKey } from './webhook.ts';

// The layout of sealed bytes is format, nonce, tag, ciphertext.
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + NONCE_BYTES + TAG_BYTES;
/** Nonces are taken out of a block of randomness: asking for 12 bytes at a time costs more than the encryption. */
const NONCE_BLOCK_BYTES = NONCE_BYTES * 1024;

/**
 * Compresses and encrypts one payload, bound to its webhook, under a nonce that this key never sees again. Leaves the
 * payload as it is; `seal.open` turns the bytes back.
 */
export type EncryptPayload = (key: KeyObject, payload: Uint8Array, webhook: WebhookKey) => Uint8Array;

export interface SealDeps {
  readonly dataKeys: DataKeySource;
  readonly clock: Clock;
  readonly encrypt: EncryptPayload;
  /** Whether payloads are encrypted by whoever asks for their bytes first: see `sealLater`. @default at once */
  readonly isLater?: boolean;
}

export interface Seal {
  /** Throws `data_key_unavailable` when a new data key is needed and cannot be had. */
  seal(payload: Uint8Array, webhook: WebhookKey): Promise<SealedPayload>;
  /** Throws `seal_broken` when the bytes were changed or belong to another webhook, and what `DataKeySource` throws. */
  open(sealed: SealedPayload, webhook: WebhookKey): Promise<Uint8Array>;
}

interface SealingKey {
  readonly keyId: string;
  readonly key: KeyObject;
  readonly until: EpochMs;
  usesLeft: number;
}

/** Unambiguous for any id: JSON quotes it. */
const associatedData = (format: PayloadFormat, webhook: WebhookKey): Buffer =>
  Buffer.from(JSON.stringify([format, webhook.webhookId, webhook.timestamp]), 'utf8');

/**
 * A data key seals new payloads for `dataKeyAgeMsMax` or `dataKeyUsesMax` payloads, whichever ends first; then the next
 * call makes another. Old keys are opened on demand and a bounded number is remembered.
 */
export const createSeal = (deps: SealDeps): Seal => {
  let current: Promise<SealingKey> | undefined;
  const opened = new Map<string, Promise<KeyObject>>();

  const generate = async (): Promise<SealingKey> => {
    const { keyId, key } = await deps.dataKeys.generate();
    const until = deps.clock.now() + LIMITS.dataKeyAgeMsMax;
    return { keyId, key: createSecretKey(key), until, usesLeft: LIMITS.dataKeyUsesMax };
  };

  const sealingKey = async (): Promise<SealingKey> => {
    const asked = current ?? renew();
    const key = await asked;
    if (key.usesLeft > 0 && deps.clock.now() < key.until) return key;
    // Many callers find the key used up at once: the first one replaces it, the others wait for the same new key.
    return current === undefined || current === asked ? renew() : current;
  };

  const renew = (): Promise<SealingKey> => {
    const made = generate();
    current = made;
    // A failure must not stick: the next delivery asks again.
    made.catch(() => {
      if (current === made) current = undefined;
    });
    return made;
  };

  const openingKey = (keyId: string): Promise<KeyObject> => {
    const known = opened.get(keyId);
    if (known !== undefined) return known;
    const opening = deps.dataKeys.open(keyId).then((dataKey: DataKey) => createSecretKey(dataKey.key));
    opened.set(keyId, opening);
    opening.catch(() => opened.delete(keyId));
    const oldest = opened.keys().next().value;
    if (opened.size > LIMITS.dataKeysCachedMax && oldest !== undefined) opened.delete(oldest);
    return opening;
  };

  return {
    async seal(payload, webhook) {
      assert(payload.length <= PAYLOAD_BYTES_MAX, 'a payload is never larger than a body');
      const { isLater = false, encrypt } = deps;
      const sealing = await sealingKey();
      sealing.usesLeft -= 1;
      const { keyId, key } = sealing;
      if (isLater) return sealLater({ keyId, key, payload }, () => encrypt(key, payload, webhook));
      return { keyId, bytes: encrypt(key, payload, webhook) };
    },
    async open(sealed, webhook) {
      const unsealed = unsealedOf(sealed);
      if (unsealed !== undefined) return unsealed.payload;
      return decrypt(await openingKey(sealed.keyId), sealed.bytes, webhook);
    },
  };
};

export interface EncryptPayloadOptions {
  /** What is smaller is not compressed. @default everything is */
  readonly compressedBytesMin?: number;
  /** Compresses a small payload to a half of what it is otherwise. @default without */
  readonly withDictionary?: boolean;
}

export const createEncryptPayload = (
  randomness: Pick<Randomness, 'bytes'>,
  { compressedBytesMin = 0, withDictionary = false }: EncryptPayloadOptions = {},
): EncryptPayload => {
  const compressed = withDictionary ? WITH_DICTIONARY : COMPRESSED;
  let nonces = Buffer.alloc(0);
  const nextNonce = (): Buffer => {
    if (nonces.length === 0) nonces = Buffer.from(randomness.bytes(NONCE_BLOCK_BYTES));
    const nonce = nonces.subarray(0, NONCE_BYTES);
    nonces = nonces.subarray(NONCE_BYTES);
    return nonce;
  };

  return (key, payload, webhook) => {
    const format = payload.length < compressedBytesMin ? AS_IT_WAS : compressed;
    const nonce = nextNonce();
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(associatedData(format, webhook));
    const ciphertext = cipher.update(compressPayload(payload, format));
    cipher.final();
    const bytes = new Uint8Array(HEADER_BYTES + ciphertext.length);
    bytes[0] = format;
    bytes.set(nonce, 1);
    bytes.set(cipher.getAuthTag(), 1 + NONCE_BYTES);
    bytes.set(ciphertext, HEADER_BYTES);
    return bytes;
  };
};

const decrypt = (key: KeyObject, bytes: Uint8Array, webhook: WebhookKey): Uint8Array => {
  const format = bytes[0];
  if (!isPayloadFormat(format) || bytes.length < HEADER_BYTES) {
    throw new PayhookError(
      'seal_broken',
      `payload of ${webhook.webhookId} is not in sealed format ${COMPRESSED} to ${WITH_DICTIONARY}`,
    );
  }
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(associatedData(format, webhook));
  decipher.setAuthTag(bytes.subarray(1 + NONCE_BYTES, HEADER_BYTES));
  let opened: Uint8Array;
  try {
    opened = Buffer.concat([decipher.update(bytes.subarray(HEADER_BYTES)), decipher.final()]);
  } catch (error) {
    throw new PayhookError(
      'seal_broken',
      `payload of ${webhook.webhookId} was changed, or belongs to another webhook: its seal does not open`,
      { cause: error },
    );
  }
  return decompressPayload(opened, format);
};
