/**
 * Which AWS call an HTTP request is: service, operation, the table, queue, key or bucket it is about, and who makes it.
 * Reads no more than it needs; what it does not know is `unknown`, never an error.
 */
import type { IncomingHttpHeaders } from 'node:http';

export type ServiceName = 'dynamodb' | 'sqs' | 'kms' | 'secretsmanager' | 'sns' | 's3' | 'lambda' | 'sts' | 'unknown';

export interface AwsCall {
  readonly service: ServiceName;
  /** As the SDK's commands are called: `PutItem`. */
  readonly operation: string;
  /** Name of the table, queue, topic, secret, function or bucket, or the key's id; empty when it has none. */
  readonly resource: string;
  /** Name of the function that calls, when it runs on the Lambda host; the access key otherwise. */
  readonly caller: string;
}

export interface HttpCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** First part of `X-Amz-Target`, without its date. */
const TARGETS: Readonly<Record<string, ServiceName>> = {
  DynamoDB: 'dynamodb',
  DynamoDBStreams: 'dynamodb',
  AmazonSQS: 'sqs',
  TrentService: 'kms',
  secretsmanager: 'secretsmanager',
};

/** The scope of the signature names the service, whatever the protocol. */
const SCOPES: Readonly<Record<string, ServiceName>> = {
  dynamodb: 'dynamodb',
  sqs: 'sqs',
  kms: 'kms',
  secretsmanager: 'secretsmanager',
  sns: 'sns',
  s3: 's3',
  lambda: 'lambda',
  sts: 'sts',
};

const CALLER_PREFIX = 'ASIA-';

/** `AWS4-HMAC-SHA256 Credential=KEY/20260101/us-east-1/sqs/aws4_request, …` */
const credentialOf = (headers: IncomingHttpHeaders): { readonly key: string; readonly scope: string } => {
  const [key = '', , , scope = ''] = headers.authorization?.match(/Credential=([^,]+)/)?.[1]?.split('/') ?? [];
  return { key, scope };
};

const lastPart = (value: string): string => value.split(/[/:]/).at(-1) ?? '';

interface JsonBody {
  readonly TableName?: string;
  readonly QueueUrl?: string;
  readonly KeyId?: string;
  readonly SecretId?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName?: string }>>[];
}

const parseJson = (body: Buffer): JsonBody => {
  try {
    return JSON.parse(body.toString());
  } catch {
    return {};
  }
};

const resourceOfJson = (body: Buffer): string => {
  const json = parseJson(body);
  const named = json.TableName ?? json.QueueUrl ?? json.KeyId ?? json.SecretId;
  if (named !== undefined) return lastPart(named);
  const item = Object.values(json.TransactItems?.[0] ?? {})[0]?.TableName;
  return item ?? Object.keys(json.RequestItems ?? {})[0] ?? '';
};

const S3_OPERATIONS: Readonly<Record<string, readonly [ofBucket: string, ofObject: string]>> = {
  GET: ['ListObjectsV2', 'GetObject'],
  HEAD: ['HeadBucket', 'HeadObject'],
  PUT: ['CreateBucket', 'PutObject'],
  DELETE: ['DeleteBucket', 'DeleteObject'],
  POST: ['DeleteObjects', 'PostObject'],
};

const s3Call = ({ method, path }: HttpCall): Pick<AwsCall, 'operation' | 'resource'> => {
  const [, bucket = '', key = ''] = path.split('?')[0]?.match(/^\/([^/]*)\/?(.*)$/) ?? [];
  const [ofBucket, ofObject] = S3_OPERATIONS[method] ?? ['unknown', 'unknown'];
  return { operation: key === '' ? ofBucket : ofObject, resource: bucket };
};

const lambdaCall = ({ path }: HttpCall): Pick<AwsCall, 'operation' | 'resource'> => {
  const [, name = '', rest = ''] = path.match(/\/functions\/([^/?]+)([^?]*)/) ?? [];
  return { operation: rest === '/invocations' ? 'Invoke' : 'unknown', resource: lastPart(decodeURIComponent(name)) };
};

const queryCall = ({ body }: HttpCall): Pick<AwsCall, 'operation' | 'resource'> => {
  const form = new URLSearchParams(body.toString());
  return { operation: form.get('Action') ?? 'unknown', resource: lastPart(form.get('TopicArn') ?? '') };
};

export const awsCallOf = (http: HttpCall): AwsCall => {
  const { key, scope } = credentialOf(http.headers);
  const caller = key.startsWith(CALLER_PREFIX) ? key.slice(CALLER_PREFIX.length) : key;
  const target = http.headers['x-amz-target'];
  if (typeof target === 'string') {
    const [prefix = '', operation = 'unknown'] = target.split('.');
    const service = TARGETS[prefix.split('_')[0] ?? ''] ?? 'unknown';
    return { service, operation, resource: resourceOfJson(http.body), caller };
  }
  const service = SCOPES[scope] ?? 'unknown';
  if (service === 's3') return { service, caller, ...s3Call(http) };
  if (service === 'lambda') return { service, caller, ...lambdaCall(http) };
  return { service, caller, ...queryCall(http) };
};
