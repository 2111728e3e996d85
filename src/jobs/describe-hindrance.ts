/** Why a job cannot be decided on, in words. */
import type { Hindrance } from './decide-on-job.ts';

/** What follows `job <id>` in a sentence. */
export const describeHindrance = (hindrance: Hindrance): string => {
  switch (hindrance.outcome) {
    case 'own_request':
      return 'was asked for by you: somebody else has to decide';
    case 'not_approver':
      return 'is not for you to decide any more: an approver has to';
    case 'requester_gone':
      return 'was asked for by somebody who is no operator here any more: cancel it, and have somebody else ask again';
    case 'not_waiting':
      return `is ${hindrance.state}: it does not wait for approval`;
    case 'expired':
      return 'has waited too long: ask for it again';
    case 'differs':
      return `is not what was previewed any more: ${hindrance.changed} of its webhooks were changed meanwhile; cancel it and ask again`;
    default:
      return hindrance satisfies never;
  }
};
