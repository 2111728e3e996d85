/** Fetches signing certificates over HTTPS, with a bounded cache. What may be fetched was decided by the provider's file. */
import { LRUCache } from 'lru-cache';
import { LIMITS } from '../../core/limits.ts';
import type { CertificateResult, CertificateSource } from '../../core/ports/certificate-source.ts';

export interface HttpCertificateSourceOptions {
  /** How to fetch. @default the global `fetch` */
  readonly fetch?: typeof fetch;
  /** @default `LIMITS.certificateFetchMsMax` */
  readonly timeoutMs?: number;
}

const unavailable = (reason: string): CertificateResult => ({ outcome: 'unavailable', reason });

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

/** Concurrent calls for one URL share one fetch; only certificates are remembered, failures never. */
export const createHttpCertificateSource = (options: HttpCertificateSourceOptions = {}): CertificateSource => {
  const { fetch: fetchUrl = fetch, timeoutMs = LIMITS.certificateFetchMsMax } = options;
  const found = new LRUCache<string, CertificateResult>({ max: LIMITS.certificatesCachedMax });
  const underway = new Map<string, Promise<CertificateResult>>();

  const fetchOnce = async (url: string): Promise<CertificateResult> => {
    try {
      const response = await fetchUrl(url, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
      if (response.status !== 200) {
        await response.body?.cancel();
        return unavailable(`status ${response.status}`);
      }
      const pem = await readBounded(response, LIMITS.certificateBytesMax);
      if (pem === undefined) return unavailable(`more than ${LIMITS.certificateBytesMax} bytes`);
      if (!pem.includes('-----BEGIN CERTIFICATE-----')) return unavailable('not a PEM certificate');
      return { outcome: 'found', pem };
    } catch (error) {
      return unavailable(error instanceof Error ? error.name : 'fetch failed');
    }
  };

  return {
    async fetch(url) {
      const known = found.get(url);
      if (known !== undefined) return known;
      const shared = underway.get(url) ?? fetchOnce(url);
      underway.set(url, shared);
      const result = await shared;
      underway.delete(url);
      if (result.outcome === 'found') found.set(url, result);
      return result;
    },
  };
};
