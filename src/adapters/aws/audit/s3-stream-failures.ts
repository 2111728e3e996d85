/**
 * The bucket where Lambda keeps stream records that the audit logger could not take: one object for each batch, with the
 * whole records. Objects of one shard come in the order of time.
 */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { STREAM_FAILURE_PREFIX } from '../../../config/aws-names.ts';
import { awsError } from '../errors.ts';
import type { StreamRecord } from './change-feed.ts';

export type StreamFailure =
  | {
      readonly outcome: 'read';
      readonly key: string;
      readonly records: readonly StreamRecord[];
      /** What Lambda says of the batch besides. */
      readonly batch: Readonly<Record<string, unknown>>;
    }
  /** Not what Lambda puts there; `reason` quotes nothing of it. */
  | { readonly outcome: 'unreadable'; readonly key: string; readonly reason: string };

export interface StreamFailures {
  /** All that there are, one at a time. Throws `audit_unavailable`. */
  all(): AsyncIterable<StreamFailure>;
  /** The object then holds these records of its own and no others. Throws `audit_unavailable`. */
  keepOnly(failure: Extract<StreamFailure, { outcome: 'read' }>, records: readonly StreamRecord[]): Promise<void>;
  /** The bucket keeps the version for a day. Throws `audit_unavailable`. */
  remove(key: string): Promise<void>;
}

/** Lambda hands over 6 MB at most; in the object that is a text inside of a text, with everything in it escaped. */
const OBJECT_BYTES_MAX = 32 * 1024 * 1024;

export const createS3StreamFailures = (deps: {
  readonly client: S3Client;
  readonly bucket: string;
}): StreamFailures => {
  const { client, bucket } = deps;
  const unavailable = (error: unknown): never => {
    throw awsError(error, 'audit_unavailable', `bucket ${bucket}`);
  };

  const listFrom = (after: string | undefined) =>
    client
      .send(new ListObjectsV2Command({ Bucket: bucket, Prefix: STREAM_FAILURE_PREFIX, StartAfter: after }))
      .catch(unavailable);

  const read = async (key: string): Promise<StreamFailure> => {
    const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key })).catch(unavailable);
    return readFailure(key, (await body?.transformToString('utf-8').catch(unavailable)) ?? '');
  };

  return {
    async *all() {
      for (let after: string | undefined; ; ) {
        const { Contents: objects = [], IsTruncated: isMore = false } = await listFrom(after);
        for (const { Key: key = '', Size: bytes = 0 } of objects) {
          yield bytes > OBJECT_BYTES_MAX
            ? { outcome: 'unreadable', key, reason: `${bytes} bytes are more than Lambda writes` }
            : await read(key);
        }
        after = objects.at(-1)?.Key;
        if (!isMore || after === undefined) return;
      }
    },
    async keepOnly({ key, batch }, records) {
      const body = JSON.stringify({ ...batch, payload: JSON.stringify({ Records: records }) });
      const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'application/json' });
      await client.send(command).catch(unavailable);
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })).catch(unavailable);
    },
  };
};

/** The event that the function was called with stands in the object as a text: `payload`. */
export const readFailure = (key: string, text: string): StreamFailure => {
  const unreadable = (reason: string): StreamFailure => ({ outcome: 'unreadable', key, reason });
  const record = parse(text);
  if (!isFields(record)) return unreadable('not a JSON object');
  if (typeof record.payload !== 'string') return unreadable('no payload: only S3 as the destination gets one');
  const event = parse(record.payload);
  if (!isFields(event) || !Array.isArray(event.Records)) return unreadable('its payload is no event of a stream');
  if (!event.Records.every(isFields)) return unreadable('its payload holds something that is no record');
  const { payload: _, ...batch } = record;
  return { outcome: 'read', key, records: event.Records as readonly StreamRecord[], batch };
};

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Reported like JSON of another shape; the engine's message would quote it.
    return undefined;
  }
};
