import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AuditDraft } from '../../../audit/audit.ts';
import { DRAFTS_MAX, readDrafts, writeDrafts } from './sqs-audit-drafts.ts';

const draftOf = (overrides: Partial<AuditDraft> = {}): AuditDraft => ({
  chainId: 'rejections',
  at: 1_795_435_200_000,
  actor: { type: 'provider', id: 'stripe' },
  event: 'REJECTED_SIGNATURE',
  outcome: 'failure',
  reason: 'signature_mismatch',
  origin: { sourceAddress: '2001:db8::1', requestId: 'request-1', traceId: null },
  resource: { type: 'delivery', id: 'stripe' },
  change: null,
  count: 1,
  ...overrides,
});

const reasonFor = (message: unknown): string => {
  const read = readDrafts(typeof message === 'string' ? message : JSON.stringify(message));
  return read.outcome === 'unreadable' ? read.reason : 'understood';
};

describe('readDrafts', () => {
  test('reads what writeDrafts wrote, in order', () => {
    const drafts = [
      draftOf(),
      draftOf({ count: 7, change: { from: null, to: 'received' } }),
      draftOf({ reason: null }),
    ];

    expect(readDrafts(writeDrafts(drafts))).toEqual({ outcome: 'understood', drafts });
  });

  test('takes over no field that a draft does not have', () => {
    const more = { ...draftOf(), canary: 1, actor: { type: 'provider', id: 'stripe', canary: 1 } };

    expect(JSON.stringify(readDrafts(JSON.stringify({ v: 1, drafts: [more] })))).not.toContain('canary');
  });

  for (const message of ['', 'canary', '[]', 'null', {}, { v: 2, drafts: [draftOf()] }, { drafts: [draftOf()] }]) {
    test(`does not read another message: ${JSON.stringify(message).slice(0, 20)}`, () => {
      expect(reasonFor(message)).toMatch(/^(not a JSON object|not a list of audit drafts|version_unknown)/);
    });
  }

  for (const drafts of [undefined, null, {}, [], Array.from({ length: DRAFTS_MAX + 1 }, () => draftOf())]) {
    test(`does not read a list of the wrong length: ${JSON.stringify(drafts)?.slice(0, 20)}`, () => {
      expect(reasonFor({ v: 1, drafts })).toBe(`not a list of 1 to ${DRAFTS_MAX} audit drafts`);
    });
  }

  test('reads all drafts or none: says which one is not right', () => {
    expect(reasonFor({ v: 1, drafts: [draftOf(), { ...draftOf(), count: 0 }] })).toBe(
      'draft 2 of 2: count is not a whole number from 1',
    );
  });

  test('does not let a draft forge an entry of a stored webhook', () => {
    expect(reasonFor({ v: 1, drafts: [draftOf({ chainId: 'stripe:evt_1@1795000000000' })] })).toBe(
      'draft 1 of 1: chainId is not a chain of this kind',
    );
  });

  for (const [field, values] of Object.entries({
    chainId: [undefined, '', 7],
    at: [undefined, -1, 1.5, '1', 9e15],
    event: [undefined, 'canary', 'toString', 7],
    outcome: [undefined, 'canary'],
    reason: [undefined, 7, 'canary'.repeat(1000)],
    count: [undefined, 0, 1.5, '1'],
    actor: [undefined, null, { type: 'canary', id: 'x' }, { type: 'provider' }],
    origin: [undefined, null, {}, { sourceAddress: 1, requestId: null, traceId: null }],
    resource: [undefined, null, { type: 'canary', id: 'x' }, { type: 'webhook' }],
    change: [undefined, 'canary', {}, { from: 'received' }, { from: 1, to: 'received' }],
  })) {
    for (const value of values) {
      test(`names ${field} when it is ${String(JSON.stringify(value)).slice(0, 30)}, and does not quote it`, () => {
        const reason = reasonFor({ v: 1, drafts: [{ ...draftOf(), [field]: value }] });

        expect(reason).toMatch(`draft 1 of 1: ${field} `);
        expect(reason).not.toContain('canary');
      });
    }
  }

  test('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((draft) => `{"v":1,"drafts":[${draft}]}`),
        ),
        (body) => {
          expect(['understood', 'unreadable']).toContain(readDrafts(body).outcome);
        },
      ),
    );
  });
});
