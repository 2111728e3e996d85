import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { auditDraft } from '../../test/support/audit-draft.ts';
import { NOW } from '../../test/support/clock.ts';
import {
  type AuditDigest,
  digestBytes,
  digestOfRun,
  hashOfDigest,
  hashOfText,
  linkEntry,
  NO_HASH,
  readRecord,
  webhookChain,
} from './audit.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('an entry', () => {
  const draft = auditDraft({
    chainId: 'stripe:evt_1@1795000000000',
    actor: { type: 'component', id: 'processor' },
    event: 'STATUS_CHANGED',
    reason: 'handler_failed',
    origin: { sourceAddress: '203.0.113.7', requestId: 'request-1', traceId: 'trace-1' },
    resource: { type: 'webhook', id: 'stripe:evt_1' },
    change: { from: 'received', to: 'processed' },
  });

  test('is this text, byte for byte: what was hashed years ago is hashed the same today', () => {
    expect(linkEntry(draft, undefined, 1).text).toBe(
      '{"v":1,"chain":"stripe:evt_1@1795000000000","seq":1,' +
        `"prevHash":"${'0'.repeat(64)}","ts":"2026-11-23T12:00:00.000Z",` +
        '"actor":{"type":"component","id":"processor"},"event":"STATUS_CHANGED","outcome":"success",' +
        '"reason":"handler_failed","origin":{"sourceAddress":"203.0.113.7","requestId":"request-1","traceId":"trace-1"},' +
        '"resource":{"type":"webhook","id":"stripe:evt_1"},"change":{"from":"received","to":"processed"},"count":1}',
    );
  });

  test('has the hash of its text', () => {
    const { text, hash } = linkEntry(draft, undefined);

    expect(hash).toBe(sha256(text));
    expect(hashOfText(text)).toBe(hash);
  });

  test('that is the first of its chain follows nothing, and the next one follows it', () => {
    const first = linkEntry(draft, undefined);
    const second = linkEntry(draft, first);

    expect(first.seq).toBe(1);
    expect(second.seq).toBe(2);
    expect(JSON.parse(first.text).prevHash).toBe(NO_HASH);
    expect(JSON.parse(second.text)).toMatchObject({ seq: 2, prevHash: first.hash });
  });

  test('takes nothing of its actor but what it has to say: no field of ours comes into the trail by accident', () => {
    const actor = { type: 'operator', id: 'anna', password: 'canary' } as const;

    expect(linkEntry({ ...draft, actor }, undefined).text).not.toContain('canary');
  });

  test('says after that what its webhook held, in the form of version 0.2', () => {
    const state = { beforeSha256: 'before', afterSha256: 'after' };
    const before = linkEntry(draft, undefined, 1).text;

    expect(linkEntry({ ...draft, state }, undefined).text).toBe(
      before.replace('"v":1', '"v":2').replace(/}$/, ',"state":{"beforeSha256":"before","afterSha256":"after"}}'),
    );
    expect(linkEntry({ ...draft, state }, undefined, 1).text).toBe(before);
  });

  test('is read back as it was written', () => {
    const { text, hash } = linkEntry(draft, undefined);

    expect(readRecord({ position: 1, chainId: draft.chainId, text, hash })).toMatchObject({
      v: 2,
      chain: draft.chainId,
      ts: new Date(NOW).toISOString(),
      event: 'STATUS_CHANGED',
      change: draft.change,
    });
  });
});

test('two timestamps of one webhook id have chains of their own', () => {
  expect(webhookChain('stripe:evt_1', 1)).toBe('stripe:evt_1@1');
  expect(webhookChain('stripe:evt_1', 2)).not.toBe(webhookChain('stripe:evt_1', 1));
});

describe('a digest', () => {
  const run = { lastPosition: 2, entryHashes: 'a'.repeat(64) + 'b'.repeat(64) };

  test('begins with the first entry where there is none before', () => {
    expect(digestOfRun(run, undefined, NOW)).toMatchObject({
      number: 1,
      firstPosition: 1,
      lastPosition: 2,
      previousHash: NO_HASH,
      createdAt: NOW,
    });
  });

  test('goes on where the one before ended, and names it', () => {
    const previous = { ...digestOfRun(run, undefined, NOW), keyId: 'key', signature: 'AAAA' } satisfies AuditDigest;

    expect(digestOfRun({ lastPosition: 5, entryHashes: 'c'.repeat(192) }, previous, NOW)).toMatchObject({
      number: 2,
      firstPosition: 3,
      lastPosition: 5,
      previousHash: previous.hash,
    });
  });

  test('has a hash over all that it says: none of it can be changed unseen', () => {
    const { hash, ...unsigned } = digestOfRun(run, undefined, NOW);

    expect(hashOfDigest(unsigned)).toBe(hash);
    for (const change of [
      { number: 2 },
      { firstPosition: 2 },
      { lastPosition: 3 },
      { entryHashes: 'b'.repeat(64) + 'a'.repeat(64) },
      { previousHash: 'f'.repeat(64) },
      { createdAt: NOW + 1 },
    ]) {
      expect(hashOfDigest({ ...unsigned, ...change }), JSON.stringify(change)).not.toBe(hash);
    }
  });

  test('is signed under a name of its own, so that the signature says nothing about other bytes', () => {
    expect(Buffer.from(digestBytes('a'.repeat(64))).toString()).toBe(`payhook-audit-digest-1:${'a'.repeat(64)}`);
  });

  test('of nothing cannot be made', () => {
    const previous = { ...digestOfRun(run, undefined, NOW), keyId: 'key', signature: 'AAAA' };

    expect(() => digestOfRun(run, previous, NOW)).toThrow('a digest covers at least one entry');
  });
});
