/** Where a provider's signing certificates come from (PayPal signs with a certificate at a URL). */
import type { Sender } from '../shares.ts';

export type CertificateOutcome =
  | { readonly outcome: 'found'; readonly pem: string }
  /** Cannot be had now: time-out, 5xx, redirect, not a certificate. The delivery is answered 503 and comes again. */
  | { readonly outcome: 'unavailable'; readonly reason: string };

export interface CertificateSource {
  /**
   * The certificate at this URL, as PEM. The caller has already checked scheme, host and path: a source never decides
   * what to trust. Does not follow redirects, reads at most `certificateBytesMax`, answers within
   * `certificateFetchMsMax`, and may cache forever (a URL never changes its certificate). Concurrent calls for one URL
   * cause one fetch. A failure is never cached longer than a few seconds. Does not throw.
   *
   * `sender` is who named the URL: anybody can name certificates that are not there, so what one sender may have asked for
   * is bounded, and above that it is `unavailable`. @default somebody of whom nothing is known
   */
  fetch(url: string, sender?: Sender): Promise<CertificateOutcome>;
}

/** Certificates that were found, where they outlive the process. A cache: what is lost is fetched again. */
export interface KeptCertificates {
  /** By URL. Empty when there are none, or none that can be read. */
  read(): ReadonlyMap<string, string>;
  /** Keeps these and no others, sooner or later; does not throw. */
  write(pemByUrl: ReadonlyMap<string, string>): void;
}
