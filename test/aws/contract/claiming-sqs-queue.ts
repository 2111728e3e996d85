/** The work queue on SQS with somebody who claims from it, which in the product is Lambda. */
import type { Message, SQS } from '@aws-sdk/client-sqs';
import { awsError } from '../../../src/adapters/aws/errors.ts';
import { claimOf, deleteClaimed, hideClaimed } from '../../../src/adapters/aws/work-queue/claim.ts';
import { nameOfQueue } from '../../../src/adapters/aws/work-queue/enqueue.ts';
import { readMessage } from '../../../src/adapters/aws/work-queue/message.ts';
import {
  createSqsQueue,
  type SqsQueueDeps,
  sendDeadLetter,
  sendRestingClaim,
  sendUnreadable,
} from '../../../src/adapters/aws/work-queue/queue.ts';
import type { Claim, Queue } from '../../../src/core/ports/queue.ts';

/** Messages that one ReceiveMessage hands out at the most. */
const RECEIVED_MAX = 10;

/** All sides of the queue on SQS, as the contract suite asks for them: it claims by receiving, as Lambda does for the processor. */
export const createClaimingSqsQueue = (deps: SqsQueueDeps & { readonly sdk: SQS }): Queue => {
  const { client, sdk, workQueueUrl, clock } = deps;

  const receive = async (limit: number, leaseMs: number): Promise<readonly Message[]> => {
    try {
      const { Messages: messages = [] } = await sdk.receiveMessage({
        QueueUrl: workQueueUrl,
        MaxNumberOfMessages: Math.min(limit, RECEIVED_MAX),
        VisibilityTimeout: Math.ceil(leaseMs / 1000),
        WaitTimeSeconds: 0,
        MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
      });
      return messages;
    } catch (error) {
      throw awsError(error, 'queue_unavailable', nameOfQueue(workQueueUrl));
    }
  };

  /** A message that is no pointer to a webhook is put where operators look; nothing claims it ever again. */
  const claimed = async ({ Body: body = '', ReceiptHandle: handle = '', Attributes: attributes = {} }: Message) => {
    const message = readMessage(body);
    if (message.outcome === 'understood') return claimOf(message, handle, attributes, clock.now());
    await sendUnreadable(deps, body);
    await deleteClaimed(client, workQueueUrl, handle);
    return undefined;
  };

  return {
    ...createSqsQueue(deps),
    async claim(limit, leaseMs) {
      const claims: Claim[] = [];
      while (claims.length < limit) {
        const messages = await receive(limit - claims.length, leaseMs);
        if (messages.length === 0) break;
        for (const message of messages) {
          const claim = await claimed(message);
          if (claim !== undefined) claims.push(claim);
        }
      }
      return claims;
    },
    complete: ({ receipt }) => deleteClaimed(client, workQueueUrl, receipt),
    async deadLetter({ entry, receipt }, revision) {
      await sendDeadLetter(deps, entry, revision);
      return deleteClaimed(client, workQueueUrl, receipt);
    },
    putBack: ({ receipt }, delayMs) => hideClaimed(client, workQueueUrl, receipt, delayMs),
    async retryIn(claim, delayMs) {
      await sendRestingClaim(deps, claim, { attributes: {} }, delayMs);
      return deleteClaimed(client, workQueueUrl, claim.receipt);
    },
  };
};
