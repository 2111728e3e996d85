/** What an exchange, or the lack of one, means for the message, and whether other messages would fare better. */
import type { EpochMs } from '../../core/webhook.ts';
import type { SendFailure, SendOutcome } from '../../destinations/destination.ts';
import type { Over } from './deadline.ts';
import type { PinnedAddresses } from './pinned-addresses.ts';
import type { Exchange } from './post-body.ts';
import { retryAfterMsOf } from './retry-after.ts';

const failed = (
  reason: SendFailure,
  detail: string,
  { isDestinationDown = true, retryAfterMs = null as number | null } = {},
): SendOutcome => ({ outcome: 'failed', reason, detail, retryAfterMs, isDestinationDown });

/** The answer's body stays unread: it is nobody's business here, and may hold anything. */
export const answeredOutcome = (answer: Exchange & { outcome: 'answered' }, now: EpochMs): SendOutcome => {
  const { status } = answer;
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  const detail = `the destination answered ${status}`;
  if (status < 400) return failed('redirected', `${detail}; redirects are not followed`);
  const retryAfterMs = status === 429 || status === 503 ? retryAfterMsOf(answer.retryAfter, now) : null;
  if (status === 429) return failed('answered_429', detail, { retryAfterMs });
  // It is there, and did not like this message.
  if (status < 500) return failed('answered_4xx', detail, { isDestinationDown: false });
  return failed('answered_5xx', detail, { retryAfterMs });
};

export const disconnectedOutcome = ({ code }: Exchange & { outcome: 'disconnected' }): SendOutcome =>
  failed('not_reachable', `the destination cannot be reached: ${code}`);

export const unpinnedOutcome = (addresses: Exclude<PinnedAddresses, { outcome: 'pinned' }>): SendOutcome =>
  addresses.outcome === 'refused'
    ? failed('address_refused', `the destination leads to ${addresses.address}, which is not a public address`)
    : failed('not_reachable', `the name of the destination cannot be resolved: ${addresses.code}`);

export const overOutcome = (over: Over, timeoutMs: number): SendOutcome => {
  switch (over) {
    case 'timed_out':
      return failed('timed_out', `the destination did not answer within ${timeoutMs} ms`);
    case 'stopped':
      return failed('timed_out', 'we stopped before the destination answered', { isDestinationDown: false });
    default:
      return over satisfies never;
  }
};
