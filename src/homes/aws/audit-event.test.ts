import type { DynamoDBStreamEvent, SQSEvent } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { readDrafts, writeDrafts } from '../../adapters/aws/audit/sqs-audit-drafts.ts';
import { createMemoryAlerts, createMemoryLogger } from '../../adapters/memory/memory-recorders.ts';
import { type AuditDraft, TURNED_AWAY_CHAIN } from '../../audit/audit.ts';
import { PayhookError } from '../../core/errors.ts';
import { createAuditEvent } from './audit-event.ts';

const DRAFTS_MAX = 3;

const draft: AuditDraft = {
  chainId: TURNED_AWAY_CHAIN,
  at: 1_795_000_000_000,
  actor: { type: 'provider', id: 'stripe' },
  event: 'REJECTED_SIGNATURE',
  outcome: 'failure',
  reason: 'signature_mismatch',
  origin: { sourceAddress: '192.0.2.7', requestId: 'request-1', traceId: null },
  resource: { type: 'delivery', id: 'stripe' },
  change: null,
  count: 1,
};

/** The function over a trail that keeps what it is given; the n-th append breaks when a test says so. */
const open = (breakAppend = 0) => {
  const appended: (readonly AuditDraft[])[] = [];
  const logger = createMemoryLogger();
  const alerts = createMemoryAlerts();
  let closed = 0;
  let appends = 0;
  const heard: string[] = [];
  const auditEvent = createAuditEvent({
    readDrafts,
    draftsMax: DRAFTS_MAX,
    auditLog: {
      append: async (drafts) => {
        appends += 1;
        if (appends === breakAppend) throw new PayhookError('audit_unavailable', 'the trail is away');
        if (drafts.length > 0) appended.push(drafts);
      },
      appendLinked: async () => {},
    },
    closeDigests: async () => {
      closed += 1;
      return undefined;
    },
    silence: {
      note: ({ eventType }) => void heard.push(eventType),
      keep: async () => void heard.push('kept'),
      look: async () => void heard.push('looked'),
    },
    alerts,
    drainAlerts: async () => {},
    logger,
  });
  return { auditEvent, appended, heard, logger, alerts, closed: () => closed };
};

const messages = (...bodies: string[]): SQSEvent => ({
  Records: bodies.map((body, index) => ({ messageId: `message-${index + 1}`, body }) as SQSEvent['Records'][number]),
});

const drafts = (count: number): string => writeDrafts(Array.from({ length: count }, () => draft));

describe('auditEvent', () => {
  test('appends the drafts of all messages in as few steps as the trail allows', async () => {
    const { auditEvent, appended } = open();

    expect(await auditEvent(messages(drafts(1), drafts(2), drafts(3), drafts(1)))).toEqual({ batchItemFailures: [] });

    expect(appended.map((step) => step.length)).toEqual([3, 3, 1]);
  });

  test('reports the messages of a step that failed and all after it, and none before', async () => {
    const { auditEvent, appended, logger } = open(2);

    const answer = await auditEvent(messages(drafts(2), drafts(1), drafts(3), drafts(2)));

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-3' }, { itemIdentifier: 'message-4' }] });
    expect(appended.map((step) => step.length)).toEqual([3]);
    expect(logger.lines.map(({ event }) => event)).toEqual(['audit.not_written']);
  });

  test('reports a message that holds no drafts, and appends the others', async () => {
    const { auditEvent, appended } = open();

    expect(await auditEvent(messages('{"nonsense":true}', drafts(1)))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-1' }],
    });

    expect(appended).toHaveLength(1);
  });

  test('reports the first record of the stream that cannot be read, so that it is kept whole where failures go', async () => {
    const { auditEvent, logger } = open();
    const event = { Records: [{ dynamodb: { SequenceNumber: '111' } }] } as DynamoDBStreamEvent;

    expect(await auditEvent(event)).toEqual({ batchItemFailures: [{ itemIdentifier: '111' }] });

    expect(logger.lines.map(({ event: name }) => name)).toContain('audit.record_unreadable');
  });

  test('fails a batch that begins with a record that cannot be read, so that Lambda halves it and gives up on that one alone', async () => {
    const { auditEvent, appended } = open();
    const event = {
      Records: [{ dynamodb: { SequenceNumber: '111' } }, { dynamodb: { SequenceNumber: '112' } }],
    } as DynamoDBStreamEvent;

    await expect(auditEvent(event)).rejects.toThrow('has to come alone');
    expect(appended).toEqual([]);
  });

  test('closes digests when the clock calls', async () => {
    const { auditEvent, closed } = open();

    expect(await auditEvent({})).toBeUndefined();

    expect(closed()).toBe(1);
  });

  test('throws when the stream’s entries could not be appended: Lambda hands the batch out again', async () => {
    const { auditEvent } = open(1);
    const event = { Records: [{ dynamodb: { SequenceNumber: '111' } }] } as DynamoDBStreamEvent;

    await expect(auditEvent(event)).rejects.toMatchObject({ code: 'audit_unavailable' });
  });
});
