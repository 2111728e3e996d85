/** Fetches signing certificates over HTTPS, with bounded caches. What may be fetched was decided by the provider's file. */
import { X509Certificate } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { LIMITS } from '../../core/limits.ts';
import type { CertificateOutcome, CertificateSource, KeptCertificates } from '../../core/ports/certificate-source.ts';
import { createShares, type Sender } from '../../core/shares.ts';
import { MINUTE_MS } from '../../core/time.ts';

export interface HttpCertificateSourceOptions {
  /** How to fetch. @default the global `fetch` */
  readonly fetch?: typeof fetch;
  /** @default `LIMITS.certificateFetchMsMax` */
  readonly timeoutMs?: number;
  /** Where found ones outlive the process. @default nowhere */
  readonly kept?: KeptCertificates;
  /** Milliseconds of a clock that never jumps. @default that of the process */
  readonly now?: () => number;
}

/** What one look-up came to. `isMissing`: there is no such certificate, rather than that it cannot be had now. */
type LookUp = CertificateOutcome & { readonly isMissing?: boolean };

const unavailable = (reason: string, isMissing = false): LookUp => ({ outcome: 'unavailable', reason, isMissing });

const NOBODY_KNOWN: Sender = { address: 'unknown', isLimited: true, hasReserve: false };

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
  const { fetch: fetchUrl = (...args) => fetch(...args), timeoutMs = LIMITS.certificateFetchMsMax, kept } = options;
  const found = new LRUCache<string, CertificateOutcome>({ max: LIMITS.certificatesCachedMax });
  for (const [url, pem] of kept?.read() ?? []) if (isCertificate(pem)) found.set(url, { outcome: 'found', pem });
  const failed = new LRUCache<string, CertificateOutcome>({
    max: LIMITS.certificatesCachedMax,
    ttl: LIMITS.certificateFailureRememberedMs,
  });
  const underway = new Map<string, Promise<CertificateOutcome>>();
  const limit = createLookUpLimit(options.now);

  const lookUp = async (url: string): Promise<LookUp> => {
    try {
      const response = await fetchUrl(url, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
      if (response.status !== 200) {
        await response.body?.cancel();
        return unavailable(`status ${response.status}`, response.status >= 300 && response.status < 500);
      }
      const pem = await readBounded(response, LIMITS.certificateBytesMax);
      if (pem === undefined) return unavailable(`more than ${LIMITS.certificateBytesMax} bytes`, true);
      if (!isCertificate(pem)) return unavailable('not a PEM certificate', true);
      return { outcome: 'found', pem };
    } catch (error) {
      return unavailable(error instanceof Error ? error.name : 'fetch failed');
    }
  };

  const lookUpAndRemember = async (url: string, sender: Sender): Promise<CertificateOutcome> => {
    const { isMissing = false, ...result } = await lookUp(url);
    limit.end(sender, isMissing);
    underway.delete(url);
    if (result.outcome !== 'found') {
      failed.set(url, result);
      return result;
    }
    found.set(url, result);
    kept?.write(new Map([...found.entries()].flatMap(([at, one]) => (one.outcome === 'found' ? [[at, one.pem]] : []))));
    return result;
  };

  return {
    async fetch(url, sender = NOBODY_KNOWN) {
      const known = found.get(url) ?? failed.get(url) ?? underway.get(url);
      if (known !== undefined) return known;
      if (!limit.begin(sender)) return { outcome: 'unavailable', reason: 'too many certificates are asked for' };
      const looking = lookUpAndRemember(url, sender);
      underway.set(url, looking);
      return looking;
    },
  };
};

/** How many look-ups a sender may have: at a time, and in a minute of those that found nothing. */
const createLookUpLimit = (now = () => performance.now()) => {
  const slots = createShares({
    max: LIMITS.certificateFetchesUnderwayMax,
    ofStrangersMax: LIMITS.certificateFetchesOfStrangersMax,
    ofFreeMax: LIMITS.certificateFetchesOfFreeMax,
  });
  const misses = createShares({
    max: LIMITS.certificateMissesPerMinuteMax,
    ofStrangersMax: LIMITS.certificateMissesOfStrangersMax,
    ofFreeMax: LIMITS.shareOfFreeMax,
  });
  let minute = 0;
  const missesOfThisMinute = () => {
    const thisMinute = Math.floor(now() / MINUTE_MS);
    if (thisMinute !== minute) misses.clear();
    minute = thisMinute;
    return misses;
  };
  return {
    begin(sender: Sender): boolean {
      if (!missesOfThisMinute().canTake(sender)) return false;
      return slots.take(sender);
    },
    end(sender: Sender, isMiss: boolean): void {
      slots.give(sender);
      if (isMiss) missesOfThisMinute().take(sender);
    },
  };
};
