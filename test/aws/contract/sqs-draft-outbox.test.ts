import { CreateQueueCommand, ReceiveMessageCommand, SQS } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDrafts } from '../../../src/adapters/aws/audit/sqs-audit-drafts.ts';
import { createSqsDraftOutbox } from '../../../src/adapters/aws/audit/sqs-draft-outbox.ts';
import { createMemoryLogger } from '../../../src/adapters/memory/memory-recorders.ts';
import type { AuditDraft } from '../../../src/audit/audit.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { createTurnedAway } from '../../../src/receive/turned-away.ts';
import { createTestClock, NOW } from '../../support/clock.ts';
import { type Moto, startMoto } from '../servers/moto.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';

let moto: Moto;
let opened = 0;

beforeAll(async () => {
  moto = await startMoto();
});

afterAll(() => moto[Symbol.asyncDispose]());

const openOutbox = async () => {
  opened += 1;
  const client = new SQS(emulatorClientOptions(moto.url));
  const { QueueUrl: auditQueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: `drafts-${opened}` }));
  return {
    outbox: createSqsDraftOutbox({ client, auditQueueUrl }),
    /** The drafts of each message, as the audit-logger reads them. */
    received: async (): Promise<readonly (readonly AuditDraft[])[]> => {
      const { Messages: messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl: auditQueueUrl, MaxNumberOfMessages: 10 }),
      );
      return messages.map(({ Body: body = '' }) => {
        const read = readDrafts(body);
        if (read.outcome === 'unreadable') throw new Error(read.reason);
        return read.drafts;
      });
    },
    [Symbol.asyncDispose]: async () => client.destroy(),
  };
};

const REJECTION = {
  provider: 'stripe',
  reason: 'signature_mismatch',
  outcome: 'rejected',
  sender: { address: '2001:db8::1', isLimited: true, hasReserve: false },
  requestId: 'request-1',
} as const;

describe('createSqsDraftOutbox', () => {
  test('carries a rejected delivery to the audit-logger as it was drafted', async () => {
    await using queue = await openOutbox();
    const written: (readonly AuditDraft[])[] = [];
    const auditLog = {
      append: (drafts: readonly AuditDraft[]) => {
        written.push(drafts);
        return queue.outbox.append(drafts);
      },
    };

    await createTurnedAway({ auditLog, clock: createTestClock(), logger: createMemoryLogger() }).record(REJECTION);

    expect(written).toHaveLength(1);
    expect(await queue.received()).toEqual(written);
  });

  test('carries as many drafts as the counted rejections of a minute can be, in one message', async () => {
    await using queue = await openOutbox();
    const drafts: AuditDraft[] = Array.from({ length: LIMITS.turnedAwayGroupsMax + 1 }, (_, index) => ({
      chainId: 'rejections',
      at: NOW,
      actor: { type: 'provider', id: `provider-${index}` },
      event: 'REFUSED_AT_EDGE',
      outcome: 'failure',
      reason: 'address_rate_exceeded',
      origin: { sourceAddress: null, requestId: null, traceId: null },
      resource: { type: 'delivery', id: `provider-${index}` },
      change: null,
      count: 12_345,
    }));

    await queue.outbox.append(drafts);

    expect(await queue.received()).toEqual([drafts]);
  });

  test('sends nothing for no drafts', async () => {
    await using queue = await openOutbox();

    await queue.outbox.append([]);

    expect(await queue.received()).toEqual([]);
  });

  test('says audit_unavailable when the queue cannot take them', async () => {
    const client = new SQS(emulatorClientOptions(moto.url));
    const outbox = createSqsDraftOutbox({ client, auditQueueUrl: `${moto.url}/123456789012/missing` });

    await expect(
      createTurnedAway({ auditLog: outbox, clock: createTestClock(), logger: createMemoryLogger() }).record(REJECTION),
    ).rejects.toMatchObject({
      code: 'audit_unavailable',
      message: expect.stringContaining('queue missing is not there'),
    });
  });
});
