/** Calls of a client of the SDK as subsegments: one for each call, whatever its tries. */
import type { SpanFacts, Tracer } from './tracer.ts';

/** As much of a client of the SDK as is needed. */
interface SdkClient {
  readonly middlewareStack: {
    add(
      middleware: (
        next: (args: never) => Promise<unknown>,
        context: { readonly commandName?: string },
      ) => (args: never) => Promise<unknown>,
      options: { readonly step: 'initialize'; readonly name: string; readonly priority: 'high' },
    ): void;
  };
}

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

/** `service` as X-Ray names it: `DynamoDB`, `SQS`, `KMS`, `SecretsManager`, `S3`, `SNS`, `Events`. */
export const traceClient = <Client extends object>(tracer: Tracer, service: string, client: Client): Client => {
  // The types of each service's stack differ in their commands only, of which nothing is used here.
  (client as unknown as SdkClient).middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) =>
        tracer.span(
          () => awsFacts(service, commandName.replace(/Command$/, ''), (args as { readonly input: object }).input),
          () => next(args),
        ),
    { step: 'initialize', name: 'trace', priority: 'high' },
  );
  return client;
};
