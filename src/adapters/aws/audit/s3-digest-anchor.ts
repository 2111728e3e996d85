/**
 * Remembers the newest audit digest as an object of the archive bucket, where older versions stay: under a retention
 * lock nobody can make the anchor forget.
 */
import { anchorIn, type DigestAnchor } from '../../../audit/digest-anchor.ts';
import { PayhookError } from '../../../core/errors.ts';
import { awsError, isAwsError } from '../errors.ts';
import type { S3Calls } from '../service-calls.ts';

export const ANCHOR_KEY = 'anchor/digests.json';

/** The newest version counts. An anchor that was removed is an error, and not taken for one that never was. */
export const createS3DigestAnchor = (deps: { readonly client: S3Calls; readonly bucket: string }): DigestAnchor => {
  const { client, bucket } = deps;
  const what = `bucket ${bucket}`;
  const broken = (how: string): PayhookError =>
    new PayhookError(
      'audit_unavailable',
      `object ${ANCHOR_KEY} in ${what} ${how}: somebody changed it; look at its older versions`,
    );

  /** Reached only where there is no current version: before the first digest, or after a removal. */
  const hasOlderVersions = async (): Promise<boolean> => {
    const { Versions: versions = [], DeleteMarkers: markers = [] } = await client.listObjectVersions({
      Bucket: bucket,
      Prefix: ANCHOR_KEY,
      MaxKeys: 1,
    });
    return versions.length + markers.length > 0;
  };

  const readText = async (): Promise<string | undefined> => {
    try {
      const { Body: body } = await client.getObject({ Bucket: bucket, Key: ANCHOR_KEY });
      return (await body?.transformToString('utf-8')) ?? '';
    } catch (error) {
      if (!isAwsError(error, 'NoSuchKey')) throw error;
    }
    if (await hasOlderVersions()) throw broken('was removed');
    return undefined;
  };

  return {
    async read() {
      let text: string | undefined;
      try {
        text = await readText();
      } catch (error) {
        throw awsError(error, 'audit_unavailable', what);
      }
      if (text === undefined) return undefined;
      const anchored = anchorIn(text);
      if (anchored === undefined) throw broken('does not hold an audit anchor');
      return anchored;
    },
    async write({ number, hash }) {
      try {
        await client.putObject({
          Bucket: bucket,
          Key: ANCHOR_KEY,
          Body: `${JSON.stringify({ number, hash })}\n`,
          ContentType: 'application/json',
        });
      } catch (error) {
        throw awsError(error, 'audit_unavailable', what);
      }
    },
  };
};
