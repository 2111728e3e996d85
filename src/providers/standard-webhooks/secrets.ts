/** Secrets of senders as they are configured: whose they are, the key in each, and which are none. */
import { createPublicKey, hash as digestOf, type KeyObject } from 'node:crypto';
import type { Secret } from '../../core/ports/secret-source.ts';
import type { LabelledSecret } from '../secret-label.ts';
import { commonProblem, isPlaceholder } from '../secret-shape.ts';

export const ED25519_KEY_BYTES = 32;
/** What stands before a raw ed25519 key in DER: the algorithm 1.3.101.112 and the lengths (RFC 8410 sections 4 and 7). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** `name=secret`, of one sender or several of a sender; and the form in which Supabase shows a secret, `v1,whsec_…`. */
const NAMED = /^([a-z][a-z0-9-]{0,31})=(?!=|$)(.*)$/s;
const VERSION_PREFIX = /^v1a?,(?=wh(?:sec|pk|sk)_)/;

export const readSecret = (secret: string): LabelledSecret => {
  const text = secret.trim();
  const [, label = null, value = text] = NAMED.exec(text) ?? [];
  return { label, value: value.trim().replace(VERSION_PREFIX, '') };
};

/** A comma list in which a comma also belongs to `v1,whsec_…`; Supabase separates by a bar. */
export const splitSecrets = (text: string): readonly string[] => text.split(/[,|](?<!(?:^|[,|=\s])v1a?,)/);

/**
 * Whose secret it is, for the key: senders choose their ids, so two may choose one. The first secret without a name is the
 * sender whose webhooks are stored under their id alone; any further one is named by its own hash, which does not move with
 * its place in the list.
 */
export const senderOf = (secret: Secret, secrets: readonly Secret[]): string | null => {
  const { label, value } = readSecret(secret.value);
  if (label !== null) return label;
  const isFirst = secrets.find((other) => readSecret(other.value).label === null) === secret;
  return isFirst ? null : `secret-${digestOf('sha256', value, 'hex').slice(0, 8)}`;
};

export const bytesAfterPrefix = (secret: string, prefix: string): Buffer | null => {
  const text = secret.startsWith(prefix) ? secret.slice(prefix.length) : secret;
  return BASE64.test(text) ? Buffer.from(text, 'base64') : null;
};

export const publicKeyOf = (secret: string): KeyObject | null => {
  const raw = bytesAfterPrefix(secret, 'whpk_');
  if (raw?.byteLength !== ED25519_KEY_BYTES) return null;
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
};

const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;

/** 48 bytes in base64, if one likes; but hex throughout, it is a key of another provider. */
const HEX = /^[0-9a-fA-F]+$/;

export const checkSecret = (value: string): string | null => {
  const secret = readSecret(value).value;
  if (/\s/.test(secret)) return 'contains white space';
  const problem = commonProblem(secret);
  if (problem !== null) return `${problem}; expected whsec_… or whpk_…, or name=whsec_…`;
  if (secret.startsWith('whsk_'))
    return 'is a private key (whsk_…): configure the public half (whpk_…), which is enough';
  if (secret.startsWith('whpk_')) {
    return publicKeyOf(secret) === null ? 'is not an ed25519 public key: whpk_ and 32 bytes in base64' : null;
  }
  const count = bytesAfterPrefix(secret, 'whsec_')?.byteLength ?? 0;
  const isLong = count >= SECRET_BYTES_MIN && count <= SECRET_BYTES_MAX;
  const isSecret = isLong && !HEX.test(secret) && !isPlaceholder(secret);
  return isSecret ? null : `is not whsec_ and ${SECRET_BYTES_MIN} to ${SECRET_BYTES_MAX} bytes in base64`;
};
