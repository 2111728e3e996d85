/** The change feed of a deployed stack under Lambda's rules: the mapping is the template's own, the pump stands in for it. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { AwsNames } from '../../../src/config/aws-names.ts';
import type { Invoked, PumpedRecord } from '../servers/stream-delivery.ts';
import { createStreamPump, type StreamMapping, type StreamPump } from '../servers/stream-pump.ts';
import { createStreamSource } from '../servers/stream-source.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import type { Template } from './transform-template.ts';

const ACCOUNT = '000000000000';

export const isStreamMapping = ({ Type: type, Properties: properties }: Template['Resources'][string]): boolean =>
  type === 'AWS::Lambda::EventSourceMapping' && properties?.StartingPosition !== undefined;

interface MappingProperties {
  readonly BatchSize?: number;
  readonly ParallelizationFactor?: number;
  readonly MaximumRetryAttempts?: number;
  readonly MaximumRecordAgeInSeconds?: number;
  readonly BisectBatchOnFunctionError?: boolean;
  readonly FunctionResponseTypes?: readonly string[];
  readonly FilterCriteria?: { readonly Filters?: readonly { readonly Pattern: string }[] };
}

/** What AWS makes of what is left out stands beside each. Throws when the template has not exactly one stream mapping. */
const streamMappingOf = ({ Resources: resources }: Template): StreamMapping => {
  const [mapping, ...others] = Object.values(resources).filter(isStreamMapping);
  if (mapping === undefined || others.length > 0) throw new Error('the template has one mapping of a stream');
  const properties: MappingProperties = mapping.Properties ?? {};
  const bounded = (value: number | undefined): number | null => (value === undefined || value === -1 ? null : value);
  return {
    batchSize: properties.BatchSize ?? 100,
    parallelizationFactor: properties.ParallelizationFactor ?? 1,
    maximumRetryAttempts: bounded(properties.MaximumRetryAttempts),
    maximumRecordAgeSeconds: bounded(properties.MaximumRecordAgeInSeconds),
    isBisected: properties.BisectBatchOnFunctionError ?? false,
    isPartialReported: properties.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
    filters: (properties.FilterCriteria?.Filters ?? []).map(({ Pattern: pattern }): unknown => JSON.parse(pattern)),
  };
};

export interface PumpStreamInput {
  readonly template: Template;
  readonly names: AwsNames;
  readonly emulatorUrl: string;
  /** Has the last word about what the stream says. @default unchanged */
  readonly editRecords?: (records: readonly PumpedRecord[]) => readonly PumpedRecord[];
}

/** Begins to pump. */
export const pumpStream = async (input: PumpStreamInput): Promise<StreamPump> => {
  const { names, emulatorUrl, editRecords = (records) => records } = input;
  const options = emulatorClientOptions(emulatorUrl);
  const lambda = new LambdaClient(options);
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const source = await createStreamSource(emulatorUrl, names.webhookTable);

  const invoke = async (records: readonly PumpedRecord[]): Promise<Invoked> => {
    const Payload = Buffer.from(JSON.stringify({ Records: records }));
    const answer = await lambda.send(new InvokeCommand({ FunctionName: names.auditLogger, Payload }));
    const text = Buffer.from(answer.Payload ?? []).toString('utf8');
    return answer.FunctionError === undefined
      ? { outcome: 'answered', answer: text === '' ? null : JSON.parse(text) }
      : { outcome: 'failed', error: answer.FunctionError };
  };

  const pump = createStreamPump({
    mapping: streamMappingOf(input.template),
    source: {
      shards: source.shards,
      read: async (shardId) => {
        const read = await source.read(shardId);
        return { ...read, records: editRecords(read.records) };
      },
    },
    invoke: (records) =>
      invoke(records).catch((thrown: unknown) => {
        if (thrown instanceof Error && thrown.name === 'TooManyRequestsException') return { outcome: 'throttled' };
        throw thrown;
      }),
    keepFailure: async (key, text) => {
      await s3.send(new PutObjectCommand({ Bucket: names.failureBucket(ACCOUNT), Key: key, Body: text }));
    },
  });
  pump.start();
  return pump;
};
