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
