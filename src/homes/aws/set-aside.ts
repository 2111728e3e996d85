/** What a function does with messages that it cannot read: into the dead letters as they are, whose alarm tells. */
import type { UnreadableMessage } from '../../adapters/aws/work-queue/open-records.ts';
import { asPayhookError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';

/** Never throws: what could not be set aside is reported as failed, because it was not settled, and SQS hands it out again. */
export const setAsideUnreadable = async (
  logger: Logger,
  batch: { readonly setAside: (message: UnreadableMessage) => Promise<void> },
  message: UnreadableMessage,
): Promise<void> => {
  logger.error('message.unreadable', { reason: message.reason, request_id: message.messageId });
  try {
    await batch.setAside(message);
  } catch (thrown) {
    const { code, message: said } = asPayhookError(thrown);
    logger.error('message.not_set_aside', { code, message: said, request_id: message.messageId });
  }
};
