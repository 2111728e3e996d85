/**
 * Names a signing secret and gives nothing of it away: 32 bits of a hash over what is random and far longer. Stays the same when
 * another secret is put before it, so that what is stored goes on saying which one verified it.
 */
import { createHash } from 'node:crypto';

const FINGERPRINT_CHARS = 8;

/** `{provider}#{fingerprint}` */
export const secretIdOf = (provider: string, value: string): string => {
  const hash = createHash('sha256').update(`payhook signing secret\n${provider}\n`).update(value).digest('hex');
  return `${provider}#${hash.slice(0, FINGERPRINT_CHARS)}`;
};

/** Before 0.2 a secret was named by its place in the list, which says nothing once the list has changed. */
export const isSecretId = (id: string): boolean => /#[0-9a-f]{8}$/.test(id);
