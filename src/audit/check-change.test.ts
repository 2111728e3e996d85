import { describe, expect, test } from 'vitest';
import { auditDraft } from '../../test/support/audit-draft.ts';
import { type AuditDraft, type AuditRecord, linkEntry, readRecord } from './audit.ts';
import { changeProblem, type KnownState, stateAfterEntry } from './check-change.ts';

const ENTRY = { position: 4, chainId: 'w@1', text: '', hash: '' };

const recordOf = (draft: Partial<AuditDraft>): AuditRecord =>
  readRecord({
    ...ENTRY,
    ...linkEntry(auditDraft({ chainId: 'w@1', event: 'STATUS_CHANGED', ...draft }), undefined),
  });

const problemOf = (draft: Partial<AuditDraft>, before?: KnownState) => changeProblem(ENTRY, recordOf(draft), before);

describe('a change that an entry tells', () => {
  const retried = { change: { from: 'received', to: 'retrying' } } as const;
  const STATE = { beforeSha256: 'b'.repeat(43), afterSha256: 'a'.repeat(43) };

  test.each<[Partial<AuditDraft>, KnownState | undefined]>([
    [{ change: null }, undefined],
    [{ change: { from: null, to: 'received' } }, undefined],
    [retried, undefined],
    [retried, { status: 'received', sha256: null }],
    [retried, { status: null, sha256: null }],
    [
      { ...retried, state: STATE },
      { status: 'received', sha256: STATE.beforeSha256 },
    ],
    [{ event: 'DELETED', change: { from: 'processed', to: 'deleted' } }, undefined],
  ])('%j after %j follows', (draft, before) => {
    expect(problemOf(draft, before)).toBeUndefined();
  });

  test.each([
    ['processed', 'retrying'],
    ['received', 'somewhere'],
    ['somewhere', 'received'],
  ])('from %s to %s is none that Payhook makes', (from, to) => {
    expect(problemOf({ change: { from, to } })).toMatchObject({
      kind: 'unexplained_change',
      position: 4,
      message: `entry 4 of chain w@1 tells a change from ${from} to ${to}, which Payhook never makes`,
    });
  });

  test('begins where the entry before it ended', () => {
    expect(problemOf(retried, { status: 'processed', sha256: null })).toMatchObject({
      kind: 'unexplained_change',
      message: expect.stringContaining('begins at received, and the entry before it ended at processed'),
    });
  });

  test('finds what the entry before it had left', () => {
    const before = { status: 'received', sha256: 'somebody else' };

    expect(problemOf({ ...retried, state: STATE }, before)).toMatchObject({
      message: expect.stringContaining('found its webhook other than the entry before it had left it'),
    });
  });
});

describe('what a webhook holds after an entry', () => {
  test('is known from the entry of its acceptance, and then from what each change says', () => {
    const accepted = stateAfterEntry(
      recordOf({ event: 'WEBHOOK_ACCEPTED', change: { from: null, to: 'received' } }),
      undefined,
    );
    const state = { beforeSha256: 'b', afterSha256: 'a' };
    const changed = stateAfterEntry(recordOf({ change: { from: 'received', to: 'processed' }, state }), accepted);

    expect([accepted.status, accepted.sha256]).toEqual(['received', expect.stringMatching(/^[\w-]{43}$/)]);
    expect(changed).toEqual({ status: 'processed', sha256: 'a' });
  });

  test('is what it was when the entry changes nothing, and not known where an older one does not say', () => {
    const known = { status: 'received', sha256: 'x' };

    expect(stateAfterEntry(recordOf({ change: null }), known)).toBe(known);
    expect(stateAfterEntry(recordOf({ change: null }), undefined)).toEqual({ status: null, sha256: null });
    expect(stateAfterEntry(recordOf({ change: { from: 'received', to: 'processed' } }), known)).toEqual({
      status: 'processed',
      sha256: null,
    });
  });
});
