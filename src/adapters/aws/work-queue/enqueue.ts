/** Puts work on SQS: all that a receiver may do with the queue. */

import assert from 'node:assert/strict';
import type { SendMessageCommandInput } from '@aws-sdk/client-sqs';
import type { ErrorCode } from '../../../core/errors.ts';
import type { Enqueue } from '../../../core/ports/queue.ts';
import { awsError } from '../errors.ts';
import type { SqsCalls } from '../service-calls.ts';
import { writeMessage } from './message.ts';

export interface SqsEnqueueDeps {
  readonly client: SqsCalls;
  readonly workQueueUrl: string;
  /** The trace header of the current invocation, so that X-Ray links what is done later to it. */
  readonly traceHeader?: () => string | undefined;
}

/** What SQS can delay a message by. Who has to wait for longer rests on: `rest.ts`. */
export const DELAY_SECONDS_MAX = 900;

const TRACE_HEADER = /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}(?:;[A-Za-z]{1,32}=[\w:,.|-]{1,128}){0,8}$/;

/** A queue as a sentence names it: by the end of its URL. */
export const nameOfQueue = (url: string): string => `queue ${url.slice(url.lastIndexOf('/') + 1)}`;

/** Exactly one SendMessage. Throws the code with a sentence that names the queue. */
export const sendToQueue = async (
  client: SqsCalls,
  code: ErrorCode,
  input: SendMessageCommandInput & { readonly QueueUrl: string },
): Promise<void> => {
  try {
    await client.sendMessage(input);
  } catch (error) {
    throw awsError(error, code, nameOfQueue(input.QueueUrl));
  }
};

/** The trace header on a message; nothing for what SQS would refuse. */
export const traceAttribute = (header: string | undefined): Pick<SendMessageCommandInput, 'MessageSystemAttributes'> =>
  header !== undefined && TRACE_HEADER.test(header)
    ? { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: header } } }
    : {};

/**
 * `enqueue` on a standard queue: a webhook that is enqueued twice is delivered twice. Each provider is a message
 * group of its own, so that the backlog of one does not hold up the others (SQS fair queues).
 */
export const createSqsEnqueue =
  (deps: SqsEnqueueDeps): Enqueue['enqueue'] =>
  async (entry, delayMs = 0) => {
    const delaySeconds = Math.ceil(delayMs / 1000);
    assert(delaySeconds >= 0 && delaySeconds <= DELAY_SECONDS_MAX, `SQS delays by 0 to ${DELAY_SECONDS_MAX} seconds`);
    await sendToQueue(deps.client, 'queue_unavailable', {
      QueueUrl: deps.workQueueUrl,
      MessageBody: writeMessage(entry),
      MessageGroupId: entry.provider,
      ...traceAttribute(deps.traceHeader?.()),
      ...(delaySeconds === 0 ? {} : { DelaySeconds: delaySeconds }),
    });
  };
