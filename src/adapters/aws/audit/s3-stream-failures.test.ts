import { describe, expect, test } from 'vitest';
import { readFailure } from './s3-stream-failures.ts';

const KEY = 'aws/lambda/uuid/shardId-1/2026-11-23T12.00.00-uuid';

describe('an object of the failure bucket', () => {
  test('is read as Lambda writes it: the event as a text beside what is told of the batch', () => {
    const event = { Records: [{ eventID: '1', dynamodb: { SequenceNumber: '7' } }] };
    const text = JSON.stringify({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 11 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: '2026-11-23T12:00:00.000Z',
      DDBStreamBatchInfo: { shardId: 'shardId-1', startSequenceNumber: '7', endSequenceNumber: '7', batchSize: 1 },
      payload: JSON.stringify(event),
    });

    expect(readFailure(KEY, text)).toMatchObject({
      outcome: 'read',
      key: KEY,
      records: event.Records,
      batch: { version: '1.0', DDBStreamBatchInfo: { batchSize: 1 } },
    });
  });

  test.each([
    ['', 'not a JSON object'],
    ['[]', 'not a JSON object'],
    ['{"payload":{"Records":[]}}', 'no payload: only S3 as the destination gets one'],
    ['{"payload":"{"}', 'its payload is no event of a stream'],
    ['{"payload":"{}"}', 'its payload is no event of a stream'],
    ['{"payload":"{\\"Records\\":[1]}"}', 'its payload holds something that is no record'],
  ])('that holds %s is unreadable, and none of it is quoted', (text, reason) => {
    expect(readFailure(KEY, text)).toEqual({ outcome: 'unreadable', key: KEY, reason });
  });
});
