/**
 * A passphrase as it is kept: what scrypt makes of it, which is slow to compute and needs memory, so that whoever gets the file
 * cannot try many. N 2^15, r 8, p 3: one of the settings that OWASP names, with 32 MiB.
 */
import { scrypt, timingSafeEqual } from 'node:crypto';
import { LIMITS } from '../core/limits.ts';
import type { Randomness } from '../core/ports/randomness.ts';

/** Bytes as base64. The costs stand beside them: those of later releases may be higher. */
export interface PassphraseHash {
  readonly n: number;
  readonly r: number;
  readonly p: number;
  readonly salt: string;
  readonly hash: string;
}

type Cost = Pick<PassphraseHash, 'n' | 'r' | 'p'>;

const COST: Cost = { n: 2 ** 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Null when it may be used. */
export const problemOfPassphrase = (passphrase: string): string | null => {
  const { length } = passphrase;
  if (length < LIMITS.passphraseCharsMin) return `has ${length} characters: ${LIMITS.passphraseCharsMin} are the least`;
  return length > LIMITS.passphraseCharsMax ? `has more than ${LIMITS.passphraseCharsMax} characters` : null;
};

const derive = (passphrase: string, salt: Uint8Array, { n, r, p }: Cost) =>
  new Promise<Uint8Array>((resolve, reject) => {
    // Written in two ways on two keyboards, it is the same.
    const text = passphrase.normalize('NFKC');
    // Twice of what is needed: Node refuses less than a little more than it.
    const options = { N: n, r, p, maxmem: 256 * (n + p) * r };
    scrypt(text, salt, HASH_BYTES, options, (error, bytes) => (error === null ? resolve(bytes) : reject(error)));
  });

export const hashPassphrase = async (
  passphrase: string,
  randomness: Pick<Randomness, 'bytes'>,
  cost: Cost = COST,
): Promise<PassphraseHash> => {
  const salt = randomness.bytes(SALT_BYTES);
  const hash = await derive(passphrase, salt, cost);
  return { ...cost, salt: Buffer.from(salt).toString('base64'), hash: Buffer.from(hash).toString('base64') };
};

/** Of nobody: what a name that is not known is compared with, so that it takes as long. */
const NOBODY: PassphraseHash = {
  ...COST,
  salt: Buffer.alloc(SALT_BYTES).toString('base64'),
  hash: Buffer.alloc(HASH_BYTES).toString('base64'),
};

/** Takes as long for a wrong one as for the right one, and as long when there is no such operator. */
export const isPassphrase = async (given: string, kept: PassphraseHash | undefined): Promise<boolean> => {
  const { salt, hash, ...cost } = kept ?? NOBODY;
  const isShort = given.length <= LIMITS.passphraseCharsMax;
  const derived = await derive(isShort ? given : '', Buffer.from(salt, 'base64'), cost);
  const expected = Buffer.from(hash, 'base64');
  const isSame = derived.length === expected.length && timingSafeEqual(derived, expected);
  return isSame && isShort && kept !== undefined;
};
