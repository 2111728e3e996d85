import { describe, expect, test } from 'vitest';
import { readQueueUrls } from './function-environment.ts';

describe('the queues of destinations', () => {
  test('are read by name', () => {
    expect(readQueueUrls('{"ledger":"https://sqs.example/1/queue-destination-ledger-dev"}')).toEqual(
      new Map([['ledger', 'https://sqs.example/1/queue-destination-ledger-dev']]),
    );
    expect(readQueueUrls('{}').size).toBe(0);
  });

  test.each(['', 'https://sqs.example/1/queue', '{"ledger":1}', 'null'])('%j is refused, with what to do', (text) => {
    expect(() => readQueueUrls(text)).toThrow(expect.objectContaining({ code: 'configuration_invalid' }));
    expect(() => readQueueUrls(text)).toThrow('deploy the stack, which sets it');
  });
});
