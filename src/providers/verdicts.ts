/** What a provider's `verify` answers, in short words, and the two judgements that several schemes share. */
import type { DeliveryHeaders, RejectionReason, Verification, Verified } from '../core/ports/provider.ts';
import type { EpochMs } from '../core/webhook.ts';

export const rejected = (reason: RejectionReason): Verification => ({ outcome: 'rejected', reason });

/** Verified by a signature that binds the whole body, of a real event. */
export const verifiedBy = (secretId: string, label: string | null = null): Verified => ({
  outcome: 'verified',
  secretId,
  isSimulated: false,
  transmission: null,
  ...(label === null ? {} : { label }),
});

/** Why `singleHeader` gave nothing: no such header, or it came more than once, which no provider does. */
export const reasonWithoutSingle = (headers: DeliveryHeaders, name: string): RejectionReason =>
  headers.has(name) ? 'signature_malformed' : 'signature_missing';

/** Null when the signed time is within the tolerance either way; a difference of exactly the tolerance is inside. */
export const timestampProblem = (signedAt: EpochMs, now: EpochMs, toleranceMs: number): RejectionReason | null => {
  if (now - signedAt > toleranceMs) return 'timestamp_too_old';
  if (signedAt - now > toleranceMs) return 'timestamp_too_new';
  return null;
};
