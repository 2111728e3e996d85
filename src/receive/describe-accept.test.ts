import { expect, test } from 'vitest';
import { describeAccept } from './describe-accept.ts';

const events = [{ webhookId: 'stripe:evt_1' }] as never;

test.each([
  [{ outcome: 'accepted', events }, true, 'accepted: stripe:evt_1'],
  [{ outcome: 'duplicate', events }, true, 'was stored before: stripe:evt_1'],
  [{ outcome: 'rejected', reason: 'signature_mismatch' }, false, 'does not verify (signature_mismatch)'],
  [{ outcome: 'unavailable', reason: 'certificate_unavailable' }, false, 'cannot be verified now'],
  [{ outcome: 'masked' }, false, 'Card data was masked'],
  [{ outcome: 'too_large' }, false, 'larger than what can be stored'],
  [{ outcome: 'provider_unknown' }, false, 'has no secret now'],
])('what became of accepting is one sentence: %o', (outcome, isDone, part) => {
  expect(describeAccept(outcome as never)).toEqual({ isDone, text: expect.stringContaining(part) });
});
