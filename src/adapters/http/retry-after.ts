/** How long an answer asks us to wait (RFC 9110 section 10.2.3). */
import { LIMITS } from '../../core/limits.ts';
import type { EpochMs } from '../../core/webhook.ts';

const SECONDS = /^\d{1,15}$/;
/** The date that RFC 9110 wants written; the two obsolete forms are not read. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** What a `Date` header says; undefined when it is not there or unreadable. */
export const dateOf = (header: string | null): EpochMs | undefined => {
  const at = HTTP_DATE.test(header ?? '') ? Date.parse(header ?? '') : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
};

const waitMsOf = (text: string, now: EpochMs): number => {
  if (SECONDS.test(text)) return Number(text) * 1000;
  return HTTP_DATE.test(text) ? Date.parse(text) - now : Number.NaN;
};

/** Milliseconds, from 0 to 24 hours whatever is asked for; null when the header is not there or unreadable. */
export const retryAfterMsOf = (header: string | undefined, now: EpochMs): number | null => {
  const waitMs = waitMsOf(header?.trim() ?? '', now);
  return Number.isNaN(waitMs) ? null : Math.min(Math.max(waitMs, 0), LIMITS.retryAfterMsMax);
};
