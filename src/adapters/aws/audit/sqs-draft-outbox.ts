/**
 * Hands audit drafts to the audit-logger through a queue. Deliveries that are turned away never become a stored change,
 * which the stream would tell, and a hundred receivers must not race for the end of the trail.
 */

import assert from 'node:assert/strict';
import type { AuditAppend } from '../../../audit/audit-log.ts';
import type { SqsCalls } from '../service-calls.ts';
import { sendToQueue } from '../work-queue/enqueue.ts';
import { DRAFTS_MAX, writeDrafts } from './sqs-audit-drafts.ts';

/** What SQS carries in one message. */
const MESSAGE_BYTES_MAX = 1024 * 1024;

/**
 * `append` resolves when the drafts are durably on the queue, all of them in one message. They are in the trail a moment
 * later, and twice when SQS delivers twice.
 */
export const createSqsDraftOutbox = (deps: {
  readonly client: SqsCalls;
  readonly auditQueueUrl: string;
}): AuditAppend => ({
  async append(drafts) {
    if (drafts.length === 0) return;
    assert(drafts.length <= DRAFTS_MAX, `at most ${DRAFTS_MAX} audit drafts are written at once`);
    const body = writeDrafts(drafts);
    assert(Buffer.byteLength(body) <= MESSAGE_BYTES_MAX, 'audit drafts are small: a message holds them');
    await sendToQueue(deps.client, 'audit_unavailable', { QueueUrl: deps.auditQueueUrl, MessageBody: body });
  },
});
