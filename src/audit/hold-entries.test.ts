import { describe, expect, test } from 'vitest';
import { asStored } from '../../test/contract/homes.ts';
import { NOW } from '../../test/support/clock.ts';
import { insertionOf } from '../../test/support/insertion.ts';
import { linkEntry } from './audit.ts';
import { changeProblem, stateAfterEntry } from './check-change.ts';
import { entryForHold, entryForRemovedHold, entryForWebhookHold } from './hold-entries.ts';
import { stateSha256 } from './webhook-facts.ts';

describe('a legal hold', () => {
  test('leaves an entry of who said so and why, and so does its end', () => {
    const hold = { kind: 'payment', id: 'pi_1', reason: 'dispute 4711', heldAt: NOW, heldBy: 'alice' } as const;

    expect(entryForHold(hold)).toMatchObject({
      chainId: 'operators',
      at: NOW,
      actor: { type: 'operator', id: 'alice' },
      event: 'LEGAL_HOLD_ADDED',
      reason: 'dispute 4711',
      resource: { type: 'home', id: 'payment pi_1' },
    });
    expect(entryForRemovedHold({ id: 'pi_1', reason: 'settled', removedAt: NOW + 1, removedBy: 'bob' })).toMatchObject({
      chainId: 'operators',
      at: NOW + 1,
      actor: { type: 'operator', id: 'bob' },
      event: 'LEGAL_HOLD_REMOVED',
      reason: 'settled',
      resource: { type: 'home', id: 'pi_1' },
    });
  });

  test.each([
    [true, 'LEGAL_HOLD_ADDED'],
    [false, 'LEGAL_HOLD_REMOVED'],
  ])('in the chain of its webhook (%s) says that nothing else of it changed', (isHeld, event) => {
    const webhook = asStored(insertionOf());
    const actor = { type: 'operator', id: 'alice' } as const;
    const draft = entryForWebhookHold(webhook, { isHeld, at: NOW, actor, reason: 'dispute 4711' });

    expect(draft).toMatchObject({ chainId: `stripe:evt_1@${NOW - 5000}`, event, change: null, actor });
    const { text, hash } = linkEntry(draft, { seq: 1, hash: 'f'.repeat(64) });
    const [entry, record] = [{ position: 2, chainId: draft.chainId, text, hash }, JSON.parse(text)];
    const known = { status: 'received', sha256: stateSha256(webhook) };
    expect(changeProblem(entry, record, known)).toBeUndefined();
    expect(stateAfterEntry(record, known)).toEqual(known);
    expect(record.state).toEqual({ beforeSha256: known.sha256, afterSha256: known.sha256 });
  });
});
