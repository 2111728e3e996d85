/** Options that every AWS client is made with: short time-outs, few retries, so that no call outlives a delivery. */

/** Establishing a connection inside a region takes a few milliseconds; this long means that it will not come. */
const CONNECTION_TIMEOUT_MS = 1_000;
/** DynamoDB and SQS answer within 10 ms at the median and 100 ms at the 99.9th percentile. */
const REQUEST_TIMEOUT_MS = 2_000;
/** The first try and two more, with the SDK's own backoff. All of them together stay below `LIMITS.deliveryMsMax`. */
const ATTEMPTS_MAX = 3;
/** Sockets kept open by one client; a function handles one delivery or one batch at a time. */
const SOCKETS_MAX = 50;

export const AWS_CLIENT_OPTIONS = {
  maxAttempts: ATTEMPTS_MAX,
  requestHandler: {
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    throwOnRequestTimeout: true,
    httpsAgent: { keepAlive: true, maxSockets: SOCKETS_MAX },
    httpAgent: { keepAlive: true, maxSockets: SOCKETS_MAX },
  },
} as const;

/** SQS is asked at the region's endpoint, as every other service is, and not at the host that a queue's URL names. */
export const SQS_CLIENT_OPTIONS = { ...AWS_CLIENT_OPTIONS, useQueueUrlAsEndpoint: false } as const;
