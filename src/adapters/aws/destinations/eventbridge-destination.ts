/** A destination that is an event bus: each payment event becomes an event of the bus, which passes it on by its rules. */
import type { PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import type { Destination, DestinationMessage, SendFailure, SendOutcome } from '../../../destinations/destination.ts';
import { awsError, isAwsError } from '../errors.ts';
import type { EventbridgeCalls } from '../service-calls.ts';

export interface EventbridgeDestinationDeps {
  readonly client: EventbridgeCalls;
  readonly name: string;
  readonly busName: string;
}

/** What rules match on as `source`. */
const EVENT_SOURCE = 'payhook';

/** What PutEvents takes in one call: ten events that have 1 MB together, as it counts them. */
const MESSAGES_MAX = 10;
const CALL_BYTES_MAX = 1_000_000;
const TIME_BYTES = 14;

/** What an event, or the whole call, is refused with when the bus takes nothing now. */
const THROTTLED = ['ThrottlingException', 'TooManyRequestsException', 'RequestLimitExceeded', 'LimitExceededException'];
const BROKEN = ['InternalFailure', 'InternalException', 'InternalServerError', 'ServiceUnavailable'];
/** What a call is refused with for what is in it. */
const NOT_ACCEPTED = ['ValidationException', 'ValidationError', 'RequestEntityTooLargeException'];
const TIMED_OUT = ['TimeoutError', 'AbortError', 'RequestTimeout'];

const CODE = /^\w{1,64}$/;

const failed = (reason: SendFailure, detail: string, isDestinationDown: boolean): SendOutcome => ({
  outcome: 'failed',
  reason,
  detail,
  retryAfterMs: null,
  isDestinationDown,
});

/** As PutEvents counts it: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
const bytesOf = ({ id, type, occurredAt, body }: DestinationMessage): number =>
  [EVENT_SOURCE, type, body, id].reduce(
    (sum, text) => sum + Buffer.byteLength(text),
    occurredAt === null ? 0 : TIME_BYTES,
  );

/**
 * `source` of an event is `payhook`, `detail-type` the type of the payment event, `detail` the message's body, `resources`
 * its id. One call of `send` is one call of PutEvents, unless the messages are larger together than it takes.
 */
export const createEventbridgeDestination = (deps: EventbridgeDestinationDeps): Destination => ({
  name: deps.name,
  kind: 'eventbridge',
  messagesMax: MESSAGES_MAX,
  async send(messages, signal) {
    const results: SendOutcome[] = [];
    for (const call of callsOf(messages)) results.push(...(await putEvents(deps, call, signal)));
    return results;
  },
});

/** The messages in their order, as few calls as take them. One that no call takes stands alone. */
const callsOf = (messages: readonly DestinationMessage[]): readonly (readonly DestinationMessage[])[] => {
  const calls: DestinationMessage[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const own = bytesOf(message);
    const current = calls.at(-1);
    if (current === undefined || current.length >= MESSAGES_MAX || bytes + own > CALL_BYTES_MAX) {
      calls.push([message]);
      bytes = own;
    } else {
      current.push(message);
      bytes += own;
    }
  }
  return calls;
};

const putEvents = async (
  deps: EventbridgeDestinationDeps,
  messages: readonly DestinationMessage[],
  signal: AbortSignal,
): Promise<readonly SendOutcome[]> => {
  const { client, busName } = deps;
  if (messages.some((message) => bytesOf(message) > CALL_BYTES_MAX)) {
    return messages.map(() =>
      failed('not_accepted', `bus ${busName} takes events up to ${CALL_BYTES_MAX} bytes`, false),
    );
  }
  try {
    const { Entries: entries = [] } = await client.putEvents(
      { Entries: messages.map((message) => entryOf(busName, message)) },
      { abortSignal: signal },
    );
    return messages.map((_, index) => resultOf(busName, entries[index]));
  } catch (error) {
    const isRefused = isAwsError(error, ...NOT_ACCEPTED);
    // A call is refused whole for one event: alone, each gets its own answer.
    if (!isRefused || messages.length === 1) return messages.map(() => failureOf(busName, error, !isRefused));
    const results: SendOutcome[] = [];
    for (const message of messages) results.push(...(await putEvents(deps, [message], signal)));
    return results;
  }
};

const entryOf = (busName: string, { id, type, occurredAt, body }: DestinationMessage) => ({
  EventBusName: busName,
  Source: EVENT_SOURCE,
  DetailType: type,
  Detail: body,
  Resources: [id],
  ...(occurredAt === null ? {} : { Time: new Date(occurredAt) }),
});

const resultOf = (busName: string, entry: PutEventsResultEntry | undefined): SendOutcome => {
  if (entry?.EventId !== undefined) return { outcome: 'delivered' };
  const { ErrorCode: code = '' } = entry ?? {};
  const isDestinationDown = THROTTLED.includes(code) || BROKEN.includes(code);
  // The service's own message may quote the event; its code does not.
  const named = CODE.test(code) ? code : 'no code';
  return failed(reasonOf(code), `bus ${busName} did not take the event (${named})`, isDestinationDown);
};

const reasonOf = (code: string): SendFailure => {
  if (THROTTLED.includes(code)) return 'answered_429';
  return BROKEN.includes(code) ? 'answered_5xx' : 'not_accepted';
};

const failureOf = (busName: string, error: unknown, isDestinationDown: boolean): SendOutcome =>
  failed(reasonOfThrown(error), awsError(error, 'internal', `bus ${busName}`).message, isDestinationDown);

const reasonOfThrown = (error: unknown): SendFailure => {
  if (isAwsError(error, ...TIMED_OUT)) return 'timed_out';
  if (isAwsError(error, ...THROTTLED)) return 'answered_429';
  if (isAwsError(error, ...NOT_ACCEPTED)) return 'not_accepted';
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  if (status === undefined) return 'not_reachable';
  return status >= 500 ? 'answered_5xx' : 'answered_4xx';
};
