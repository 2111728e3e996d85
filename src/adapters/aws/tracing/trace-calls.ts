/** Calls of AWS as subsegments: one for each call, whatever its tries. */
import type { SpanFacts, Tracer } from './tracer.ts';

/** Names of resources in the input of a call, and what X-Ray calls them. Ids, keys and contents are not among them. */
const NAMES = [
  ['TableName', 'table_name'],
  ['QueueUrl', 'queue_url'],
  ['Bucket', 'bucket_name'],
] as const;

export const awsFacts = (service: string, operation: string, input: object): SpanFacts => {
  const fields: Readonly<Record<string, unknown>> = { ...input };
  const names = NAMES.flatMap(([field, name]) => {
    const value = fields[field];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return { name: service, namespace: 'aws', aws: { operation, ...Object.fromEntries(names) } };
};

type CallWith = (input: object, ...rest: never[]) => Promise<unknown>;

/** `service` as X-Ray names it: `DynamoDB`, `SQS`, `KMS`, `SecretsManager`, `S3`, `SNS`, `Events`. */
export const traceCalls = <Calls extends object>(tracer: Tracer, service: string, calls: Calls): Calls =>
  Object.fromEntries(
    Object.entries(calls as Readonly<Record<string, CallWith>>).map(([name, call]): [string, CallWith] => {
      const operation = name.charAt(0).toUpperCase() + name.slice(1);
      return [
        name,
        (input, ...rest) =>
          tracer.span(
            () => awsFacts(service, operation, input),
            () => call(input, ...rest),
          ),
      ];
    }),
  ) as Calls;
