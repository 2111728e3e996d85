/** Signs audit digests: an Ed25519 key file on one machine, an asymmetric KMS key on AWS. */
export interface DigestSigner {
  /** Names the key, so that a digest can be checked after the key was replaced. */
  readonly keyId: string;
  /** Signature of the bytes, base64. */
  sign(bytes: Uint8Array): Promise<string>;
  /** Whether the key called `keyId` signed these bytes. False also for a key nobody knows. */
  verify(keyId: string, bytes: Uint8Array, signature: string): Promise<boolean>;
  /** The public half of the key called `keyId`, as PEM, for whoever checks elsewhere. Undefined for a key nobody knows. */
  publicKey(keyId: string): Promise<string | undefined>;
}
