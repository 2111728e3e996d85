/** Where signing secrets come from: environment or file on one machine, Secrets Manager on AWS. */

/** A signing secret with a name that may be logged. For PayPal it is a webhook id: not secret, but tried the same way. */
export interface Secret {
  /** `secretIdOf` it, for example `stripe#3f9a02bc`: which secret verified a delivery, without saying what it is. */
  readonly id: string;
  readonly value: string;
}

export interface SecretSource {
  /**
   * All secrets of the provider that are valid now, in the order in which they are tried; several while one is being
   * rolled. Empty when none is configured: the provider then answers 404. Never returns a stale list older than five
   * minutes. Throws `secrets_unavailable` when the source cannot be read.
   */
  secretsOf(provider: string): Promise<readonly Secret[]>;
}
