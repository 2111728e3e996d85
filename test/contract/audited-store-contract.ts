/** Which entries a webhook store leaves in the audit log of its home. */

import { describe, expect } from 'vitest';
import { createMemoryDigestAnchor, createMemoryDigestSigner } from '../../src/adapters/memory/memory-digest-keys.ts';
import { type AuditRecord, NO_HASH, readRecord, webhookChain } from '../../src/audit/audit.ts';
import { createCheckAudit } from '../../src/audit/check.ts';
import { receivedFactsOf, stateSha256 } from '../../src/audit/webhook-facts.ts';
import { NO_EFFECTS } from '../../src/core/effects.ts';
import type { StatusChange } from '../../src/core/ports/webhook-store.ts';
import type { WebhookStatus } from '../../src/core/status.ts';
import { NOW } from '../support/clock.ts';
import { insertionOf } from '../support/insertion.ts';
import { expectLinked } from './audit-log-contract.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';
import { getStored, type HomeHarness, type OpenHome } from './homes.ts';

const { webhook } = insertionOf();
const CHAIN = webhookChain(webhook.webhookId, webhook.timestamp);

const recordsOf = async (home: HomeHarness): Promise<readonly AuditRecord[]> => {
  await home.settle?.();
  const entries = await home.auditLog.chain(CHAIN, 100);
  expectLinked(entries);
  return entries.map(readRecord);
};

const changeTo = async (home: HomeHarness, status: WebhookStatus, overrides: Partial<StatusChange> = {}) => {
  const { revision } = await getStored(home, webhook);
  return home.store.change(webhook, revision, {
    status,
    attempts: 1,
    lastError: null,
    nextAttemptAt: null,
    effects: NO_EFFECTS,
    changedAt: NOW + revision,
    actor: { type: 'component', id: 'processor' },
    reason: null,
    ...overrides,
  });
};

const defineInsertTests = (test: ContractTest, open: OpenHome): void => {
  test('leaves one entry for an insert: who, what, when, and the status that came of it', async () => {
    await using home = await open();

    await home.store.insert(insertionOf());

    expect(await recordsOf(home)).toEqual([
      {
        v: 2,
        chain: CHAIN,
        seq: 1,
        prevHash: NO_HASH,
        ts: new Date(NOW).toISOString(),
        actor: { type: 'provider', id: 'stripe' },
        event: 'WEBHOOK_ACCEPTED',
        outcome: 'success',
        reason: null,
        origin: { sourceAddress: null, requestId: null, traceId: 'trace-1' },
        resource: { type: 'webhook', id: 'stripe:evt_1' },
        change: { from: null, to: 'received' },
        count: 1,
        received: receivedFactsOf(webhook, null),
      },
    ]);
  });

  test('says of a webhook that no delivery brought that it was recovered, and by whom', async () => {
    await using home = await open();
    const actor = { type: 'component', id: 'reconciler' } as const;

    await home.store.insert(insertionOf({ origin: 'reconciliation' }, { actor }));
    await changeTo(home, 'processed');

    expect(await getStored(home, webhook)).toMatchObject({ origin: 'reconciliation', status: 'processed' });
    expect(await recordsOf(home)).toMatchObject([
      { event: 'RECOVERED', actor, change: { from: null, to: 'received' } },
      { event: 'STATUS_CHANGED', change: { from: 'received', to: 'processed' } },
    ]);
  });

  test('says why a webhook was a dead letter from the start', async () => {
    await using home = await open();

    await home.store.insert(insertionOf({}, { status: 'dead_lettered', lastError: 'body_not_json' }));

    expect(await recordsOf(home)).toMatchObject([
      { event: 'WEBHOOK_ACCEPTED', reason: 'body_not_json', change: { from: null, to: 'dead_lettered' } },
    ]);
  });

  test('leaves a second entry that counts the card data that was masked', async () => {
    await using home = await open();

    await home.store.insert(insertionOf({ cardData: { cardNumbers: 2, securityCodes: 1, trackData: 4 } }));

    expect(await recordsOf(home)).toMatchObject([
      { event: 'WEBHOOK_ACCEPTED', count: 1 },
      { event: 'PAN_REDACTED', reason: 'card_data_found', change: null, count: 7 },
    ]);
  });

  test('links the first change to the entry about masked card data', async () => {
    await using home = await open();
    await home.store.insert(insertionOf({ cardData: { cardNumbers: 1, securityCodes: 0, trackData: 0 } }));

    await changeTo(home, 'processed');

    expect((await recordsOf(home)).map((record) => record.event)).toEqual([
      'WEBHOOK_ACCEPTED',
      'PAN_REDACTED',
      'STATUS_CHANGED',
    ]);
  });

  test('leaves one entry when twenty inserts of one webhook race', async () => {
    await using home = await open();

    await Promise.all(Array.from({ length: 20 }, () => home.store.insert(insertionOf())));

    expect(await recordsOf(home)).toHaveLength(1);
  });
};

const defineChangeTests = (test: ContractTest, open: OpenHome): void => {
  test('leaves one linked entry for each change, with its actor, reason and outcome', async () => {
    await using home = await open();
    await home.store.insert(insertionOf());
    const operator = { type: 'operator', id: 'ada' } as const;

    await changeTo(home, 'retrying', { nextAttemptAt: NOW + 1000, reason: 'handler_failed' });
    await changeTo(home, 'dead_lettered', { reason: 'attempts_exhausted' });
    await changeTo(home, 'received', { attempts: 0, actor: operator, reason: 'fixed the handler' });
    await changeTo(home, 'processed');
    await changeTo(home, 'received', { attempts: 0, actor: operator, reason: 'books were lost' });
    await changeTo(home, 'ignored', { reason: 'not ours' });

    const processor = { type: 'component', id: 'processor' };
    const said = (await recordsOf(home)).map(({ event, actor, outcome, reason, change }) => ({
      event,
      actor,
      outcome,
      reason,
      change: `${change?.from} > ${change?.to}`,
    }));
    const success = { outcome: 'success', actor: processor, event: 'STATUS_CHANGED', reason: null };
    const failure = { ...success, outcome: 'failure' };
    const byOperator = { ...success, actor: operator };
    expect(said).toEqual([
      { ...success, actor: { type: 'provider', id: 'stripe' }, event: 'WEBHOOK_ACCEPTED', change: 'null > received' },
      { ...failure, reason: 'handler_failed', change: 'received > retrying' },
      { ...failure, reason: 'attempts_exhausted', change: 'retrying > dead_lettered' },
      { ...byOperator, event: 'REDRIVEN', reason: 'fixed the handler', change: 'dead_lettered > received' },
      { ...success, change: 'received > processed' },
      { ...byOperator, event: 'REPLAYED', reason: 'books were lost', change: 'processed > received' },
      { ...success, reason: 'not ours', change: 'received > ignored' },
    ]);
  });

  test('says in each entry what the webhook held before and after, so that nothing can come between them', async () => {
    await using home = await open();
    await home.store.insert(insertionOf());
    const states = [stateSha256(await getStored(home, webhook))];

    for (const status of ['retrying', 'processed', 'received'] as const) {
      await changeTo(home, status, {
        lastError: status === 'retrying' ? 'down' : null,
        effects: { ...NO_EFFECTS, events: [{ type: 'payment.succeeded', paymentId: 'pi_1', news: 'news' }] },
      });
      states.push(stateSha256(await getStored(home, webhook)));
    }

    expect((await recordsOf(home)).slice(1).map(({ state }) => state)).toEqual(
      states.slice(1).map((afterSha256, index) => ({ beforeSha256: states[index], afterSha256 })),
    );
  });

  test('has the webhooks of chains, as they are stored, each with the end of its chain', async () => {
    await using home = await open();
    await home.store.insert(insertionOf());
    await changeTo(home, 'processed');
    await home.settle?.();
    const end = (await home.auditLog.chain(CHAIN, 10).then((entries) => entries.at(-1))) ?? { hash: 'none' };

    const found = await home.webhooks.ofChains(['stripe:evt_unknown@7', CHAIN]);

    expect(found).toMatchObject([
      { outcome: 'read', chainId: CHAIN, head: { seq: 2, hash: end.hash }, webhook: await getStored(home, webhook) },
    ]);
  });

  test('is whole with all that is stored, and tells of a webhook that the trail knows and the home does not', async () => {
    await using home = await open();
    await home.store.insert(insertionOf());
    await home.store.insert(
      insertionOf({ webhookId: 'stripe:evt_2', cardData: { ...webhook.cardData, cardNumbers: 2 } }),
    );
    await changeTo(home, 'processed');
    await home.settle?.();
    const keys = { signer: createMemoryDigestSigner(), anchor: createMemoryDigestAnchor() };

    const check = createCheckAudit({ ...home, ...keys });
    expect(await check()).toMatchObject({ outcome: 'whole', webhooks: 2, webhooksOfBefore: 0 });

    const forgetful = { ...home.webhooks, ofChains: async () => [], mayBeGone: () => false };
    expect(await createCheckAudit({ ...home, ...keys, webhooks: forgetful })()).toMatchObject({
      outcome: 'broken',
      problem: { kind: 'webhook_removed', chainId: CHAIN },
    });
  });

  test('knows the heads of the chains of stored webhooks', async () => {
    await using home = await open();
    await home.store.insert(insertionOf());
    await home.store.insert(insertionOf({ webhookId: 'stripe:evt_2' }));
    await changeTo(home, 'processed');
    await home.settle?.();

    const entries = await home.auditLog.read(0, 10);
    const heads = [entries[1], entries[2]].map((entry) => ({
      chainId: entry?.chainId,
      position: entry?.position,
      hash: entry?.hash,
    }));
    expect(await home.auditLog.heads(0, 10)).toEqual(heads);
    expect(heads[1]?.chainId).toBe(CHAIN);
  });

  test('keeps the chains of two timestamps of one id apart', async () => {
    await using home = await open();
    await home.store.insert(insertionOf());
    await home.store.insert(insertionOf({ timestamp: webhook.timestamp - 1 }));

    expect(await recordsOf(home)).toHaveLength(1);
    expect(await home.auditLog.chain(webhookChain(webhook.webhookId, webhook.timestamp - 1), 10)).toHaveLength(1);
  });
};

/** Runs the suite against homes that `open` makes, each fresh and empty. */
export const describeAuditedStore = (name: string, open: OpenHome, options: ContractOptions = {}): void => {
  describe(`AuditLog of a WebhookStore: ${name}`, () => {
    defineContract(options, (test) => {
      defineInsertTests(test, open);
      defineChangeTests(test, open);
    });
  });
};
