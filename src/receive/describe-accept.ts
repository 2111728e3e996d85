/** What became of accepting a rejected delivery, in words. */
import { type AcceptOutcome, webhookIdsOf } from './accept-rejected.ts';

export const MASKED_WORDS =
  'Card data was masked in it before it was kept: the bytes are no longer those that were signed.';

/** What follows the id of the delivery in a sentence. */
export const describeAccept = (outcome: AcceptOutcome): { readonly isDone: boolean; readonly text: string } => {
  switch (outcome.outcome) {
    case 'accepted':
    case 'duplicate': {
      const ids = webhookIdsOf(outcome).join(' ');
      const what = outcome.outcome === 'accepted' ? 'accepted' : 'was stored before';
      return { isDone: true, text: `${what}: ${ids}` };
    }
    case 'rejected':
      return { isDone: false, text: `does not verify (${outcome.reason}): payhook rejected doctor says why` };
    case 'unavailable':
      return { isDone: false, text: `cannot be verified now (${outcome.reason}): try again` };
    case 'masked':
      return { isDone: false, text: `cannot be verified: ${MASKED_WORDS}` };
    case 'too_large':
      return { isDone: false, text: 'is larger than what can be stored' };
    case 'provider_unknown':
      return { isDone: false, text: 'is of a provider that has no secret now' };
    default:
      return outcome satisfies never;
  }
};
