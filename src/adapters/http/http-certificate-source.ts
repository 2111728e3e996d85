/** Fetches signing certificates over HTTPS, with bounded caches. What may be fetched was decided by the provider's file. */
import { X509Certificate } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { LIMITS } from '../../core/limits.ts';
import type { CertificateOutcome, CertificateSource } from '../../core/ports/certificate-source.ts';

export interface HttpCertificateSourceOptions {
  /** How to fetch. @default the global `fetch` */
  readonly fetch?: typeof fetch;
  /** @default `LIMITS.certificateFetchMsMax` */
  readonly timeoutMs?: number;
}

const unavailable = (reason: string): CertificateOutcome => ({ outcome: 'unavailable', reason });

/** Reads at most `bytesMax`; undefined when there is more. */
const readBounded = async (response: Response, bytesMax: number): Promise<string | undefined> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
};

/** An answer that was cut off, or holds something else, must not be remembered as the certificate of its URL. */
const isCertificate = (pem: string): boolean => {
  try {
    return pem.includes('-----BEGIN CERTIFICATE-----') && new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
};

/** Concurrent calls for one URL share one fetch. Certificates are remembered until others push them out. */
export const createHttpCertificateSource = (options: HttpCertificateSourceOptions = {}): CertificateSource => {
  // The global is looked up when it is needed: Node loads its HTTP client then, which a cold start should not wait for.
  const { fetch: fetchUrl = (...args) => fetch(...args), timeoutMs = LIMITS.certificateFetchMsMax } = options;
  const found = new LRUCache<string, CertificateOutcome>({ max: LIMITS.certificatesCachedMax });
  const failed = new LRUCache<string, CertificateOutcome>({
    max: LIMITS.certificatesCachedMax,
    ttl: LIMITS.certificateFailureRememberedMs,
  });
  const underway = new Map<string, Promise<CertificateOutcome>>();

  const fetchOnce = async (url: string): Promise<CertificateOutcome> => {
    try {
      const response = await fetchUrl(url, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
      if (response.status !== 200) {
        await response.body?.cancel();
        return unavailable(`status ${response.status}`);
      }
      const pem = await readBounded(response, LIMITS.certificateBytesMax);
      if (pem === undefined) return unavailable(`more than ${LIMITS.certificateBytesMax} bytes`);
      if (!isCertificate(pem)) return unavailable('not a PEM certificate');
      return { outcome: 'found', pem };
    } catch (error) {
      return unavailable(error instanceof Error ? error.name : 'fetch failed');
    }
  };

  const fetchAndRemember = async (url: string): Promise<CertificateOutcome> => {
    const result = await fetchOnce(url);
    (result.outcome === 'found' ? found : failed).set(url, result);
    underway.delete(url);
    return result;
  };

  return {
    async fetch(url) {
      const known = found.get(url) ?? failed.get(url) ?? underway.get(url);
      if (known !== undefined) return known;
      if (underway.size >= LIMITS.certificateFetchesUnderwayMax)
        return unavailable(`${LIMITS.certificateFetchesUnderwayMax} certificates are being fetched already`);
      const fetching = fetchAndRemember(url);
      underway.set(url, fetching);
      return fetching;
    },
  };
};
