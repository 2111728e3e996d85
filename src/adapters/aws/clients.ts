/** How long functions wait for AWS and how often they try: short time-outs, few tries, so that no call outlives a delivery. */

/** Establishing a connection inside a region takes a few milliseconds; this long means that it will not come. */
export const CONNECTION_TIMEOUT_MS = 1_000;
/** DynamoDB and SQS answer within 10 ms at the median and 100 ms at the 99.9th percentile. */
export const REQUEST_TIMEOUT_MS = 2_000;
/** The first try and two more, with full jitter between them. */
export const ATTEMPTS_MAX = 3;
/** All tries of one call, and the waits between them: below `LIMITS.deliveryMsMax`. */
export const CALL_MS_MAX = 7_000;
/** Sockets kept open by one client; a function handles one delivery or one batch at a time. */
export const SOCKETS_MAX = 50;

/** The same for clients of the SDK. */
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
