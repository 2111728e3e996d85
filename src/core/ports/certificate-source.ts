/** Where a provider's signing certificates come from (PayPal signs with a certificate at a URL). */

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
   */
  fetch(url: string): Promise<CertificateOutcome>;
}
