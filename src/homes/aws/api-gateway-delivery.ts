/** From API Gateway's proxy event to a delivery, byte for byte, and from our answer to what API Gateway sends. */
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Delivery, DeliveryHeaders } from '../../core/ports/provider.ts';
import type { Sender } from '../../core/shares.ts';
import type { Answer } from '../../receive/answer.ts';
import type { RequestFacts } from '../../receive/edge-rules.ts';

export type ProxyEvent = Pick<
  APIGatewayProxyEvent,
  'body' | 'isBase64Encoded' | 'httpMethod' | 'path' | 'pathParameters' | 'headers' | 'multiValueHeaders'
> & {
  readonly multiValueQueryStringParameters: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly requestContext: {
    readonly requestId?: string;
    readonly domainName?: string | undefined;
    readonly path?: string;
    readonly identity?: { readonly sourceIp?: string };
  };
};

/**
 * The body as the provider sent it: the stage takes every media type as binary, so API Gateway hands over base64 and
 * never decodes text. A body that comes as text all the same (a test event in the console) is its UTF-8 bytes.
 */
const bodyOf = (event: ProxyEvent): Uint8Array =>
  Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');

/** Names in lower case; repeats in order. API Gateway keeps the client's casing and gives repeats apart. */
const headersOf = (event: ProxyEvent): DeliveryHeaders => {
  const headers = new Map<string, readonly string[]>();
  for (const [name, values] of Object.entries(event.multiValueHeaders ?? {})) {
    if (values !== undefined) headers.set(name.toLowerCase(), values);
  }
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    const lower = name.toLowerCase();
    if (value !== undefined && !headers.has(lower)) headers.set(lower, [value]);
  }
  return headers;
};

const queryOf = (event: ProxyEvent): string => {
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {})) {
    for (const value of values ?? []) query.append(name, value);
  }
  return query.toString();
};

/** The address under which the API was called, as API Gateway itself knows it; null when it does not say. */
const publicUrlOf = ({ requestContext }: ProxyEvent): string | null =>
  requestContext.domainName === undefined || requestContext.path === undefined
    ? null
    : `https://${requestContext.domainName}${requestContext.path}`;

/** The firewall holds senders to their rates and shares; published addresses have a reserve in what is told of them. */
export const senderOf = (event: ProxyEvent, publishedAddresses: ReadonlySet<string>): Sender => {
  const address = event.requestContext.identity?.sourceIp ?? 'unknown';
  const isPublished = publishedAddresses.has(address);
  return { address, isLimited: !isPublished, hasReserve: isPublished };
};

export const deliveryOf = (event: ProxyEvent, sender: Sender): Delivery => ({
  body: bodyOf(event),
  headers: headersOf(event),
  method: event.httpMethod,
  query: queryOf(event),
  publicUrl: publicUrlOf(event),
  sender,
});

export const requestFactsOf = (
  event: ProxyEvent,
  { headers, method }: Delivery,
  configured: ReadonlySet<string>,
): RequestFacts => {
  const pathProvider = event.pathParameters?.provider;
  return {
    method,
    pathProvider,
    isProviderConfigured: pathProvider !== undefined && configured.has(pathProvider),
    headersCount: [...headers.values()].reduce((sum, values) => sum + values.length, 0),
    // An event that does not say comes from API Gateway, which has looked.
    hostsCount: headers.get('host')?.length ?? 1,
    contentType: headers.get('content-type')?.[0],
    expectation: headers.get('expect')?.[0],
  };
};

/** `X-Amzn-Trace-Id` is `Root=1-…;Parent=…;Sampled=0`: the root names the trace everywhere. */
export const traceIdOf = (traceHeader: string | undefined): string | undefined =>
  traceHeader?.match(/(?:^|;)Root=([0-9a-f-]{1,64})/)?.[1];

/**
 * API Gateway decides itself whether to trace a request that has no trace header, and then adds one with a root alone. One
 * that comes with a decision keeps it: the caller's.
 */
export const isTracedByCaller = ({ headers }: Pick<ProxyEvent, 'headers'>): boolean =>
  Object.entries(headers ?? {}).some(
    ([name, value]) => name.toLowerCase() === 'x-amzn-trace-id' && /(?:^|;)\s*Sampled=/i.test(value ?? ''),
  );

export const proxyResultOf = ({ httpStatus, body, retryAfterSeconds }: Answer): APIGatewayProxyResult => ({
  statusCode: httpStatus,
  headers: {
    'content-type': 'application/json',
    ...(retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) }),
    ...(httpStatus === 405 ? { allow: 'POST' } : {}),
  },
  body: JSON.stringify(body),
});
