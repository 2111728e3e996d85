/** Makes and opens data keys: KMS on AWS, a local key file on one machine. */

export interface DataKey {
  /** Stored beside every payload that was sealed under the key. At most 512 characters. */
  readonly keyId: string;
  /** 32 bytes for AES-256-GCM. Lives in memory only. */
  readonly key: Uint8Array;
}

export interface DataKeySource {
  /**
   * A new data key that is already stored, wrapped, in a durable place: once this resolves, `open(keyId)` works in
   * every process of this home forever. Throws `data_key_unavailable` (or a store code) when the key service or
   * the place is broken.
   */
  generate(): Promise<DataKey>;
  /**
   * The key that `generate` returned under this id. Throws `data_key_unknown` when there is none or when it was wrapped
   * by another key file, `data_key_unavailable` when it cannot be read now.
   */
  open(keyId: string): Promise<DataKey>;
}
