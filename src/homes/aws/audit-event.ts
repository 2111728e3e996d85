/**
 * Stage 3 on AWS: what happened is put into the audit trail. Changes of stored webhooks come by the table's stream,
 * deliveries that were turned away by a queue, and once a minute what has come together is closed with a signed digest. Who
 * sees everything that comes also sees what does not come any more.
 */
import type {
  DynamoDBBatchResponse,
  DynamoDBRecord,
  DynamoDBStreamEvent,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda';
import type { StreamRecord } from '../../adapters/aws/audit/change-feed.ts';
import type { ReadDrafts } from '../../adapters/aws/audit/sqs-audit-drafts.ts';
import type { AuditDigest, AuditDraft, LinkedEntry } from '../../audit/audit.ts';
import { asPayhookError, PayhookError } from '../../core/errors.ts';
import type { Alerts } from '../../core/ports/alerts.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { SilenceWatch } from '../../operate/watch-silence.ts';
import { readChanges, summaryOfUnexplained } from './read-changes.ts';

export interface AuditEventDeps {
  readonly readDrafts: ReadDrafts;
  /** Drafts that the trail takes in one step; a message never holds more. */
  readonly draftsMax: number;
  readonly auditLog: {
    readonly append: (drafts: readonly AuditDraft[]) => Promise<void>;
    readonly appendLinked: (entries: readonly LinkedEntry[]) => Promise<void>;
  };
  readonly closeDigests: () => Promise<AuditDigest | undefined>;
  readonly silence: Pick<SilenceWatch, 'note' | 'keep' | 'look'>;
  readonly alerts: Alerts;
  readonly drainAlerts: () => Promise<void>;
  readonly logger: Logger;
}

/** What EventBridge sends by the clock; nothing in it matters. */
export interface ScheduledEvent {
  readonly Records?: never;
}

export type AuditEventInput = DynamoDBStreamEvent | SQSEvent | ScheduledEvent;
type BatchResponse = DynamoDBBatchResponse | SQSBatchResponse;

/**
 * Returns the function's handler. Throws what the audit log throws: Lambda then hands the same batch out again, and an
 * entry that was appended before stands twice, which does no harm. Alerts have left when it returns.
 */
export const createAuditEvent =
  (deps: AuditEventDeps) =>
  async (event: AuditEventInput): Promise<BatchResponse | undefined> => {
    try {
      if (event.Records === undefined) {
        await deps.closeDigests();
        await deps.silence.look();
        return undefined;
      }
      const [first] = event.Records;
      if (first === undefined) return { batchItemFailures: [] };
      return 'dynamodb' in first
        ? await appendChanges(deps, (event as DynamoDBStreamEvent).Records)
        : await appendDrafts(deps, event as SQSEvent);
    } catch (thrown) {
      const { code, message } = asPayhookError(thrown);
      deps.logger.error('audit.not_written', { code, message });
      throw thrown;
    } finally {
      await deps.drainAlerts();
    }
  };

/**
 * Appends up to the first record that cannot be read. Lambda gives up on a record that is reported again and again with all
 * that were handed out behind it; a batch that fails it halves, until the record is alone.
 */
const appendChanges = async (
  deps: AuditEventDeps,
  records: readonly DynamoDBRecord[],
): Promise<DynamoDBBatchResponse> => {
  const { entries, arrived, unexplained, unreadable } = readChanges(records as readonly StreamRecord[]);
  if (unreadable !== undefined) deps.logger.error('audit.record_unreadable', { reason: unreadable.reason });
  if (unreadable?.index === 0 && records.length > 1) {
    throw new PayhookError('audit_unavailable', 'the first record of a batch cannot be read: it has to come alone');
  }
  await deps.auditLog.appendLinked(entries);
  await deps.auditLog.append(unexplained.map(({ draft }) => draft));
  for (const change of unexplained) {
    const { webhookId } = change;
    deps.alerts.raise({ kind: 'audit_broken', provider: null, webhookId, summary: summaryOfUnexplained(change) });
  }
  for (const webhook of arrived) deps.silence.note(webhook);
  await deps.silence.keep();
  deps.logger.info('audit.changes_appended', { count: entries.length + unexplained.length });
  const failed = unreadable === undefined ? undefined : records[unreadable.index];
  const itemIdentifier = failed?.dynamodb?.SequenceNumber;
  // Without a number there is nothing to report it by; throwing would repeat the whole batch forever.
  return { batchItemFailures: itemIdentifier === undefined ? [] : [{ itemIdentifier }] };
};

/** Messages together until the trail takes no more in one step; what follows a step that failed comes again with it. */
const appendDrafts = async (deps: AuditEventDeps, { Records: records }: SQSEvent): Promise<SQSBatchResponse> => {
  const failed: string[] = [];
  let group: DraftGroup = { drafts: [], messageIds: [] };
  let isBroken = false;
  const flush = async (): Promise<void> => {
    const { drafts, messageIds } = group;
    group = { drafts: [], messageIds: [] };
    isBroken = isBroken || !(await appended(deps, drafts));
    if (isBroken) failed.push(...messageIds);
  };
  for (const { messageId, body } of records) {
    const read = deps.readDrafts(body);
    if (read.outcome === 'unreadable') {
      deps.logger.error('audit.drafts_unreadable', { reason: read.reason, request_id: messageId });
      failed.push(messageId);
      continue;
    }
    if (group.drafts.length + read.drafts.length > deps.draftsMax) await flush();
    group.drafts.push(...read.drafts);
    group.messageIds.push(messageId);
  }
  await flush();
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
};

interface DraftGroup {
  readonly drafts: AuditDraft[];
  readonly messageIds: string[];
}

/** Whether the drafts are in the trail; false is logged here and reported to SQS, which hands their messages out again. */
const appended = async (deps: AuditEventDeps, drafts: readonly AuditDraft[]): Promise<boolean> => {
  try {
    await deps.auditLog.append(drafts);
    return true;
  } catch (thrown) {
    const { code, message } = asPayhookError(thrown);
    deps.logger.error('audit.not_written', { code, message });
    return false;
  }
};
