/**
 * Everything that the simulation takes for granted, as of 2026-11. What is measured says by what; what a provider or AWS
 * documents says where; what nobody publishes is called assumed. Numbers of the stack and of the core are not here: they
 * are read from the code or stand in `stack-settings.ts`.
 */
import { PEAK_PRICES_USD } from '../../infra/peak/describe-peak.ts';

export const ASSUMED_AS_OF = '2026-11-29';

export interface SendingProvider {
  readonly name: string;
  /** Part of all webhooks. Assumed. */
  readonly share: number;
  /** Addresses that it sends from. */
  readonly addresses: number;
  /** Seconds between one attempt and the next, until it gives up. */
  readonly retryAfterSeconds: readonly number[];
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const doublingMinutes = (times: number): number[] => Array.from({ length: times }, (_, n) => MINUTE * 2 ** n);

export const PROVIDERS: readonly SendingProvider[] = [
  {
    name: 'stripe',
    share: 0.6,
    /** docs.stripe.com/ips: 15 addresses as of 2026-05. */
    addresses: 15,
    /** docs.stripe.com/webhooks: up to 3 days with exponential backoff. The steps are not published: these are assumed. */
    retryAfterSeconds: [...doublingMinutes(10), 12 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR],
  },
  {
    name: 'paypal',
    share: 0.25,
    /** None published; five were seen in captures. */
    addresses: 5,
    /** developer.paypal.com: up to 25 times in 3 days. The steps are not published: these are assumed. */
    retryAfterSeconds: [...doublingMinutes(8), ...Array<number>(17).fill(239 * MINUTE)],
  },
  {
    name: 'square',
    share: 0.15,
    /** developer.squareup.com/docs/webhooks: two in production. */
    addresses: 2,
    /** The same pages: 11 times in 24 hours, after 1, 2, 4, 8, 16, 32 and 60 minutes, 2, 4, 8 and 8 hours. */
    retryAfterSeconds: [...doublingMinutes(6), HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 8 * HOUR],
  },
];

/** A retry comes so much earlier or later than its step. Assumed; without it all of a second would come again in one. */
export const RETRY_JITTER = 0.1;

export const TIMES = {
  /**
   * A warm delivery: 1.4 ms of our own (`npm run bench -- aws`), 12 ms for one conditional write and one send. The mean
   * carries the tail: 25 ms, as published for Node.js at 1 GB with p99 30 to 100 ms. Exponential, which is wide.
   */
  receiverWarmSeconds: 0.025,
  /**
   * A cold one. Our init takes 3.5 times that of an empty function (bench); on Lambda's ARM64 with its download, start and
   * first TLS connections 400 to 900 ms. Assumed: 600.
   */
  receiverColdSeconds: 0.6,
  /** A batch of ten without handlers: 20 ms of AWS and 15 of our own (bench: CPU a webhook at half a gigabyte). */
  processorBatchSeconds: 0.035,
  /** The slowest of ten handlers that run side by side, each 50 ms on average. Assumed: a shop's own API. */
  handlersSeconds: 0.12,
  /** Until a downstream that is down fails a call: a refused connection. One that hangs opens the circuit the same way. */
  handlerFailureSeconds: 0.05,
  /** A batch of a hundred records, hashing, one write, one race for the end of the trail: 60 to 80 ms. Assumed. */
  auditBatchSeconds: 0.08,
  /** From the write until the stream's batch is there: a poll four times a second and a window of one second. */
  auditFloorSeconds: 1.25,
  /** In a brown-out of DynamoDB, one delivery: three tries of two seconds end at its own 8 seconds. */
  brownOutSeconds: 8,
} as const;

export const LAMBDA = {
  /** docs.aws.amazon.com/lambda, "Configuring scaling behavior for SQS event source mappings": starts with 5, 300 more a minute. */
  pollersAtStart: 5,
  pollersMorePerSecond: 300 / MINUTE,
} as const;

export const DYNAMODB = {
  /** docs.aws.amazon.com/amazondynamodb, "On-demand capacity mode": a new table takes 4,000 write units a second. */
  newTableUnits: 4000,
  /** The same page: up to double of the previous peak; above that it may throttle within 30 minutes of it. */
  growthFactor: 2,
  growthSeconds: 30 * MINUTE,
  /** One partition takes 1,000 write units a second, and has one shard of the stream. */
  partitionUnits: 1000,
  /** Keys are hashed: the fullest partition is reached a little before the sum. Assumed. Burst
   * capacity and tries of the SDK are left out: both help for a second, and not against an hour. */
  usablePart: 0.95,
} as const;

/**
 * Write units of one webhook in the tables themselves, counted with DynamoDB Local (`bench/aws-table-units.ts`). Indexes take
 * what they get beside them: one unit when it is received, which is a quarter of what a new one has.
 */
export const USAGE = {
  receiveUnits: 1,
  processUnits: 1,
  paymentUnits: 1.2,
  /** Runs of a hundred entries: 0.38 of a webhook, which has two records. Digests stand in another partition. */
  trailUnitsPerRecord: 0.19,
  /** A rest on SQS: sent, received, deleted, and one invocation's tenth. */
  restSqsRequests: 1.2,
} as const;

/** List prices, us-east-1, 2026-08, as in `docs/deploy.md` §8. */
export const COST_USD = {
  /** Received, processed and audited, all in: what `npm run bench -- aws` prints. */
  webhook: 9.1 / 1e6,
  /** A refused request: WAF counts it, API Gateway does not charge what it throttles. */
  throttledAtEdge: 0.6 / 1e6,
  /** One that reached API Gateway and found no receiver, or no table. */
  throttledBehind: 4.1 / 1e6,
  rest: 0.7 / 1e6,
  provisionedHour: PEAK_PRICES_USD.warmReceiverHour,
} as const;
