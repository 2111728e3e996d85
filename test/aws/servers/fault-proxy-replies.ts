/** Errors in the shape that each service has, so that the SDK takes them for its own. */
import { randomUUID } from 'node:crypto';
import type { AwsCall, ServiceName } from './fault-proxy-call.ts';

export interface ProxyReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

export interface ServiceError {
  /** Name that the SDK throws, such as `KMSInvalidStateException`. */
  readonly code: string;
  readonly status: number;
}

const THROTTLES: Readonly<Record<ServiceName, ServiceError>> = {
  dynamodb: { code: 'ProvisionedThroughputExceededException', status: 400 },
  sqs: { code: 'RequestThrottled', status: 403 },
  kms: { code: 'ThrottlingException', status: 400 },
  secretsmanager: { code: 'ThrottlingException', status: 400 },
  sns: { code: 'Throttling', status: 400 },
  s3: { code: 'SlowDown', status: 503 },
  lambda: { code: 'TooManyRequestsException', status: 429 },
  sts: { code: 'Throttling', status: 400 },
  unknown: { code: 'ThrottlingException', status: 400 },
};

export const throttleOf = ({ service }: AwsCall): ServiceError => THROTTLES[service];

export const serverErrorOf = ({ service }: AwsCall): ServiceError => ({
  code: service === 'dynamodb' ? 'InternalServerError' : 'InternalFailure',
  status: 500,
});

const MESSAGE = 'injected by the test';

const xml = (status: number, body: string, requestId: string): ProxyReply => ({
  status,
  headers: { 'content-type': 'text/xml', 'x-amz-request-id': requestId },
  body: Buffer.from(`<?xml version="1.0"?>${body}`),
});

export const errorReply = ({ service }: AwsCall, { code, status }: ServiceError): ProxyReply => {
  const requestId = randomUUID();
  const side = status >= 500 ? 'Receiver' : 'Sender';
  if (service === 's3')
    return xml(status, `<Error><Code>${code}</Code><Message>${MESSAGE}</Message></Error>`, requestId);
  if (service === 'sns' || service === 'sts') {
    const error = `<Error><Type>${side}</Type><Code>${code}</Code><Message>${MESSAGE}</Message></Error>`;
    return xml(status, `<ErrorResponse>${error}<RequestId>${requestId}</RequestId></ErrorResponse>`, requestId);
  }
  return {
    status,
    headers: {
      'content-type':
        service === 'dynamodb' || service === 'sqs' ? 'application/x-amz-json-1.0' : 'application/x-amz-json-1.1',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': code,
      // The SDK reads the name of an error of SQS from here.
      ...(service === 'sqs' ? { 'x-amzn-query-error': `${code};${side}` } : {}),
    },
    body: Buffer.from(JSON.stringify({ __type: code, message: MESSAGE })),
  };
};
