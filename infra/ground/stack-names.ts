/** The names of the stack: those that functions and command line know too, and those that only the stack needs. */
import { type AwsNames, awsNames } from '../../src/config/aws-names.ts';

export interface StackNames extends AwsNames {
  readonly environmentSuffix: string;
  /** Where stream records go that could not be audited. S3 names hold the account: all accounts of the world share them. */
  readonly failureBucket: (account: string) => string;
  /** CDK's function that empties the buckets of an ephemeral stack before they are removed. */
  readonly bucketCleaner: string;
}

export const stackNames = (suffix: string): StackNames => ({
  ...awsNames(suffix),
  environmentSuffix: suffix,
  failureBucket: (account) => `s3-stream-failures-${account}-${suffix}`,
  bucketCleaner: `lambda-bucket-cleaner-${suffix}`,
});
