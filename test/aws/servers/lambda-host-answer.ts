/** What Lambda makes of the end of an invocation: the answer to who invoked, and its own line in the function's log. */
import type { PoolResult } from './lambda-host-pool.ts';

/** Lambda's limit for the event and for the answer of a synchronous invocation. */
export const PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;

export interface HostAnswer {
  /** 200: the function answered; 429: it is at its reserved concurrency; 413: the event is too large; 500: its fault. */
  readonly status: 200 | 413 | 429 | 500;
  readonly body: string | Buffer;
}

const failure = (status: HostAnswer['status'], errorType: string, errorMessage: string): HostAnswer => ({
  status,
  body: JSON.stringify({ errorType, errorMessage }),
});

export const EVENT_TOO_LARGE: HostAnswer = failure(413, 'RequestEntityTooLargeException', 'the event is over 6 MiB');

export const hostAnswerOf = (result: PoolResult): HostAnswer => {
  switch (result.outcome) {
    case 'answered':
      return result.body.length > PAYLOAD_BYTES_MAX
        ? failure(500, 'Function.ResponseSizeTooLarge', `the answer has ${result.body.length} bytes`)
        : { status: 200, body: result.body };
    case 'failed':
      return { status: 500, body: result.body };
    case 'timed_out':
      return failure(500, 'Sandbox.Timedout', 'Task timed out');
    case 'exited':
      return failure(500, 'Runtime.ExitError', `Runtime exited: ${result.status}`);
    case 'init_failed':
      return failure(500, result.errorType, result.message);
    case 'throttled':
      return failure(429, 'TooManyRequestsException', 'Rate Exceeded');
  }
};

/** Null when Lambda leaves the log to the function. */
export const platformLineOf = (result: PoolResult, requestId: string): string | null => {
  if (result.outcome === 'timed_out') return `${requestId} Task timed out`;
  if (result.outcome === 'exited') return `${requestId} Runtime exited: ${result.status}`;
  if (result.outcome === 'init_failed') return `INIT_REPORT ${result.errorType}: ${result.message}`;
  return null;
};
