/**
 * Remembers the newest digest outside the audit log, so that cutting the end off the log shows. A file beside the
 * database on one machine, an object under a retention lock on AWS.
 */
export interface AnchoredDigest {
  readonly number: number;
  readonly hash: string;
}

export interface DigestAnchor {
  /** Undefined when nothing was ever anchored. */
  read(): Promise<AnchoredDigest | undefined>;
  /** Replaces the anchor at once or not at all. Refuses nothing: the caller anchors digests in order. */
  write(digest: AnchoredDigest): Promise<void>;
}

/** The anchor in a text, in whichever home it is kept; undefined when it is none: edited, cut off, or somebody else's. */
export const anchorIn = (text: string): AnchoredDigest | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isAnchor(value) ? { number: value.number, hash: value.hash } : undefined;
  } catch {
    // Not JSON: none, like any other text.
    return undefined;
  }
};

const isAnchor = (value: unknown): value is AnchoredDigest =>
  typeof value === 'object' &&
  value !== null &&
  'number' in value &&
  Number.isSafeInteger(value.number) &&
  Number(value.number) >= 0 &&
  'hash' in value &&
  typeof value.hash === 'string' &&
  /^[0-9a-f]{64}$/.test(value.hash);
